"""What holds for every instrument and any answers."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import instruments

CATALOGUE = instruments.catalogue()


@st.composite
def answer_sets(draw: st.DrawFn, *, rows: int = 1) -> tuple[instruments.Instrument, list[list[int | None]]]:
    instrument = draw(st.sampled_from(CATALOGUE))
    one = st.tuples(*(st.none() | st.sampled_from(item.allowed) for item in instrument.scored_items))
    complete = st.tuples(*(st.sampled_from(item.allowed) for item in instrument.scored_items))
    return instrument, [
        list(answers) for answers in draw(st.lists(one | complete, min_size=rows, max_size=rows))
    ]


@given(answer_sets())
def test_scores_stay_in_range_and_bands_are_known(
    case: tuple[instruments.Instrument, list[list[Any]]],
) -> None:
    instrument, (answers,) = case
    result = instruments.score(instrument.code, answers)
    if instrument.total is None:
        assert result.total is None
    elif result.total is not None:
        assert instrument.total.minimum <= result.total <= instrument.total.maximum
    for scale in instrument.subscales:
        value = result.subscales[scale.name]
        assert value is None or scale.minimum <= value <= scale.maximum
    verdicts = {verdict.band for verdict in instrument.verdicts}
    bands = {band.name for band in instrument.total.bands} if instrument.total else set()
    assert result.band in verdicts | bands | {None}


@given(answer_sets())
def test_a_complete_answer_set_always_has_its_scores(
    case: tuple[instruments.Instrument, list[list[Any]]],
) -> None:
    instrument, (answers,) = case
    result = instruments.score(instrument.code, answers)
    if not result.missing:
        assert (result.total is None) == (instrument.total is None)
        assert None not in result.subscales.values()
        assert None not in result.criteria.values()


@given(answer_sets(rows=5))
def test_a_table_equals_its_rows(case: tuple[instruments.Instrument, list[list[Any]]]) -> None:
    instrument, rows = case
    table = instruments.score_many(instrument.code, np.array(rows, dtype=object))
    assert [table.row(index) for index in range(len(rows))] == [
        instruments.score(instrument.code, answers) for answers in rows
    ]
    assert table.scored.tolist() == [table.row(index).total is not None for index in range(len(rows))]


@given(answer_sets(), st.data())
def test_a_flag_never_goes_away_when_an_answer_rises(
    case: tuple[instruments.Instrument, list[list[Any]]], data: st.DataObject
) -> None:
    instrument, (answers,) = case
    before = instruments.score(instrument.code, answers)
    position = data.draw(st.integers(0, len(answers) - 1))
    raised = [*answers]
    raised[position] = instrument.items[position].allowed[-1]
    after = instruments.score(instrument.code, raised)
    for flag in instrument.flags:
        assert flag.code not in before.flags or flag.code in after.flags


@given(st.lists(st.integers(0, 3) | st.none(), min_size=9, max_size=9))
def test_silence_on_self_harm_is_never_read_as_no(answers: list[int | None]) -> None:
    flags = instruments.score("PHQ-9", answers).flags
    assert (flags == ()) == (answers[8] == 0)


@given(
    st.lists(st.integers(0, 3), min_size=9, max_size=9), st.lists(st.integers(0, 3), min_size=9, max_size=9)
)
def test_change_is_antisymmetric(before: list[int], after: list[int]) -> None:
    there, back = instruments.change("PHQ-9", before, after), instruments.change("PHQ-9", after, before)
    assert there.difference == -back.difference
    assert (there.reliable, there.important) == (back.reliable, back.important)
    assert {there.direction, back.direction} in ({"improved", "worsened"}, {"unchanged"})
