"""What the domain decides, told in its own words; no I/O, a few milliseconds."""
