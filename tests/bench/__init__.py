"""The benchmark: opstream and two honest peers on one Postgres, driven in turn by one load.
`main` is the command, `systems` says what a benched system is, `*_peer` are the peers themselves.
"""
