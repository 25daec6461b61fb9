"""Virtual robots: they know the wire and the floor, and nothing of the fleet manager."""
