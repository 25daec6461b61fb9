"""What the fleet decides: messages in, decisions out, nothing else."""
