"""The event log in Postgres: group commit, cache, snapshots, reading, the library's recorder."""
