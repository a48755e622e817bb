"""Who there is and in which tenants."""
