"""What the screen knows, as Qt objects."""
