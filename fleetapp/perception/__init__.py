"""When a recognition is sure enough to act on."""
