"""Fleet manager for the mobile robots of a warehouse."""
