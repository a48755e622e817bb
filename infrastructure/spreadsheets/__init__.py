"""Spreadsheets from and for people: read in a process of its own that can harm nobody, written so
that no cell does anything.
"""
