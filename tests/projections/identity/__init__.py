"""Accounts, tenants and members."""
