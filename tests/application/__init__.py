"""Commands, through the real dispatcher over a log in memory."""
