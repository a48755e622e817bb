"""Units, people, and shifts with their assignments, as the Scheduler lists them."""
