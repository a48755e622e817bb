"""Commands about tasks, occasions and the kinds of users and tasks."""
