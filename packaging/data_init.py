"""Maps and assets of fleetapp, as data."""
