"""What identity needs beside the log: tokens, passwords, refresh sessions, limited attempts."""
