"""How alike two values are: the levels of agreement of each kind of field, and the weight each carries.

Fellegi and Sunter, "A theory for record linkage", Journal of the American Statistical Association 64, 1969:
a level seen in a share `match` of the pairs of one person and in a share `non_match` of the pairs of two
persons carries the weight log2(match / non_match).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from openoh.methods.linkage.records import Row
from openoh.methods.linkage.rules import LinkageRules

MISSING = "missing"


@dataclass(frozen=True)
class Level:
    """One level of agreement; `condition` is SQL over ``"<field>_l"`` and ``"<field>_r"``."""

    name: str
    condition: str
    match: float
    non_match: float

    @property
    def weight(self) -> float:
        return math.log2(self.match / self.non_match)


@dataclass(frozen=True)
class FieldModel:
    """The levels of one field, best first; `column` is its name in the database."""

    field: str
    column: str
    kind: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Model:
    """What is known of the fields, and how likely two records taken at random are one person."""

    prior: float
    fields: tuple[FieldModel, ...]

    def probability(self, weights: Sequence[float]) -> float:
        """The probability that a pair is one person, from the weights of its fields."""
        weight = math.log2(self.prior / (1 - self.prior)) + math.fsum(weights)
        return 1 / (1 + math.exp2(min(-weight, 1000.0)))


def field_model(field: str, column: str, kind: str, rules: LinkageRules) -> FieldModel:
    """The levels of a field before anything is learnt from data."""
    left, right = (f'"{column}_{side}"' for side in "lr")
    one_slip = f"damerau_levenshtein({left}, {right}) <= 1"
    swapped = f"substr({left}, 1, 4) || substr({left}, 7, 2) || substr({left}, 5, 2) = {right}"
    likeness = f"jaro_winkler_similarity({left}, {right})"
    tests = {
        "date": [
            ("one slip, or day and month swapped", f"({one_slip} OR {swapped})"),
            ("same year", f"substr({left}, 1, 4) = substr({right}, 1, 4)"),
        ],
        "number": [
            ("one slip", f"(length({left}) > 2 AND {one_slip})"),
            ("two slips", f"(length({left}) > 5 AND damerau_levenshtein({left}, {right}) <= 2)"),
        ],
        "text": [
            ("nearly the same", f"{likeness} >= {rules.text_close}"),
            ("similar", f"{likeness} >= {rules.text_similar}"),
        ],
    }
    named = [("same", f"{left} = {right}"), *tests[kind], ("different", "ELSE")]
    levels = tuple(
        Level(name, condition, match, non_match)
        for (name, condition), match, non_match in zip(named, rules.match, rules.non_match, strict=True)
    )
    return FieldModel(field, column, kind, levels)


def agreement(model: Model, left: Row, right: Row) -> list[Level | None]:
    """The level that two records reach in each field; ``None`` where either has no value."""
    import duckdb

    names = [f'? AS "{field.column}_{side}"' for field in model.fields for side in "lr"]
    values = [row[place] for place in range(len(model.fields)) for row in (left, right)]
    cases = [case_of(field, '"{}_l"', '"{}_r"') for field in model.fields]
    # Columns are numbered and values are parameters: nothing of the caller's becomes part of the statement.
    query = f"SELECT {', '.join(cases)} FROM (SELECT {', '.join(names)})"
    with duckdb.connect() as connection:
        reached = connection.execute(query, values).fetchone() or ()
    return [
        None if number is None else field.levels[number]
        for field, number in zip(model.fields, reached, strict=True)
    ]


def case_of(part: FieldModel, left: str, right: str) -> str:
    """SQL that gives the number of the level reached, or null; `left` and `right` are templates of a
    column."""
    names = (f'"{part.column}_l"', f'"{part.column}_r"')
    values = (left.format(part.column), right.format(part.column))
    tests = [f"WHEN {level.condition} THEN {number}" for number, level in enumerate(part.levels[:-1])]
    missing = f"{names[0]} IS NULL OR {names[1]} IS NULL"
    case = f"CASE WHEN {missing} THEN NULL {' '.join(tests)} ELSE {len(tests)} END"
    return case.replace(names[0], values[0]).replace(names[1], values[1])
