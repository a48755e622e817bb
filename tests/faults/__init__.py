"""Faults: what was acknowledged is there once, and the system comes back by itself."""
