"""Which robot takes which task; charging and parking."""
