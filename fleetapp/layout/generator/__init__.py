"""Makes believable warehouses: aisles, main lanes, stations, zones, drawing."""

from fleetapp.layout.generator.files import site_files, write_site
from fleetapp.layout.generator.plan import HallPlan, PlanError

__all__ = ["HallPlan", "PlanError", "site_files", "write_site"]
