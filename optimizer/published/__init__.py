"""Published instances, generators of the published families, and the benchmark protocol."""

from optimizer.published.alliance_family import ALLIANCE_SIZES, alliance_problem
from optimizer.published.families import facility_location, two_stage_location
from optimizer.published.library import BestKnown, Entry, find_instances

__all__ = [
    "ALLIANCE_SIZES",
    "BestKnown",
    "Entry",
    "alliance_problem",
    "facility_location",
    "find_instances",
    "two_stage_location",
]
