"""The machine that tries to break the fleet: whole shifts with faults, in virtual time."""
