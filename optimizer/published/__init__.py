"""Published instances, generators of the published families, and the benchmark protocol."""

from optimizer.published.families import facility_location, two_stage_location
from optimizer.published.library import BestKnown, Entry, find_instances

__all__ = ["BestKnown", "Entry", "facility_location", "find_instances", "two_stage_location"]
