"""Absence against published figures, specification tables and the bad-input table."""

import csv
import datetime as dt
import json
import pickle
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from openoh.methods import absence
from tests.outside_data import outside_data


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def rows(*parts: str, delimiter: str = ",") -> list[dict[str, str]]:
    with outside_data(*parts).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def spells(*texts: str) -> list[tuple[dt.date, dt.date | None]]:
    """``"2024-06-01/2024-06-03"`` or, while it lasts, ``"2024-06-01/"``."""
    pairs = [text.split("/") for text in texts]
    return [(day(start), day(end) if end else None) for start, end in pairs]


# Merging

# (spells, joining the next day, expected, why)
MERGING = [
    ([], False, [], "no spells"),
    (["2024-06-01/2024-06-01"], False, ["2024-06-01/2024-06-01"], "one day"),
    (["2024-06-01/2024-06-05", "2024-06-03/2024-06-09"], False, ["2024-06-01/2024-06-09"], "overlap"),
    (
        ["2024-06-01/2024-06-09", "2024-06-03/2024-06-05"],
        False,
        ["2024-06-01/2024-06-09"],
        "one inside the other",
    ),
    (["2024-06-03/2024-06-05", "2024-06-01/2024-06-09"], False, ["2024-06-01/2024-06-09"], "any order"),
    (["2024-06-01/2024-06-05", "2024-06-01/2024-06-05"], False, ["2024-06-01/2024-06-05"], "duplicate"),
    (["2024-06-01/2024-06-05", "2024-06-05/2024-06-09"], False, ["2024-06-01/2024-06-09"], "share one day"),
    (
        ["2024-06-01/2024-06-05", "2024-06-06/2024-06-09"],
        False,
        ["2024-06-01/2024-06-05", "2024-06-06/2024-06-09"],
        "the next day is a new spell",
    ),
    (
        ["2024-06-01/2024-06-05", "2024-06-06/2024-06-09"],
        True,
        ["2024-06-01/2024-06-09"],
        "joined when asked",
    ),
    (
        ["2024-06-01/2024-06-05", "2024-06-07/2024-06-09"],
        True,
        ["2024-06-01/2024-06-05", "2024-06-07/2024-06-09"],
        "a day between is never joined",
    ),
    (["2024-06-01/", "2024-07-01/2024-07-05"], False, ["2024-06-01/"], "a lasting spell swallows later ones"),
    (["2024-06-01/2024-06-05", "2024-06-05/"], False, ["2024-06-01/"], "becomes lasting"),
    (["2024-06-05/", "2024-06-05/2024-06-06", "2024-06-05/"], False, ["2024-06-05/"], "lasting, three times"),
    (
        ["2024-06-01/2024-06-03", "2024-06-10/"],
        False,
        ["2024-06-01/2024-06-03", "2024-06-10/"],
        "an ended spell before a lasting one",
    ),
]


@pytest.mark.parametrize(("given", "join_next_day", "expected", "why"), MERGING)
def test_merging(given: list[str], join_next_day: bool, expected: list[str], why: str) -> None:
    assert absence.merge_spells(spells(*given), join_next_day=join_next_day) == spells(*expected), why
    table = absence.merge_spells_many(
        [1] * len(given),
        np.array([text.split("/")[0] for text in given], dtype="datetime64[D]"),
        np.array([text.split("/")[1] or "NaT" for text in given], dtype="datetime64[D]"),
        join_next_day=join_next_day,
    )
    assert list(zip(table.start.tolist(), table.end.tolist(), strict=True)) == spells(*expected), why


def test_published_merging_case() -> None:
    given = defaultdict(list)
    for row in rows("episodes", "published_small_case.csv"):
        given[row["id"]].append((day(row["start"]), day(row["end"])))
    expected = [
        (row["id"], int(row[".interval_number"]), day(row[".episode_start"]), day(row[".episode_end"]))
        for row in rows("episodes", "published_small_case_expected.csv")
    ]
    ours = [
        (person, number, *spell)
        for person in sorted(given)
        for number, spell in enumerate(absence.merge_spells(given[person]), start=1)
    ]
    assert ours == expected


def test_1560_spells_merge_as_the_reference_does() -> None:
    given = defaultdict(list)
    for row in rows("episodes", "spells.csv"):
        given[row["id"]].append((day(row["start"]), day(row["end"])))
    expected = [
        (row["id"], int(row["n"]), day(row["start"]), day(row["end"]), int(row["days"]))
        for row in rows("episodes", "expected_merged_spells.csv")
    ]
    merged = {person: absence.merge_spells(given[person]) for person in sorted(given)}
    ours = [
        (person, number, spell.start, spell.end, spell.days)
        for person, own in merged.items()
        for number, spell in enumerate(own, start=1)
    ]
    assert ours == expected
    everything = [spell for own in merged.values() for spell in own]
    assert sum(spell.days or 0 for spell in everything) == 16_823
    long_term = [
        absence.is_long_term(spell, as_of=day("2026-01-01"), inclusive=False) for spell in everything
    ]
    assert sum(long_term) == 93
    next_day_pairs = [
        (earlier, later)
        for own in merged.values()
        for earlier, later in pairwise(own)
        if later.start - (earlier.end or later.start) == dt.timedelta(days=1)
    ]
    # The README counts the 40 pairs that were put in on purpose; chance made ten more.
    assert len(next_day_pairs) == 50
    joined = sum(len(absence.merge_spells(given[person], join_next_day=True)) for person in given)
    assert joined == len(everything) - 50


def test_the_columns_merge_as_the_reference_does() -> None:
    given = rows("episodes", "spells.csv")
    table = absence.merge_spells_many(
        [row["id"] for row in given], [row["start"] for row in given], [row["end"] for row in given]
    )
    expected = rows("episodes", "expected_merged_spells.csv")
    assert table.person.tolist() == [row["id"] for row in expected]
    assert table.start.astype(str).tolist() == [row["start"] for row in expected]
    assert table.end.astype(str).tolist() == [row["end"] for row in expected]
    assert len(table) == 1_409


def test_people_may_be_labelled_by_text_of_any_kind() -> None:
    for labels in (["b", "a", "b"], np.array(["b", "a", "b"], dtype=object)):
        table = absence.merge_spells_many(
            labels, ["2024-06-01", "2024-06-02", "2024-06-03"], ["2024-06-03"] * 3
        )
        assert table.person.tolist() == ["a", "b"]


def test_no_columns_merge_to_no_columns() -> None:
    table = absence.merge_spells_many([], [], [])
    assert (len(table), table.person.tolist(), table.end.tolist()) == (0, [], [])


def test_days_of_a_spell() -> None:
    assert absence.Spell(day("2024-02-28"), day("2024-03-01")).days == 3
    lasting = absence.Spell(day("2024-02-28"), None)
    assert lasting.days is None
    assert lasting.days_by(day("2024-02-28")) == 1
    assert lasting.days_by(day("2024-02-27")) == 0


# Days lost

# (spell, history, upto, expected, why)
FTE_DAYS: list[tuple[str, list[tuple[str, float]], str, dict[str, float], str]] = [
    ("2024-06-03/2024-06-14", [("2020-01-01", 0.6)], "2024-06-30", {"2024-06-01": 7.2}, "weekends count"),
    ("2024-06-01/2024-06-30", [("2020-01-01", 0.6)], "2024-06-30", {"2024-06-01": 18.0}, "a month available"),
    (
        "2024-01-30/2024-03-02",
        [("2020-01-01", 1)],
        "2024-12-31",
        {"2024-01-01": 2, "2024-02-01": 29, "2024-03-01": 2},
        "a leap February",
    ),
    (
        "2023-12-30/2024-01-02",
        [("2020-01-01", 0.5)],
        "2024-12-31",
        {"2023-12-01": 1, "2024-01-01": 1},
        "over the new year",
    ),
    (
        "2024-06-10/2024-06-19",
        [("2020-01-01", 1), ("2024-06-15", 0.5)],
        "2024-06-30",
        {"2024-06-01": 5 + 2.5},
        "FTE changes within the month, on its first day",
    ),
    (
        "2024-06-10/2024-06-19",
        [("2024-06-15", 0.5), ("2020-01-01", 1)],
        "2024-06-30",
        {"2024-06-01": 5 + 2.5},
        "history in any order",
    ),
    (
        "2024-06-29/2024-07-02",
        [("2020-01-01", 1), ("2024-07-01", 0.5)],
        "2024-12-31",
        {"2024-06-01": 2, "2024-07-01": 1},
        "FTE changes with the month",
    ),
    ("2024-06-29/", [("2020-01-01", 1)], "2024-07-01", {"2024-06-01": 2, "2024-07-01": 1}, "lasts: to upto"),
    ("2024-06-01/2024-06-30", [("2020-01-01", 1)], "2024-06-03", {"2024-06-01": 3}, "cut at upto"),
    ("2024-06-03/2024-06-30", [("2020-01-01", 1)], "2024-06-03", {"2024-06-01": 1}, "upto is included"),
    ("2024-06-04/2024-06-30", [("2020-01-01", 1)], "2024-06-03", {}, "begins after upto"),
    ("2024-06-01/2024-06-02", [("2024-06-01", 1)], "2024-06-03", {"2024-06-01": 2}, "history from that day"),
    (
        "2024-06-01/2024-06-04",
        [("2024-01-01", 1), ("2024-06-02", 0), ("2024-06-04", 1)],
        "2024-06-30",
        {"2024-06-01": 2},
        "FTE 0 is a break and counts nothing",
    ),
    (
        "2024-06-01/2024-06-02",
        [("2020-01-01", 0.2), ("2021-01-01", 0.4), ("2025-01-01", 1)],
        "2024-06-30",
        {"2024-06-01": 0.8},
        "only what is in force",
    ),
]


@pytest.mark.parametrize(("spell", "history", "upto", "expected", "why"), FTE_DAYS)
def test_fte_days(
    spell: str, history: list[tuple[str, float]], upto: str, expected: dict[str, float], why: str
) -> None:
    (one,) = spells(spell)
    plain = absence.fte_days(one, [(day(since), fte) for since, fte in history], upto=day(upto))
    assert plain == pytest.approx({day(month): days for month, days in expected.items()}), why
    table = absence.fte_days_many(
        ["nurse"],
        np.array([one[0]], dtype="datetime64[D]"),
        np.array([one[1]], dtype="datetime64[D]"),
        history_person=["nurse"] * len(history),
        history_since=[since for since, _ in history],
        history_fte=[fte for _, fte in history],
        upto=day(upto),
    )
    assert dict(zip(table.month.tolist(), table.days.tolist(), strict=True)) == plain, why


def test_months_of_many_spells_keep_their_rows() -> None:
    table = absence.split_by_month(
        ["2024-06-29", "2024-07-10", "2024-06-01"], ["2024-07-02", "2024-07-11", "NaT"], upto="2024-07-05"
    )
    assert table.row.tolist() == [0, 0, 2, 2]
    assert table.month.astype(str).tolist() == ["2024-06-01", "2024-07-01", "2024-06-01", "2024-07-01"]
    assert table.days.tolist() == [2, 2, 30, 5]
    assert len(table) == 4


def test_fte_of_one_person_is_never_another_s() -> None:
    table = absence.fte_days_many(
        [5, 2, 5],
        ["2024-06-01", "2024-06-01", "2023-01-01"],
        ["2024-06-10", "2024-06-10", "2023-01-02"],
        history_person=[5, 2, 5, 2],
        history_since=["2024-01-01", "2023-06-01", "2022-01-01", "2024-06-06"],
        history_fte=[1, 0.5, 0.25, 0.2],
        upto="2024-12-31",
    )
    assert table.row.tolist() == [0, 1, 2]
    assert table.days == pytest.approx([10, 5 * 0.5 + 5 * 0.2, 0.5])


# Rates


def test_every_published_rate_of_3394_organisation_months() -> None:
    published = rows("nhs-sickness-absence", "nhs_sickness_by_organisation_2024-04_2025-03.csv")
    assert len(published) == 3_394
    for row in published:
        ours = absence.rate(float(row["FTE_DAYS_LOST"]), float(row["FTE_DAYS_AVAILABLE"]))
        assert ours is not None
        assert ours == pytest.approx(float(row["SICKNESS_ABSENCE_RATE_PERCENT"]), abs=0.005_001), row[
            "ORG_CODE"
        ]


def test_england_is_the_sum_of_its_organisations() -> None:
    lost, available = defaultdict(list), defaultdict(list)
    for row in rows("nhs-sickness-absence", "nhs_sickness_by_organisation_2024-04_2025-03.csv"):
        date, month, year = row["DATE"].split("/")
        lost[f"{year}-{month}-{date}"].append(float(row["FTE_DAYS_LOST"]))
        available[f"{year}-{month}-{date}"].append(float(row["FTE_DAYS_AVAILABLE"]))
    england = {
        row["date"]: float(row["sickness_absence_rate_percent"])
        for row in rows("nhs-sickness-absence", "nhs_england_monthly_rate_2009-04_2025-10.csv")
    }
    ours = {month: round(absence.rate(lost[month], available[month]) or 0, 2) for month in lost}
    assert len(ours) == 12
    assert ours == {month: england[month] for month in ours}


def test_reason_shares_of_england() -> None:
    month = {
        row["REASON"]: float(row["FTE_DAYS_LOST"])
        for row in rows("nhs-sickness-absence", "nhs_sickness_by_reason_2024-02_2025-02.csv")
        if row["DATE"] == "2024-02-29"
    }
    labels = absence.reason_labels()
    assert sorted(month) == sorted(f"{code} {label}" for code, label in labels.items())
    found = absence.reason_shares(month)
    assert sum(share or 0 for share in found.shares.values()) == pytest.approx(100)
    largest = max(found.shares, key=lambda reason: found.shares[reason] or 0)
    assert largest.startswith("S10 ")
    assert found.total == pytest.approx(sum(month.values()))
    unknown = [lost for reason, lost in month.items() if reason[:3] in {"S98", "S99"}]
    assert found.unknown_share == pytest.approx(100 * sum(unknown) / sum(month.values()))
    assert found.rule_version == "esr-reasons/1"


def test_shares_of_nothing_are_unknown() -> None:
    found = absence.reason_shares({"S10": 0, "S11": 0})
    assert (found.shares, found.unknown_share) == ({"S10": None, "S11": None}, None)


def test_courier_absences_by_reason_in_hours() -> None:
    with outside_data("absence-surveys", "uci_absenteeism_at_work.csv").open() as file:
        records = list(csv.DictReader(file, delimiter=";"))
    hours: dict[str, float] = defaultdict(float)
    for record in records:
        hours[record["Reason for absence"]] += float(record["Absenteeism time in hours"])
    found = absence.reason_shares(hours)
    assert found.total == 5_124
    assert found.shares["13"] == pytest.approx(100 * 842 / 5_124)
    spells_of_3 = [record for record in records if record["ID"] == "3"]
    assert absence.bradford_factor(len(spells_of_3), 1) == len(spells_of_3) ** 2


# (lost, available, basis, expected, why)
RATES: list[tuple[Any, Any, str, float | None, str]] = [
    (7.2, 18.0, "fte_days", 40.0, "0.6 FTE, twelve days of June"),
    ([1, 0], [10, 90], "fte_days", 1.0, "added up before dividing, not the mean of 10 and 0"),
    (0, 30, "fte_days", 0.0, "nobody ill"),
    (0, 0, "fte_days", None, "nobody employed"),
    ([0, 0], [0, 0], "fte_days", None, "nobody employed anywhere"),
    (38, 1_000, "hours", 3.8, "police hours"),
]


@pytest.mark.parametrize(("lost", "available", "basis", "expected", "why"), RATES)
def test_rate(lost: Any, available: Any, basis: str, expected: float | None, why: str) -> None:
    found = absence.rate(lost, available, basis=basis)
    assert found == (None if expected is None else pytest.approx(expected)), why


def test_hours() -> None:
    assert round(absence.contracted_hours(37.5, months=1), 2) == 163.06
    assert absence.contracted_hours(37.5).rule_version == "absence/nhs-scotland@1"
    assert absence.contracted_hours(37.5) == absence.contracted_hours(37.5, months=1)
    assert absence.contracted_hours(37.5, months=12) == pytest.approx(37.5 * 52.179)
    assert absence.hours_lost_per_person(7_150, 100) == 71.5
    assert absence.hours_lost_per_person(0, 0) is None


# Patterns


def published_bradford() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(outside_data("exposure", "bradford_published.json").read_text())
    return cases


@pytest.mark.parametrize("case", published_bradford(), ids=lambda case: case["case"])
def test_published_bradford_factors(case: dict[str, Any]) -> None:
    assert absence.bradford_factor(case["spells"], case["days"]) == case["bradford"]
    own, start = [], day("2024-01-01")
    for days in case["spell_days"]:
        own.append((start, start + dt.timedelta(days=days - 1)))
        start += dt.timedelta(days=days + 7)
    found = absence.bradford(own, as_of=day("2024-12-30"))
    assert (found.spells, found.days, found.factor) == (case["spells"], case["days"], case["bradford"])


# (spells, as of, days, expected spells, expected days, why)
BRADFORD = [
    (["2024-01-01/2024-01-01"], "2024-12-30", 365, 1, 1, "the first day of the window is in"),
    (["2024-01-01/2024-01-01"], "2024-12-31", 365, 0, 0, "a day later it is out"),
    (["2023-12-28/2024-01-03"], "2024-12-30", 365, 1, 3, "only the days inside"),
    (["2024-12-30/2025-01-09"], "2024-12-30", 365, 1, 1, "the future is left out"),
    (["2024-12-31/2025-01-09"], "2024-12-30", 365, 0, 0, "begins in the future"),
    (["2024-12-21/"], "2024-12-30", 365, 1, 10, "still lasts"),
    (["2024-06-01/2024-06-05", "2024-06-04/2024-06-06"], "2024-12-30", 365, 1, 6, "overlap counts once"),
    (["2024-06-01/2024-06-05", "2024-06-06/2024-06-06"], "2024-12-30", 365, 2, 6, "two spells in a row"),
    (["2024-12-30/2024-12-30", "2024-12-01/2024-12-01"], "2024-12-30", 1, 1, 1, "a window of one day"),
    ([], "2024-12-30", 365, 0, 0, "never absent"),
]


@pytest.mark.parametrize(("given", "as_of", "days", "spell_count", "total", "why"), BRADFORD)
def test_bradford_window(
    given: list[str], as_of: str, days: int, spell_count: int, total: int, why: str
) -> None:
    found = absence.bradford(spells(*given), as_of=day(as_of), days=days)
    assert (found.spells, found.days, found.factor) == (spell_count, total, spell_count**2 * total), why
    assert found.rule_version == "absence-nhs/1"


def test_bradford_looks_back_as_far_as_the_rule_set_says() -> None:
    as_of = day("2024-12-30")
    found = absence.bradford([], as_of=as_of)
    assert (found.since, found.as_of) == (day("2024-01-01"), as_of)
    assert (as_of - found.since).days + 1 == absence.rule_set("nhs").bradford_days


@pytest.mark.parametrize(
    ("days", "step"), [(49, None), (50, 50), (124, 50), (125, 125), (200, 200), (400, 400)]
)
def test_bradford_steps(days: int, step: int | None) -> None:
    end = day("2024-12-31")
    start = end - dt.timedelta(days=days - 1)
    assert absence.bradford([(start, end)], as_of=end, days=500).step == step
    assert absence.bradford([(start, end)], as_of=end, days=500, rules="police").step is None


# (spell, as of, threshold, inclusive, expected, why)
LONG_TERM = [
    ("2024-06-01/2024-06-28", "2024-12-31", 28, True, True, "28 days, NHS"),
    ("2024-06-01/2024-06-27", "2024-12-31", 28, True, False, "27 days"),
    ("2024-06-01/2024-06-28", "2024-12-31", 28, False, False, "28 days, police"),
    ("2024-06-01/2024-06-29", "2024-12-31", 28, False, True, "29 days, police"),
    ("2024-06-01/", "2024-06-27", 28, True, False, "lasts, 27 days so far"),
    ("2024-06-01/", "2024-06-28", 28, True, True, "lasts, 28 days"),
    ("2024-06-01/2024-07-31", "2024-06-10", 28, True, False, "ends later, 10 days so far"),
    ("2024-06-01/2024-06-07", "2024-12-31", 7, True, True, "another threshold"),
]


@pytest.mark.parametrize(("spell", "as_of", "threshold", "inclusive", "expected", "why"), LONG_TERM)
def test_long_term(spell: str, as_of: str, threshold: int, inclusive: bool, expected: bool, why: str) -> None:
    (one,) = spells(spell)
    found = absence.is_long_term(one, as_of=day(as_of), threshold=threshold, inclusive=inclusive)
    assert found is expected, why


def test_long_term_defaults_are_the_nhs_rule_set() -> None:
    rules = absence.rule_set("nhs")
    (one,) = spells("2024-06-01/")
    for elapsed in (27, 28, 29):
        as_of = day("2024-06-01") + dt.timedelta(days=elapsed - 1)
        by_content = absence.is_long_term(
            one, as_of=as_of, threshold=rules.long_term_days, inclusive=rules.long_term_inclusive
        )
        assert absence.is_long_term(one, as_of=as_of) is by_content
    assert (rules.bradford_days, rules.status) == (365, "general")


# (spells, as of, rules, expected codes, why)
TRIGGERS = [
    ([], "2024-12-31", "nhs", [], "never absent"),
    (["2024-07-01/2024-07-01", "2024-08-01/2024-08-01"], "2024-12-31", "nhs", [], "two spells"),
    (
        ["2024-07-01/2024-07-01", "2024-08-01/2024-08-01", "2024-09-02/2024-09-02"],
        "2024-12-31",
        "nhs",
        ["three-spells-in-six-months"],
        "the window begins on 1 July",
    ),
    (
        ["2024-06-30/2024-06-30", "2024-08-01/2024-08-01", "2024-09-02/2024-09-02"],
        "2024-12-31",
        "nhs",
        [],
        "30 June is outside (six months before the 31st is the 30th)",
    ),
    (
        ["2024-01-01/2024-01-01", "2024-02-01/2024-02-01", "2024-03-01/2024-03-01", "2024-12-31/"],
        "2024-12-31",
        "nhs",
        ["four-spells-in-twelve-months"],
        "four in the year",
    ),
    (
        ["2023-12-31/2023-12-31", "2024-02-01/2024-02-01", "2024-03-01/2024-03-01", "2024-12-31/"],
        "2024-12-31",
        "nhs",
        [],
        "one of the four is a day too old",
    ),
    (["2024-06-01/2024-06-10"], "2024-12-31", "nhs", ["ten-days-in-twelve-months"], "ten days"),
    (["2024-06-01/2024-06-09"], "2024-12-31", "nhs", [], "nine days"),
    (["2024-06-01/2024-06-09", "2024-06-09/2024-06-09"], "2024-12-31", "nhs", [], "overlap counts once"),
    (["2024-12-04/"], "2024-12-31", "nhs", ["ten-days-in-twelve-months", "long-term"], "28 days so far"),
    (["2024-12-04/"], "2024-12-31", "police", [], "28 days are not more than 28"),
    (["2024-12-03/"], "2024-12-31", "police", ["long-term"], "29 days"),
    (["2023-11-01/2023-12-31"], "2024-12-31", "police", [], "long-term, but over a year ago"),
    (["2023-11-01/2024-01-01"], "2024-12-31", "police", ["long-term"], "its last day is in the year"),
    (["2025-01-01/2025-03-01"], "2024-12-31", "nhs", [], "in the future"),
]


@pytest.mark.parametrize(("given", "as_of", "rules", "codes", "why"), TRIGGERS)
def test_triggers(given: list[str], as_of: str, rules: str, codes: list[str], why: str) -> None:
    found = absence.triggers(spells(*given), as_of=day(as_of), rules=rules)
    assert [trigger.code for trigger in found] == codes, why
    assert all(trigger.rule_version == f"absence-{rules}/1" for trigger in found)


@pytest.mark.parametrize(
    ("as_of", "since"),
    [
        ((2024, 8, 31), (2024, 3, 1)),  # six months before 31 August is the last day of February
        ((2023, 8, 30), (2023, 3, 1)),
        ((2024, 1, 31), (2023, 8, 1)),
        ((2024, 7, 15), (2024, 1, 16)),
    ],
)
def test_a_window_of_months_begins_after_the_same_day_or_the_last_of_a_shorter_month(
    as_of: tuple[int, int, int], since: tuple[int, int, int]
) -> None:
    end = dt.date(*as_of)
    days = [end - dt.timedelta(days=back) for back in (1, 3, 5)]
    found = absence.triggers([(day, day) for day in days], as_of=end)
    assert {trigger.code: trigger.since for trigger in found}["three-spells-in-six-months"] == dt.date(*since)


def test_a_trigger_shows_its_working() -> None:
    (found,) = absence.triggers(spells("2024-06-01/2024-06-12"), as_of=day("2024-12-31"))
    assert (found.observed, found.threshold, found.since) == (12, 10, day("2024-01-01"))
    assert found.as_of == day("2024-12-31")
    (found,) = absence.triggers(
        spells("2024-01-01/2024-01-01", "2024-02-05/2024-02-05", "2024-02-29/2024-02-29"),
        as_of=day("2024-06-30"),
    )
    assert (found.observed, found.threshold, found.since) == (3, 3, day("2023-12-31"))


# Quartile gain


def test_quartile_gain_shows_its_working() -> None:
    found = absence.quartile_gain([40, 50, 60, 70, 80], [1_000] * 5, hours_per_fte=20)
    assert found.target_rate == 5
    assert [unit.gain for unit in found.units] == [0, 0, 10, 20, 30]
    assert [unit.rate for unit in found.units] == [4, 5, 6, 7, 8]
    assert [unit.gain_fte for unit in found.units] == [0, 0, 0.5, 1, 1.5]
    assert (found.gain, found.gain_fte, found.rule_version) == (60, 3, "quartile-gain/1")


def test_quartile_gain_interpolates_and_weights() -> None:
    lost, available = [10.0, 40.0, 60.0, 240.0], [1_000.0, 1_000.0, 1_000.0, 3_000.0]
    plain = absence.quartile_gain(lost, available, hours_per_fte=1)
    assert plain.target_rate == pytest.approx(np.percentile([1, 4, 6, 8], 25))
    weighted = absence.quartile_gain(lost, available, hours_per_fte=1, weighted=True)
    # Positions 0, 4000, 8000 and 18000: a quarter of the way is 4500, an eighth from 4 to 6.
    assert weighted.target_rate == pytest.approx(4.25)
    assert weighted.units[3].gain == pytest.approx(240 - 0.0425 * 3_000)
    assert (plain.weighted, weighted.weighted) == (False, True)


def test_a_unit_may_be_a_part_of_one_day() -> None:
    assert absence.quartile_gain([0.05], [0.5], hours_per_fte=1).target_rate == pytest.approx(10)


def test_units_with_nothing_available_have_no_say() -> None:
    found = absence.quartile_gain([0, 50], [0, 1_000], hours_per_fte=1)
    assert found.target_rate == 5
    assert (found.units[0].rate, found.units[0].gain) == (None, 0)


def test_quartile_gain_of_english_acute_trusts() -> None:
    month = [
        row
        for row in rows("nhs-sickness-absence", "nhs_sickness_by_organisation_2024-04_2025-03.csv")
        if row["DATE"] == "31/03/2025"
    ]
    lost = [float(row["FTE_DAYS_LOST"]) for row in month]
    available = [float(row["FTE_DAYS_AVAILABLE"]) for row in month]
    found = absence.quartile_gain(lost, available, hours_per_fte=31)
    rates = 100 * np.array(lost) / np.array(available)
    assert found.target_rate == pytest.approx(np.percentile(rates, 25))
    above = rates > found.target_rate
    expected = (np.array(lost) - found.target_rate / 100 * np.array(available))[above].sum()
    assert found.gain == pytest.approx(expected)
    assert found.gain_fte == pytest.approx(expected / 31)


# Bad input

JUNE = (dt.date(2024, 6, 1), dt.date(2024, 6, 2))
BACKWARDS = (dt.date(2024, 6, 2), dt.date(2024, 6, 1))
FULL_TIME = [(dt.date(2020, 1, 1), 1.0)]
AS_OF = dt.date(2024, 12, 31)
TEXT: Any = "2024-06-01"
FRACTION: Any = 1.5
NOON = dt.datetime(2024, 6, 1, 12)

BAD_INPUT: list[tuple[Any, str, str]] = [
    (
        lambda: absence.merge_spells([BACKWARDS]),
        r"end of the spell is 2024-06-01; allowed: 2024-06-02",
        "backwards",
    ),
    (
        lambda: absence.merge_spells([(dt.datetime(2024, 6, 1), None)]),
        r"start of the spell is .*without a time",
        "t",
    ),
    (lambda: absence.merge_spells([(TEXT, None)]), r"start of the spell is '2024-06-01'", "text"),
    (
        lambda: absence.merge_spells_many([1], ["2024-06-02"], ["2024-06-01"]),
        r"end of row 0 is 2024-06-01",
        "back",
    ),
    (lambda: absence.merge_spells_many([1], ["NaT"], ["2024-06-01"]), r"start\[0\] is NaT", "no start"),
    (
        lambda: absence.merge_spells_many([1, 2], ["2024-06-02"], ["NaT"]),
        r"Columns have shapes \(2,\), \(1,\)",
        "len",
    ),
    (
        lambda: absence.fte_days(JUNE, [(dt.date(2020, 1, 1), 1.2)], upto=AS_OF),
        r"is 1.2; allowed: 0 to 1",
        "above 1",
    ),
    (
        lambda: absence.fte_days(JUNE, [(dt.date(2020, 1, 1), -0.1)], upto=AS_OF),
        r"is -0.1; allowed: 0 to 1",
        "below",
    ),
    (lambda: absence.fte_days(JUNE, [], upto=AS_OF), r"allowed: from nowhere", "no history"),
    (
        lambda: absence.fte_days(JUNE, [(dt.date(2024, 6, 2), 1)], upto=AS_OF),
        r"allowed: from 2024-06-02",
        "gap",
    ),
    (lambda: absence.fte_days(JUNE, FULL_TIME * 2, upto=AS_OF), r"two entries from 2020-01-01", "twice"),
    (
        lambda: absence.fte_days(BACKWARDS, FULL_TIME, upto=AS_OF),
        r"end of the spell is 2024-06-01",
        "backwards",
    ),
    (
        lambda: absence.rate(1, 0),
        r"available is 0 while lost is 1; allowed: more than 0",
        "lost where none is there",
    ),
    (lambda: absence.rate(-1, 10), r"lost\[0\] is -1.0; allowed: 0 or more", "negative"),
    (lambda: absence.rate([1, float("nan")], [10, 10]), r"lost\[1\] is nan", "gap"),
    (lambda: absence.rate([1], [10, 10]), r"lost has 1, available has 2", "lengths"),
    (lambda: absence.rate([], []), r"lost has 0 values; allowed: 1 or more", "empty"),
    (
        lambda: absence.rate(1, 10, basis="weeks"),
        r"basis is 'weeks'; allowed: fte_days, hours",
        "unknown basis",
    ),
    (
        lambda: absence.merge_spells_many([None, 1], ["2024-06-01"] * 2, ["2024-06-02"] * 2),
        r"^person holds None or nan; allowed: a label in every row",
        "nobody's spell",
    ),
    (
        lambda: absence.merge_spells_many([1.0, float("nan")], ["2024-06-01"] * 2, ["2024-06-02"] * 2),
        r"^person holds None or nan",
        "nobody's spell",
    ),
    (
        lambda: absence.merge_spells_many([1], ["2024-06-01"], ["2024-06-02T12"]),
        r"^end\[0\] is 2024-06-02T12",
        "a time of day",
    ),
    (
        lambda: absence.split_by_month(["2024-06-01"], ["2024-06-02"], upto="2024-06-30T12"),
        r"^upto\[0\] is 2024-06-30T12",
        "a time of day",
    ),
    (
        lambda: absence.fte_days(JUNE, [(dt.date(2020, 1, 1), 1.5)], upto=AS_OF),
        r"^FTE from 2020-01-01 is 1.5; allowed: 0 to 1",
        "overtime is not FTE",
    ),
    (
        lambda: absence.merge_spells_many([1, 2], ["2024-06-01"], ["2024-06-02"]),
        r"^Columns have shapes \(2,\), \(1,\) and \(1,\); allowed: one length, one dimension",
        "lengths",
    ),
    (lambda: absence.contracted_hours(-1), r"weekly_hours is -1; allowed: 0 to 168", "negative"),
    (lambda: absence.contracted_hours(37.5, months=-1), r"months is -1; allowed: 0 or more", "negative"),
    (lambda: absence.hours_lost_per_person(5, 0), r"headcount is 0 while hours_lost is 5", "nobody"),
    (lambda: absence.hours_lost_per_person(-5, 1), r"hours_lost is -5; allowed: 0 or more", "negative"),
    (
        lambda: absence.reason_shares({"S10": -1}),
        r"days lost for 'S10' is -1; allowed: 0 or more",
        "negative",
    ),
    (lambda: absence.bradford_factor(-1, 3), r"spell_count is -1; allowed: 0 or more", "negative"),
    (lambda: absence.bradford_factor(FRACTION, 3), r"spell_count is 1.5; allowed: whole numbers", "fraction"),
    (
        lambda: absence.bradford_factor(0, 3),
        r"total_days is 3 with a spell_count of 0; allowed: 0",
        "no spell",
    ),
    (lambda: absence.bradford_factor(1, -3), r"total_days is -3; allowed: 0 or more", "negative"),
    (lambda: absence.bradford([], as_of=AS_OF, days=0), r"days is 0; allowed: 1 to 36525", "no window"),
    (
        lambda: absence.is_long_term(JUNE, as_of=AS_OF, threshold=0),
        r"threshold is 0; allowed: 1 or more",
        "zero",
    ),
    (
        lambda: absence.triggers([], as_of=AS_OF, rules="navy"),
        r"rules are 'navy'; allowed: nhs, police",
        "unknown",
    ),
    (
        lambda: absence.triggers([], as_of=AS_OF, version="9"),
        r"version of 'nhs' is '9'; allowed: 1",
        "version",
    ),
    (lambda: absence.triggers([], as_of=dt.datetime(2024, 1, 1)), r"as_of is datetime", "a time of day"),
    (lambda: absence.bradford([], as_of=NOON), r"as_of is datetime", "a time of day"),
    (
        lambda: absence.bradford([], as_of=AS_OF, version="9"),
        r"version of 'nhs' is '9'; allowed: 1",
        "version",
    ),
    (lambda: absence.is_long_term(JUNE, as_of=NOON), r"as_of is datetime", "a time of day"),
    (lambda: absence.fte_days(JUNE, FULL_TIME, upto=NOON), r"upto is datetime", "a time of day"),
    (lambda: absence.fte_days(JUNE, [(NOON, 1)], upto=AS_OF), r"fte_history is datetime", "a time of day"),
    (lambda: absence.merge_spells([(AS_OF, NOON)]), r"end of the spell is datetime", "a time of day"),
    (lambda: absence.rate(1, -10), r"available\[0\] is -10.0; allowed: 0 or more", "negative"),
    (lambda: absence.hours_lost_per_person(5, -1), r"headcount is -1; allowed: 0 or more", "negative"),
    (lambda: absence.contracted_hours(37.5, version="9"), r"version of 'nhs-scotland' is '9'", "version"),
    (lambda: absence.reason_shares({}, version="9"), r"version of 'esr-reasons' is '9'", "version"),
    (lambda: absence.reason_labels(version="9"), r"version of 'esr-reasons' is '9'", "version"),
    (
        lambda: absence.quartile_gain([-1], [1], hours_per_fte=1),
        r"lost\[0\] is -1.0; allowed: 0 or",
        "negative",
    ),
    (lambda: absence.quartile_gain([1], [-1], hours_per_fte=1), r"available\[0\] is -1.0", "negative"),
    (
        lambda: absence.quartile_gain([1], [9], hours_per_fte=-1),
        r"hours_per_fte is -1; allowed: above 0",
        "negative",
    ),
    (
        lambda: absence.quartile_gain([1], [9], hours_per_fte=1, version="9"),
        r"'quartile-gain' is '9'",
        "version",
    ),
    (lambda: absence.bradford_factor(0, 0.5), r"total_days is 0.5 with a spell_count of 0", "half a day"),
    (lambda: absence.quartile_gain([], [], hours_per_fte=1), r"lost has 0 values", "empty"),
    (
        lambda: absence.quartile_gain([0], [0], hours_per_fte=1),
        r"available is 0 in every unit",
        "a table of zeros",
    ),
    (
        lambda: absence.quartile_gain([1, 1], [0, 1], hours_per_fte=1),
        r"available is 0 while lost is 1",
        "lost",
    ),
    (
        lambda: absence.quartile_gain([1], [10], hours_per_fte=0),
        r"hours_per_fte is 0; allowed: above 0",
        "zero",
    ),
    (
        lambda: absence.quartile_gain([1], [10, 10], hours_per_fte=1),
        r"lost has 1, available has 2",
        "lengths",
    ),
]


@pytest.mark.parametrize(("call", "message", "why"), BAD_INPUT)
def test_bad_input_is_refused_by_value_and_range(call: Any, message: str, why: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def many_fte_days(fte: float, since: list[str], owner: int = 1) -> absence.MonthTable:
    """One spell of person 1 in June 2024, with a history that belongs to ``owner``."""
    return absence.fte_days_many(
        [1],
        ["2024-06-01"],
        ["2024-06-30"],
        history_person=[owner] * len(since),
        history_since=since,
        history_fte=[fte] * len(since),
        upto="2024-12-31",
    )


@pytest.mark.parametrize(
    ("fte", "since", "message"),
    [
        (1.2, ["2020-01-01"], r"history_fte\[0\] is 1.2; allowed: 0 to 1"),
        (float("nan"), ["2020-01-01"], r"history_fte\[0\] is nan"),
        (1, ["2024-06-02"], r"start of row 0 is 2024-06-01; allowed: where its history begins"),
        (1, ["2020-01-01", "2020-01-01"], r"two entries of one person from 2020-01-01"),
    ],
)
def test_bad_histories_are_refused_in_columns_too(fte: float, since: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        many_fte_days(fte, since)


# (history as person, since and FTE; person, first and last day of the spell; FTE days, why)
COLUMN_HISTORIES: list[tuple[list[tuple[int, str, float]], tuple[int, str, str], float, str]] = [
    (
        [(2, "2023-01-01", 0.5), (5, "2024-01-01", 1), (5, "2024-06-06", 0.2)],
        (5, "2024-06-01", "2024-06-10"),
        5 * 1 + 5 * 0.2,
        "the second person's FTE changes within the spell",
    ),
    (
        [(2, "2024-01-01", 0.5), (5, "2024-01-01", 1)],
        (2, "2024-12-30", "2024-12-31"),
        2 * 0.5,
        "the last of all days is the first person's",
    ),
    (
        [(2, "2024-01-01", 1), (2, "2024-01-02", 0.5)],
        (2, "2024-01-01", "2024-01-01"),
        1,
        "the first of all days is that of the first entry",
    ),
]


@pytest.mark.parametrize(("history", "spell", "days", "why"), COLUMN_HISTORIES)
def test_histories_in_columns(
    history: list[tuple[int, str, float]], spell: tuple[int, str, str], days: float, why: str
) -> None:
    owners, since, fte = zip(*history, strict=True)
    person, start, end = spell
    table = absence.fte_days_many(
        [person],
        [start],
        [end],
        history_person=owners,
        history_since=since,
        history_fte=fte,
        upto="2024-12-31",
    )
    assert table.days.sum() == pytest.approx(days), why


def test_two_entries_on_one_day_are_found_behind_another_person_s() -> None:
    with pytest.raises(ValueError, match="two entries of one person from 2021-01-01"):
        absence.fte_days_many(
            [1],
            ["2024-06-01"],
            ["2024-06-30"],
            history_person=[1, 2, 2],
            history_since=["2020-01-01", "2021-01-01", "2021-01-01"],
            history_fte=[1, 1, 0.5],
            upto="2024-12-31",
        )


@pytest.mark.parametrize("owner", [0, 2])
def test_a_person_without_history_is_refused(owner: int) -> None:
    """Whether the only history is of the person before or of the person after."""
    with pytest.raises(ValueError, match="start of row 0 is 2024-06-01"):
        many_fte_days(1, ["2020-01-01"], owner=owner)


def test_the_row_without_history_is_named() -> None:
    with pytest.raises(ValueError, match="start of row 1 is 2024-06-02"):
        absence.fte_days_many(
            [1, 2],
            ["2024-06-01", "2024-06-02"],
            ["2024-06-30", "2024-06-30"],
            history_person=[1],
            history_since=["2024-01-01"],
            history_fte=[1],
            upto="2024-12-31",
        )


def test_results_can_be_stored_and_sent() -> None:
    found = absence.bradford(spells("2024-06-01/2024-06-10"), as_of=AS_OF)
    assert pickle.loads(pickle.dumps(found)) == found
