"""The ``opstream`` command, as people type it."""
