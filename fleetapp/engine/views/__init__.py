"""From the core's state to what clients see. Words are made here and nowhere else."""
