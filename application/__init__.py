"""What can be done: one async function per command, and the dispatcher that stores its events."""
