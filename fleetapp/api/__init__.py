"""What clients see: snapshot, delta, commands, and the model that applies them."""
