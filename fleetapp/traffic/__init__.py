"""Which way to go, who owns which floor, how far a robot may drive."""
