"""What tests share: the in-memory log, given/when/then, servers, processes and the HTTP client."""
