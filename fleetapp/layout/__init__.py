"""Sites: roadmap, zones, stations; import, checks, generator."""

from fleetapp.layout.roadmap import RoadMap, build_roadmaps
from fleetapp.layout.site import Site, SiteError, load_site

__all__ = ["RoadMap", "Site", "SiteError", "build_roadmaps", "load_site"]
