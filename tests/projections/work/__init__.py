"""Read models of tasks and occasions."""
