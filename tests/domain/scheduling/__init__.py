"""Shifts, agendas and people."""
