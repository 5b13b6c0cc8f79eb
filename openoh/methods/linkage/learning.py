"""What the data teach about the fields: how often each level of agreement is reached by one person's
records and by two persons' (expectation maximisation over patterns of agreement; Winkler 1988, Fellegi and
Sunter 1969)."""

import math
from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openoh.methods.linkage.levels import FieldModel, Model, case_of
from openoh.methods.linkage.records import Records
from openoh.methods.linkage.rules import LinkageRules

Block = tuple[int, ...]
Floats = NDArray[np.float64]

_LEAST = 1e-6
"""No probability is taken for impossible because the data didn't show it."""
_ROUNDS = 50
_SETTLED = 1e-5


def learn(
    model: Model, sides: tuple[Records, ...], blocks: list[Block], connection: Any, rules: LinkageRules
) -> Model:
    """The model with what the two tables ``side_l`` and ``side_r`` of the database teach."""
    chance = _patterns(model, connection, _sample(sides, rules), within=len(sides) == 1)
    non_match = [_shares(chance, place, np.ones(len(chance[0]))) for place in range(len(model.fields))]
    # Two sessions, so that each field is learnt in one where it isn't the field that brings pairs together.
    sessions = []
    for block in blocks[:2]:
        alike = " AND ".join(f"l.f{place} = r.f{place}" for place in block)
        seen = _patterns(model, connection, alike, within=len(sides) == 1)
        sessions.append((block, _maximise(seen, block, model, non_match)))
    fields = []
    for place, part in enumerate(model.fields):
        found = [match[place] for block, match in sessions if place not in block]
        match = np.mean(found, axis=0) if found else np.array([level.match for level in part.levels])
        levels = [
            replace(level, match=within_reason(float(m)), non_match=within_reason(float(u)))
            for level, m, u in zip(part.levels, match, non_match[place], strict=True)
        ]
        fields.append(replace(part, levels=tuple(levels)))
    pairs = number_of_pairs(sides)
    most = min(map(len, sides)) * (rules.largest_group if len(sides) == 1 else 1)
    expected = min(_expected_matches(tuple(fields), sides, pairs), most)
    return Model(within_reason(expected / pairs), tuple(fields))


def number_of_pairs(sides: tuple[Records, ...]) -> int:
    """All pairs across two sides, or within one."""
    size = len(sides[0])
    return max(size * len(sides[1]) if len(sides) == 2 else size * (size - 1) // 2, 1)


def pairs_that_agree(sides: tuple[Records, ...], block: Block) -> int:
    """How many pairs have the same values, none missing, in all fields of a block."""
    counts = [
        Counter(values for row in side.rows if None not in (values := tuple(row[place] for place in block)))
        for side in sides
    ]
    if len(counts) == 1:
        return sum(count * (count - 1) // 2 for count in counts[0].values())
    return sum(count * counts[1][values] for values, count in counts[0].items())


def within_reason(probability: float) -> float:
    return min(max(probability, _LEAST), 1 - _LEAST)


def _sample(sides: tuple[Records, ...], rules: LinkageRules) -> str:
    """A condition that picks some records of each side, evenly, so that about `training_pairs` pairs
    result."""
    share = math.sqrt(rules.training_pairs / number_of_pairs(sides))
    step = max(round(1 / share), 1)
    return f"l.unique_id % {step} = 0 AND r.unique_id % {step} = {step // 2}"


def _patterns(
    model: Model, connection: Any, condition: str, *, within: bool
) -> tuple[NDArray[np.int64], Floats]:
    """The patterns of agreement (pattern x field, -1 = missing) of the pairs that meet a condition, and how
    often each occurs."""
    cases = ", ".join(case_of(part, "l.{}", "r.{}") for part in model.fields)
    right = "side_l" if within else "side_r"
    once = " AND l.unique_id < r.unique_id" if within else ""
    query = f"SELECT {cases}, count(*) FROM side_l l JOIN {right} r ON {condition}{once} GROUP BY ALL"
    rows = connection.execute(query).fetchall()
    table = np.array([[-1 if value is None else value for value in row] for row in rows], dtype=np.int64)
    table = table.reshape(-1, len(model.fields) + 1)
    order = np.lexsort(table.T)  # the database returns groups in any order; sums must not depend on it
    return table[order, :-1], table[order, -1].astype(float)


def _shares(seen: tuple[NDArray[np.int64], Floats], place: int, weights: Floats) -> Floats:
    """The share of each level among the pairs where the field is filled in, half a pair added to each
    level."""
    patterns, counts = seen
    filled = patterns[:, place] >= 0
    tally = np.bincount(patterns[filled, place], (weights * counts)[filled], minlength=4) + 0.5
    return np.asarray(tally / tally.sum())


def _maximise(
    seen: tuple[NDArray[np.int64], Floats], block: Block, model: Model, non_match: list[Floats]
) -> list[Floats]:
    """The shares of levels among pairs of one person, for the fields outside `block`."""
    patterns, counts = seen
    places = [place for place in range(len(model.fields)) if place not in block]
    match = [np.array([level.match for level in part.levels]) for part in model.fields]
    share = 0.5
    for _ in range(_ROUNDS):
        odds = np.full(len(counts), math.log(share / (1 - share)))
        for place in places:
            ratio = np.append(np.log(match[place] / non_match[place]), 0.0)
            odds += ratio[patterns[:, place]]  # -1, missing, takes the last: nothing for or against
        belief = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        before, share = share, within_reason(float(belief @ counts / counts.sum()))
        for place in places:
            match[place] = _shares(seen, place, belief)
        if abs(share - before) < _SETTLED:
            break
    return match


def _expected_matches(fields: tuple[FieldModel, ...], sides: tuple[Records, ...], pairs: int) -> float:
    """How many pairs are one person: from those that agree in two telling fields, chance agreement taken off,
    and the share of true pairs that do so (both filled in, and both the same)."""
    telling = sorted(range(len(fields)), key=lambda place: fields[place].levels[0].non_match)[:3]
    filled = [
        math.prod(
            sum(row[place] is not None for row in side.rows) / len(side) for side in (*sides, *sides)[:2]
        )
        for place in range(len(fields))
    ]
    agreeing = share = 0.0
    for one, other in combinations(telling, 2):
        both = filled[one] * filled[other]
        exact = fields[one].levels[0], fields[other].levels[0]
        by_chance = pairs * both * exact[0].non_match * exact[1].non_match
        agreeing += max(pairs_that_agree(sides, (one, other)) - by_chance, 0.0)
        share += both * exact[0].match * exact[1].match
    return max(agreeing, 1.0) / share if share else 1.0
