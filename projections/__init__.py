"""What can be asked: one file per read model, holding its tables, its projector and its queries."""
