"""What was worked, what it cost, what was staffed, and what was answered and overridden."""
