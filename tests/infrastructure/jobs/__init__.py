"""Slots, and what became of them."""
