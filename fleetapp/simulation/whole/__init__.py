"""The whole system in virtual time: core, sessions, robots and a network that misbehaves."""
