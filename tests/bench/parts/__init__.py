"""One module per part of the benchmark; each measures one thing and says what it found."""
