"""What a robot is, as the core knows it."""
