"""Sites: roadmap, zones, stations; import, checks, generator."""
