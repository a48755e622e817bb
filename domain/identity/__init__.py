"""Who may do what: accounts, tenants, memberships, and the roles that name sets of permissions."""
