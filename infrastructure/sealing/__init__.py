"""Signed checkpoints of the event log and the audit trail: what was true when they were made can't
be changed later without being found.
"""
