"""The EventFlow contract, as its clients see it."""
