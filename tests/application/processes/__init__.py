"""Processes, by given/when/then."""
