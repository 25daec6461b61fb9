"""Makes believable warehouses: aisles, main lanes, stations, zones, drawing."""

from fleetapp.layout.generator.files import drawn_files, site_files, write_site
from fleetapp.layout.generator.plan import HallPlan, PlanError

__all__ = ["HallPlan", "PlanError", "drawn_files", "site_files", "write_site"]
