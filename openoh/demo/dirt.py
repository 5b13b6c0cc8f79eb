"""Spoil some rows in the ways in which real extracts are spoilt, so that quarantine has something to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Cells = dict[str, Any]
SHARE = 0.004


def add_dirt(
    people: list[Cells], absence: list[Cells], chance: np.random.Generator
) -> tuple[list[Cells], list[Cells]]:
    """Spoil about four in a thousand rows of each file, in place of the good value; rows keep their places."""
    return _spoil(people, PEOPLE, chance), _spoil(absence, ABSENCE, chance)


def _spoil(
    rows: list[Cells], ways: tuple[Callable[[Cells], Cells], ...], chance: np.random.Generator
) -> list[Cells]:
    spoilt = list(rows)
    # The first row leads everybody; spoiling it would spoil the whole tree and hide the other faults.
    for position in range(1, len(rows)):
        if chance.random() < SHARE:
            spoilt[position] = ways[int(chance.integers(len(ways)))](rows[position])
    return spoilt


def _with(**cells: str) -> Callable[[Cells], Cells]:
    return lambda row: row | cells


PEOPLE = (
    _with(birth_date="31/02/1980"),
    _with(birth_date="01/01/1890"),
    _with(fte="1.4"),
    _with(kind="wizard"),
    _with(starts_on="01/06/2024", ends_on="01/05/2024"),
    _with(title='=HYPERLINK("x")'),
    lambda row: row | {"manager_number": row["number"]},
)
ABSENCE = (
    _with(started_on="31/02/2025"),
    _with(started_on="10/06/2025", ended_on="01/06/2025"),
    _with(reason="S77"),
    _with(number="NOBODY"),
    _with(started_on=""),
)
