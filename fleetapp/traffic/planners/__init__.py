"""Which way to go: pure searches over a road map, bounded by node expansions."""
