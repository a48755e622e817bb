"""The engines opstream brings along: Postgres and NATS without Docker.

A small supervisor keeps them and our own processes running.
"""
