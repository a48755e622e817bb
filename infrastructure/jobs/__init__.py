"""What a clock starts: which jobs there are and when, and the table of what became of each slot."""
