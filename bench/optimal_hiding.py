"""The cheapest hiding there is, by constraint programming (OR-Tools): for comparison on small tables only."""

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from openoh.methods.disclosure.published import Parents, read_counts, split_parents


def optimal_cost(
    table: NDArray[np.int64],
    costs: NDArray[np.float64],
    primary: NDArray[np.bool_],
    *,
    parents: Parents = None,
    seconds: float = 20.0,
    reach: int = 2,
) -> float:
    """The least sum of `costs` over the entries hidden besides `primary`, such that each primary entry can
    change.

    One binary per entry (hidden or not) and, for each primary entry, one change of the whole table that
    touches hidden entries only, leaves no count below 0 and moves that entry; changes are at most `reach`
    per cell.
    """
    counts = read_counts(table)
    rows, columns = split_parents(parents, (counts.shape[0], counts.shape[1]))
    model = cp_model.CpModel()
    hidden = {place: model.new_bool_var(f"hidden {place}") for place in np.ndindex(primary.shape)}
    for place in np.argwhere(primary).tolist():
        model.add(hidden[tuple(place)] == 1)
    for target in map(tuple, np.argwhere(primary).tolist()):
        change = {
            cell: model.new_int_var(-min(reach, int(counts[cell])), reach, f"{target} {cell}")
            for cell in np.ndindex(counts.shape)
        }
        for place in np.ndindex(primary.shape):
            members = [
                change[int(row), int(column)]
                for row in np.flatnonzero(rows.members[place[0]])
                for column in np.flatnonzero(columns.members[place[1]])
            ]
            limit = reach * len(members)
            model.add(sum(members) <= limit * hidden[place])
            model.add(sum(members) >= -limit * hidden[place])
            if place == target:
                up = model.new_bool_var(f"{target} up")
                model.add(sum(members) >= 1).only_enforce_if(up)
                model.add(sum(members) <= -1).only_enforce_if(~up)
    scaled = np.round(costs * 10_000).astype(int)
    model.minimize(sum(int(scaled[place]) * hidden[place] for place in hidden if not primary[place]))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    if solver.solve(model) != cp_model.OPTIMAL:
        raise RuntimeError("The optimal hiding wasn't found in time.")
    return float(solver.objective_value) / 10_000
