"""The relay and the consumers against a real NATS, healthy and not."""
