"""The published contracts, asked over HTTP in this process."""
