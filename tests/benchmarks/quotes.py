"""How long a million parcel quotes and all options of the largest scenario take, on one thread.

Protocol: `taskset -c 0 python tests/benchmarks/quotes.py`; processor time of one process, best of three,
seed 1, cards and surcharges of the shipped scenario at twelve dates; all options also once cold.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from optimizer.costing.direct import direct_table
from optimizer.costing.options import price
from optimizer.costing.parcels import parcel_tariffs, quote_parcels
from optimizer.costing.rate_cards import rate_book
from optimizer.costing.surcharges import Traits, surcharge_book
from optimizer.costing.validity import pricing_dates
from optimizer.network import build
from optimizer.scenario import load

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "eu_us_alliance.toml"
QUOTES = 1_000_000


def best_of_three(work: Callable[[], object]) -> float:
    """Return the least processor time of three runs, in seconds."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    instance = load(SCENARIO)
    network = build(instance)
    start = time.process_time()
    options = len(price(instance, network).option_row)
    cold = time.process_time() - start
    warm = best_of_three(lambda: price(instance, network))
    print(f"{options:,} options of the scenario: {cold:.2f} s cold, {warm:.2f} s warm")
    dates = np.arange("2026-01", "2027-01", dtype="datetime64[M]").astype("datetime64[D]")
    rates = rate_book(instance, dates)
    extra = surcharge_book(instance, rates)
    random = np.random.default_rng(1)
    card, zone, epoch = np.nonzero(rates.block >= 0)
    pick = random.choice(np.flatnonzero(epoch == rates.epoch[0]), QUOTES)
    date = random.integers(0, len(dates), QUOTES)
    weight, volume = random.uniform(0.05, 20, QUOTES), random.uniform(100, 60_000, QUOTES)
    traits = Traits(random.random(QUOTES) < 0.1, random.random(QUOTES) < 0.1, random.uniform(5, 150, QUOTES))
    seconds = best_of_three(
        lambda: quote_parcels(rates, extra, card[pick], zone[pick], date, weight, volume, traits)
    )
    print(f"{QUOTES:,} quotes: {seconds:.2f} s")
    lanes = network.direct_lanes
    days = pricing_dates(instance["periods"])
    print(f"tariffs prepared: {best_of_three(lambda: parcel_tariffs(instance, days)):.2f} s")
    tariffs = parcel_tariffs(instance, days)
    seconds = best_of_three(lambda: direct_table(instance, lanes, tariffs))
    print(f"{len(direct_table(instance, lanes, tariffs)):,} direct options: {seconds:.2f} s")


if __name__ == "__main__":
    main()
