"""Running the read models' folds against Postgres: live, beside the live one, and to compare."""
