"""Whole stories, through HTTP, with the processes that production has."""
