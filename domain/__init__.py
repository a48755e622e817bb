"""What is true: one folder per context, one file per aggregate, its rules beside it."""
