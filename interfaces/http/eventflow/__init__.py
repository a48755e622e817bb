"""EventFlow's contract: tasks, eligibility, workflows."""
