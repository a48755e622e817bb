"""What can be asked about tasks, occasions, and the kinds of users and tasks."""
