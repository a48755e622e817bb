"""Read models of workflows."""
