"""HTTP and WebSocket interface over `fleetapp.api` (FastAPI)."""
