"""Virtual robots, and the whole system in virtual time."""
