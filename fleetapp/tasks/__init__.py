"""What a task is, and its life cycle."""
