"""What can be done about tasks, occasions, and the kinds of users and tasks."""
