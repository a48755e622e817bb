"""Accounts, tenants and memberships."""
