"""Messages to people: their words, made from templates, and the ways out of opstream."""
