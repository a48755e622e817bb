"""Who asks: HTTP contracts, workers and the command line."""
