"""The worker process: everything that follows the log, and what a clock starts."""
