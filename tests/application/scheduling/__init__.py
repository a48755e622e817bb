"""The commands of scheduling."""
