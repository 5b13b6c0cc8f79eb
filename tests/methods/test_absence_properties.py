"""What holds for any spells, histories and units."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import absence

ORIGIN = dt.date(2023, 1, 1)
HORIZON = dt.date(2025, 12, 31)

days = st.dates(ORIGIN, dt.date(2025, 6, 30))
lengths = st.integers(0, 90).map(lambda count: dt.timedelta(days=count))
ended = st.tuples(days, lengths).map(lambda pair: (pair[0], pair[0] + pair[1]))
lasting = days.map(lambda start: (start, None))
spell_lists = st.lists(st.one_of(ended, ended, ended, lasting), max_size=8)
ftes = st.sampled_from([0.0, 0.2, 0.5, 0.6, 1.0])
histories = st.dictionaries(days, ftes, max_size=4).map(lambda later: [*({ORIGIN: 1.0} | later).items()])


def covered(spells: list[Any]) -> set[dt.date]:
    return {
        start + dt.timedelta(days=step)
        for start, end in spells
        for step in range(((end or HORIZON) - start).days + 1)
    }


@given(spell_lists, st.booleans())
def test_merging_twice_changes_nothing(spells: list[Any], join: bool) -> None:
    once = absence.merge_spells(spells, join_next_day=join)
    assert absence.merge_spells(once, join_next_day=join) == once


@given(spell_lists.flatmap(lambda spells: st.tuples(st.just(spells), st.permutations(spells))), st.booleans())
def test_merging_ignores_order_and_repeats(pair: tuple[list[Any], list[Any]], join: bool) -> None:
    spells, shuffled = pair
    expected = absence.merge_spells(spells, join_next_day=join)
    assert absence.merge_spells(shuffled + spells, join_next_day=join) == expected


@given(spell_lists)
def test_merged_spells_cover_the_same_days_once(spells: list[Any]) -> None:
    merged = absence.merge_spells(spells)
    assert covered(merged) == covered(spells)
    assert sum(spell.days_by(HORIZON) for spell in merged) == len(covered(spells))


@given(st.lists(spell_lists, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_columns_merge_as_the_plain_form(people: list[list[Any]], join: bool, by_name: bool) -> None:
    rows = [(index, *spell) for index, spells in enumerate(people) for spell in spells]
    label = (lambda index: f"P{index}") if by_name else (lambda index: 10_000_000 * index - 5)
    table = absence.merge_spells_many(
        [label(row[0]) for row in rows],
        np.array([row[1] for row in rows], dtype="datetime64[D]"),
        np.array([row[2] for row in rows], dtype="datetime64[D]"),
        join_next_day=join,
    )
    ours = list(zip(table.person.tolist(), table.start.tolist(), table.end.tolist(), strict=True))
    assert ours == [
        (label(index), *spell)
        for index, spells in enumerate(people)
        for spell in absence.merge_spells(spells, join_next_day=join)
    ]


@given(st.lists(st.tuples(ended | lasting, histories), min_size=1, max_size=5), days)
def test_columns_give_the_fte_days_of_the_plain_form(people: list[Any], upto: dt.date) -> None:
    table = absence.fte_days_many(
        range(len(people)),
        np.array([spell[0] for spell, _ in people], dtype="datetime64[D]"),
        np.array([spell[1] for spell, _ in people], dtype="datetime64[D]"),
        history_person=[index for index, (_, history) in enumerate(people) for _ in history],
        history_since=np.array(
            [since for _, history in people for since, _ in history], dtype="datetime64[D]"
        ),
        history_fte=[fte for _, history in people for _, fte in history],
        upto=upto,
    )
    ours = list(zip(table.row.tolist(), table.month.tolist(), table.days.tolist(), strict=True))
    expected = [
        (index, month, value)
        for index, (spell, history) in enumerate(people)
        for month, value in absence.fte_days(spell, history, upto=upto).items()
    ]
    assert [entry[:2] for entry in ours] == [entry[:2] for entry in expected]
    assert [entry[2] for entry in ours] == pytest.approx([entry[2] for entry in expected])


@given(ended | lasting, histories, days)
def test_fte_days_are_the_sum_over_days(spell: Any, history: list[Any], upto: dt.date) -> None:
    found = absence.fte_days(spell, history, upto=upto)
    by_hand: dict[dt.date, float] = {}
    day = spell[0]
    while day <= min(spell[1] or upto, upto):
        in_force = max(entry for entry in history if entry[0] <= day)[1]
        month = day.replace(day=1)
        by_hand[month] = by_hand.get(month, 0) + in_force
        day += dt.timedelta(days=1)
    assert found == pytest.approx(by_hand)


@given(ended, st.integers(0, 90), histories)
def test_a_rate_is_the_same_however_employment_is_split(spell: Any, cut: int, history: list[Any]) -> None:
    employed = (ORIGIN, HORIZON)
    middle = ORIGIN + dt.timedelta(days=cut)
    halves = [(ORIGIN, middle), (middle + dt.timedelta(days=1), HORIZON)]
    lost = sum(absence.fte_days(spell, history, upto=HORIZON).values())
    whole = sum(absence.fte_days(employed, history, upto=HORIZON).values())
    split = [sum(absence.fte_days(half, history, upto=HORIZON).values()) for half in halves]
    one, two = absence.rate(lost, whole), absence.rate([lost, 0], split)
    assert one == pytest.approx(two)


@given(spell_lists, days, st.integers(1, 800))
def test_bradford_counts_what_lies_in_the_window(spells: list[Any], as_of: dt.date, window: int) -> None:
    found = absence.bradford(spells, as_of=as_of, days=window)
    inside = {day for day in covered(spells) if found.since <= day <= as_of}
    assert found.days == len(inside)
    assert found.factor == found.spells**2 * found.days
    assert found.spells <= len(spells)


units = st.lists(
    st.tuples(st.floats(0.0, 100.0), st.floats(1.0, 1e6)).map(
        lambda pair: (pair[0] / 100 * pair[1], pair[1])
    ),
    min_size=1,
    max_size=20,
)


@given(units, st.booleans())
def test_quartile_gain_is_never_negative_and_adds_up(cases: list[Any], weighted: bool) -> None:
    lost, available = zip(*cases, strict=True)
    found = absence.quartile_gain(lost, available, hours_per_fte=7.5, weighted=weighted)
    assert all(unit.gain >= 0 for unit in found.units)
    assert found.gain == pytest.approx(sum(unit.gain for unit in found.units))
    assert found.gain <= sum(lost) + 1e-6
    rates = [unit.rate or 0.0 for unit in found.units]
    assert min(rates) - 1e-9 <= found.target_rate <= max(rates) + 1e-9


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=20))
def test_equal_weights_give_the_ordinary_percentile(rates: list[float]) -> None:
    lost, available = [rate * 10 for rate in rates], [1_000.0] * len(rates)
    found = absence.quartile_gain(lost, available, hours_per_fte=1, weighted=True)
    assert found.target_rate == pytest.approx(float(np.percentile(rates, 25)), abs=1e-9)
