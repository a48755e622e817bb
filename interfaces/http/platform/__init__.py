"""What operators and other services ask, whatever the contract: health, metrics, public keys."""
