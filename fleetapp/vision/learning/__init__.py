"""Learning to see packages: runs with torch and numpy alone, on a CPU or an accelerator."""
