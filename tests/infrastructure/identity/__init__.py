"""What identity keeps beside the log, on real tables and files."""
