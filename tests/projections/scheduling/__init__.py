"""Units, people, shifts and assignments."""
