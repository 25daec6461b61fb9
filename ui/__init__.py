"""The operator desktop: Qt Widgets over `fleetapp.api`."""
