"""The ``opstream`` command."""
