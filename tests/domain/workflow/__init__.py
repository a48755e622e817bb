"""Graphs, templates and instances."""
