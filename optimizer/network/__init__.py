"""The transport network: distances, freight routes, parcel lanes and what they cannot reach."""

from optimizer.network.network import Network, build
from optimizer.network.reach import accepts_cargo, unreachable
from optimizer.network.sailings import sailings

__all__ = ["Network", "accepts_cargo", "build", "sailings", "unreachable"]
