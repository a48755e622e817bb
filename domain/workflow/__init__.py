"""Workflows: templates drawn as directed acyclic graphs, and the instances that run from them."""
