"""The audit trail: who did what to which thing, what it was before and after, sealed by a chain of
hashes. Its rows are written once, by a consumer of the event stream.
"""
