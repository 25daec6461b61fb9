"""The same interface from the other side."""
