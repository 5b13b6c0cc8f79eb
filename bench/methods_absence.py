"""Merging and splitting by month of a million spells, beside a NumPy sort of the same rows."""

import time
from collections.abc import Callable

import numpy as np

from openoh.methods import absence

SPELLS = 1_000_000
LIMIT = 3
ROUNDS = 3


def best_of(call: Callable[[], object]) -> float:
    """The shortest of a few runs, in seconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    random = np.random.default_rng(0)
    person = random.integers(0, SPELLS // 4, SPELLS)
    start = np.datetime64("2022-01-01", "D") + random.integers(0, 3 * 365, SPELLS)
    end = start + np.minimum(random.geometric(0.1, SPELLS), 300) - 1
    end[random.random(SPELLS) < 0.005] = np.datetime64("NaT")

    def ours() -> absence.MonthTable:
        merged = absence.merge_spells_many(person, start, end)
        return absence.split_by_month(merged.start, merged.end, upto="2024-12-31")

    ratio = best_of(ours) / best_of(lambda: np.lexsort((end, start, person)))
    print(f"merge and month split of 1,000,000 spells / numpy sort: ratio {ratio:.2f} (limit {LIMIT})")


if __name__ == "__main__":
    main()
