"""What every context speaks of: aggregates, events, failures, the moment, ids, periods."""
