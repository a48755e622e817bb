"""Work: tasks, the occasions they belong to, and who may do what about which kind of task."""
