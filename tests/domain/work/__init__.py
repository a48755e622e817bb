"""Tasks, and who may do what about them."""
