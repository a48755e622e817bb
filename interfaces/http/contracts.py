"""The names of the published contracts: all that is to be known of them before they are loaded."""

NAMES = ("scheduler", "eventflow", "platform")
