"""Scan 2,000 teams x 25 reasons x 36 months with 999 permutations: seconds taken over the 10 allowed."""

import time

import numpy as np

from openoh.methods import signals

TEAMS, REASONS, MONTHS, PERMUTATIONS = 2_000, 25, 36, 999
ALLOWED_SECONDS = 10.0


def main() -> None:
    generator = np.random.default_rng(1)
    headcount = generator.integers(5, 40, TEAMS)
    counts = generator.poisson(0.05 * headcount[None, :, None] / REASONS, (MONTHS, TEAMS, REASONS))
    counts[-3:, 7, 4] += 4
    teams = [f"team {number}" for number in range(TEAMS)]
    parent: dict[object, object | None] = {team: f"department {i // 10}" for i, team in enumerate(teams)}
    parent |= {f"department {i}": f"directorate {i // 10}" for i in range(TEAMS // 10)}
    parent |= {f"directorate {i}": "organisation" for i in range(TEAMS // 100)} | {"organisation": None}
    started = time.perf_counter()
    found = signals.emerging(
        counts, headcount * np.ones((MONTHS, 1)), groups=teams, parent=parent, permutations=PERMUTATIONS
    )
    taken = time.perf_counter() - started
    if (found[0].where, found[0].reason) != ("team 7", 4):
        raise SystemExit("the planted rise was not found")
    print(f"methods_signals: ratio {taken / ALLOWED_SECONDS:.2f} (limit 1.0)")


if __name__ == "__main__":
    main()
