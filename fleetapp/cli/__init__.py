"""The commands of the `fleetapp` program; the composition root that joins the rooms."""
