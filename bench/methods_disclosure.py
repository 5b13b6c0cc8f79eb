"""How fast tables are protected, and how much is hidden against the optimum. Run: python -m
bench.methods_disclosure

Times are divided by the time allowed on the machine of the project (two cores), hiding by the optimal hiding.
"""

import time

import numpy as np

from bench.optimal_hiding import optimal_cost
from openoh.methods.disclosure import protect
from openoh.methods.disclosure.moves import Board
from openoh.methods.disclosure.protecting import entry_costs
from openoh.methods.disclosure.published import Parents, split_parents
from openoh.methods.disclosure.rules import disclosure_rules

SECONDS_ALLOWED = 2.0
HIDING_ALLOWED = 1.15
# Region x sex of sdcTable's test data (minimum 3); year x grant type of ACRO's charity data (minimum 10);
# size x region of tau-ARGUS's example table (minimum 5), flat and under its hierarchy of regions.
REGIONS = [[2, 18], [19, 14], [10, 12], [14, 11]]
CHARITIES = [[15, 59, 71, 8]] * 6
SIZES = [
    [1, 5, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0],
    [2856, 1657, 624, 293, 676, 2648, 1191, 467, 3866, 363, 3791, 1570, 0],
    [1334, 802, 335, 111, 370, 1014, 546, 303, 1627, 132, 1521, 736, 0],
    [770, 497, 220, 58, 283, 658, 381, 178, 997, 119, 822, 515, 0],
    [744, 527, 155, 46, 152, 572, 331, 127, 799, 100, 666, 375, 0],
    [406, 305, 151, 29, 116, 551, 197, 107, 729, 140, 708, 340, 0],
    [0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
]
PARTS = ["Nr"] * 3 + ["Os"] * 4 + ["Ws"] * 3 + ["Zd"] * 2 + ["unknown"]


def hiding_ratio(table: list[list[int]], threshold: int, parents: Parents = None) -> float:
    """The cost of what we hide over the least cost possible, entries below the threshold apart."""
    counts = np.array(table)
    board = Board(counts, *split_parents(parents, (counts.shape[0], counts.shape[1])))
    costs = entry_costs(board, disclosure_rules())[:-1, :-1]
    primary = (board.values > 0) & (board.values < threshold)
    ours = float(costs[protect(counts, threshold=threshold, parents=parents).hidden & ~primary].sum())
    return ours / optimal_cost(counts, costs, primary, parents=parents, seconds=50)


def slowest_protection() -> float:
    """The longest time for 500 x 30 with two hierarchies, from sparse to dense, in seconds."""
    groups = [f"team {row // 10}" for row in range(500)], [f"reasons {column // 6}" for column in range(30)]
    chance = np.random.default_rng(1)
    times = []
    for people_per_cell in (0.5, 1.5, 3, 8, 12):
        table = chance.poisson(people_per_cell, (500, 30))
        begin = time.perf_counter()
        protect(table, parents=groups)
        times.append(time.perf_counter() - begin)
    return max(times)


def main() -> None:
    ratio = slowest_protection() / SECONDS_ALLOWED
    print(f"protect 500 x 30, two hierarchies, against {SECONDS_ALLOWED:.0f} s: ratio {ratio:.2f} (limit 1)")
    hiding = {
        "regions": hiding_ratio(REGIONS, 3),
        "charities": hiding_ratio(CHARITIES, 10),
        "sizes": hiding_ratio(SIZES, 5),
        "sizes, hierarchy": hiding_ratio(SIZES, 5, (None, PARTS)),
    }
    for name, value in hiding.items():
        print(f"hiding against the optimum, {name}: ratio {value:.3f} (limit {HIDING_ALLOWED})")


if __name__ == "__main__":
    main()
