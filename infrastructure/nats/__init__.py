"""Events on NATS JetStream: the relay that publishes them and the consumers that take them.

NATS is disposable here. Whatever it loses is published again from the log, because every consumer
knows its own position and asks when something is missing.
"""
