"""The Scheduler contract: snake_case, ``?page`` and ``?pageSize``, at the root of the host."""
