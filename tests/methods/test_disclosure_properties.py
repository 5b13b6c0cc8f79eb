"""Properties of disclosure control that hold for any table."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from openoh.methods.disclosure import Protected, attack, bounds, protect, round_to

SIDES = st.integers(1, 7)


@st.composite
def counts(draw: st.DrawFn, largest: int = 14) -> np.ndarray:
    """Tables of people: many zeros, ones and small counts among larger ones."""
    cells = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, largest), st.sampled_from([1, 4, 5, 500]))
    return draw(arrays.arrays(np.int64, st.tuples(SIDES, SIDES), elements=cells))


@st.composite
def tree(draw: st.DrawFn, leaves: int) -> dict | list | None:
    """No hierarchy, one level of groups, or two levels."""
    levels = draw(st.integers(0, 2))
    if not levels:
        return None
    groups = draw(st.lists(st.sampled_from("abc"), min_size=leaves, max_size=leaves))
    if levels == 1:
        return groups
    above = {group: draw(st.sampled_from(["upper x", "upper y"])) for group in sorted(set(groups))}
    return {**dict(enumerate(groups)), **above}


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, dict]:
    table = draw(counts())
    options = {
        "threshold": draw(st.integers(1, 12)),
        "safe_zeros": draw(st.booleans()),
        "parents": (draw(tree(table.shape[0])), draw(tree(table.shape[1]))),
    }
    return table, options


def assert_nothing_can_be_derived(case: tuple[np.ndarray, dict]) -> None:
    table, options = case
    safe = protect(table, **options)
    assert attack(safe) == []
    # What is below the threshold is hidden; what is shown is true.
    members = safe.rows.members @ table @ safe.columns.members.T
    least = 1 if options["safe_zeros"] else 0
    assert safe.hidden[(members >= least) & (members < options["threshold"])].all()
    assert (safe.values == np.where(safe.hidden, 0, members)).all()
    assert set(safe.reasons) == {
        (safe.rows.labels[row], safe.columns.labels[column]) for row, column in np.argwhere(safe.hidden)
    }


@settings(max_examples=100, deadline=None)
@given(counts(), st.integers(1, 12), st.booleans())
def test_every_complementary_entry_is_needed(table: np.ndarray, threshold: int, safe_zeros: bool) -> None:
    """Without a hierarchy, to show any one of them gives a hidden entry away."""
    safe = protect(table, threshold=threshold, safe_zeros=safe_zeros)
    for (row, column), reason in safe.reasons.items():
        if reason == "complementary":
            place = safe.rows.labels.index(row), safe.columns.labels.index(column)
            hidden, values = safe.hidden.copy(), safe.values.copy()
            hidden[place] = False
            values[place] = (safe.rows.members @ table @ safe.columns.members.T)[place]
            assert attack(dataclasses.replace(safe, hidden=hidden, values=values)) != []


@settings(max_examples=250, deadline=None)
@given(tables())
def test_nothing_hidden_by_protect_can_be_derived(case: tuple[np.ndarray, dict]) -> None:
    assert_nothing_can_be_derived(case)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(tables())
def test_nothing_hidden_by_protect_can_be_derived_from_thousands_of_tables(
    case: tuple[np.ndarray, dict],
) -> None:
    assert_nothing_can_be_derived(case)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_without_totals_only_what_is_below_the_threshold_is_hidden(case: tuple[np.ndarray, dict]) -> None:
    table, options = case
    safe = protect(table, totals=False, **options)
    assert attack(safe) == []
    least = 1 if options["safe_zeros"] else 0
    assert (safe.mask == ((table >= least) & (table < options["threshold"]))).all()
    assert safe.loss == 0


@settings(max_examples=200, deadline=None)
@given(counts(), st.integers(1, 12))
def test_hiding_of_the_transposed_table_is_as_dear(table: np.ndarray, threshold: int) -> None:
    one, other = protect(table, threshold=threshold), protect(table.T, threshold=threshold)
    assert attack(one) == attack(other) == []
    assert (one.loss == 0) == (other.loss == 0)


@st.composite
def hidden_anyhow(draw: st.DrawFn) -> tuple[np.ndarray, Protected]:
    """A tiny table with any entries hidden, safe or not, with or without a group of the first two rows."""
    shape = draw(st.sampled_from([(1, 3), (2, 2), (3, 1), (3, 2), (2, 3)]))
    table = draw(arrays.arrays(np.int64, shape, elements=st.integers(0, 2)))
    assume(table.sum() <= 5)
    groups = draw(st.sampled_from([None, ["a"] + ["b"] * (shape[0] - 1)]))
    safe = protect(table, threshold=1, parents=groups)
    hidden = draw(arrays.arrays(np.bool_, safe.hidden.shape))
    values = np.where(hidden, 0, safe.rows.members @ table @ safe.columns.members.T)
    return table, dataclasses.replace(safe, hidden=hidden, values=values)


def possible_tables(seen: Protected, shape: tuple[int, int], largest: int) -> np.ndarray:
    """Every line of every table that shows the same, by trying all tables with cells from 0 to `largest`."""
    all_tables = np.array(list(itertools.product(range(largest + 1), repeat=shape[0] * shape[1])))
    lines = seen.rows.members @ all_tables.reshape(-1, *shape) @ seen.columns.members.T
    return lines[(lines == seen.values)[:, ~seen.hidden].all(axis=1)]


@settings(max_examples=300, deadline=None)
@given(hidden_anyhow())
def test_attack_agrees_with_trying_every_table(case: tuple[np.ndarray, Protected]) -> None:
    table, seen = case
    largest = int(table.sum()) + 1 if table.size < 6 else min(int(table.sum()) + 1, 5)
    fitting = possible_tables(seen, table.shape, largest)
    fixed = (fitting == fitting[0]).all(axis=0) & seen.hidden
    expected = {
        (seen.rows.labels[row], seen.columns.labels[column]): int(fitting[0, row, column])
        for row, column in np.argwhere(fixed)
    }
    assert {found.where: found.value for found in attack(seen)} == expected


@settings(max_examples=150, deadline=None)
@given(hidden_anyhow(), st.data())
def test_bounds_agree_with_trying_every_table(
    case: tuple[np.ndarray, Protected], data: st.DataObject
) -> None:
    table, seen = case
    assume(table.size < 6)
    fitting = possible_tables(seen, table.shape, int(table.sum()) + 1)
    row = data.draw(st.integers(0, len(seen.rows.labels) - 1))
    column = data.draw(st.integers(0, len(seen.columns.labels) - 1))
    found = bounds(seen, seen.rows.labels[row], seen.columns.labels[column])
    assert found.lower == fitting[:, row, column].min()
    if found.upper is None:
        assert fitting[:, row, column].max() > table.sum()
    else:
        assert found.upper == fitting[:, row, column].max()


@given(st.lists(st.integers(0, 10**9), max_size=20), st.integers(1, 1000))
def test_rounding_moves_by_at_most_half_a_base(values: list[int], base: int) -> None:
    rounded = round_to(values, base)
    assert (rounded % base == 0).all()
    assert (2 * np.abs(rounded - np.array(values, dtype=np.int64)) <= base).all()


def test_a_large_table_with_two_hierarchies_is_safe() -> None:
    table = np.random.default_rng(5).poisson(6, (80, 20))
    groups = [f"team {row // 8}" for row in range(80)], [f"group {column // 5}" for column in range(20)]
    safe = protect(table, parents=groups)
    assert attack(safe) == []
    assert safe.loss < safe.mask.size / 4
