"""What can be asked about workflows: templates, and the instances that run from them."""
