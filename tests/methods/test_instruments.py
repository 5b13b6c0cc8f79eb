"""Scores against the published rules, the outside cases and the bad-input table."""

import csv
import json
import pickle
import re
from typing import Any

import numpy as np
import pytest

from openoh.methods import instruments
from tests.outside_data import outside_data

PUBLIC_CODES = {
    *(
        "PHQ-9",
        "PHQ-2",
        "GAD-7",
        "GAD-2",
        "PHQ-4",
        "WHO-5",
        "SWEMWBS",
        "WSAS",
        "AUDIT-C",
        "AUDIT",
        "K6",
        "K10",
    ),
    *("DASS-21", "PCL-5", "ITQ", "CBI", "CORE-10", "WAS", "MSK-HQ", "STARTMSK", "HSE-MSIT"),
}
CODES_WITHOUT_TEXT = {
    *("BAT-12", "CORE-10", "ITQ", "MSK-HQ", "PSS-10", "STARTBACK", "STARTMSK", "SWEMWBS", "UWES-3", "UWES-9"),
    *("WAI", "WAS", "WHO-5", "WSAS"),
}


def answers_with_sum(total: int, items: int, highest: int) -> list[int]:
    """Whole answers from 0 to ``highest`` that add up to ``total``, the later items left at 0."""
    answers = [0] * items
    for index in range(items):
        answers[index] = min(highest, total)
        total -= answers[index]
    return answers


# (code, items, highest answer, sum, expected band, why): both sides of every published edge.
BAND_EDGES = [
    ("PHQ-9", 9, 3, 0, "minimal", "lowest"),
    ("PHQ-9", 9, 3, 4, "minimal", "0-4"),
    ("PHQ-9", 9, 3, 5, "mild", "5-9"),
    ("PHQ-9", 9, 3, 9, "mild", "5-9"),
    ("PHQ-9", 9, 3, 10, "moderate", "10-14"),
    ("PHQ-9", 9, 3, 14, "moderate", "10-14"),
    ("PHQ-9", 9, 3, 15, "moderately severe", "15-19"),
    ("PHQ-9", 9, 3, 19, "moderately severe", "15-19"),
    ("PHQ-9", 9, 3, 20, "severe", "20-27"),
    ("PHQ-9", 9, 3, 27, "severe", "highest"),
    ("PHQ-2", 2, 3, 2, None, "below the screen"),
    ("PHQ-2", 2, 3, 3, "positive", "3 or more"),
    ("GAD-7", 7, 3, 4, "none", "0-4"),
    ("GAD-7", 7, 3, 5, "mild", "5-9"),
    ("GAD-7", 7, 3, 9, "mild", "5-9"),
    ("GAD-7", 7, 3, 10, "moderate", "10-14"),
    ("GAD-7", 7, 3, 14, "moderate", "10-14"),
    ("GAD-7", 7, 3, 15, "severe", "15-21"),
    ("GAD-2", 2, 3, 2, None, "below the screen"),
    ("GAD-2", 2, 3, 3, "positive", "3 or more"),
    ("PHQ-4", 4, 3, 2, "normal", "0-2"),
    ("PHQ-4", 4, 3, 3, "mild", "3-5"),
    ("PHQ-4", 4, 3, 6, "moderate", "6-8"),
    ("PHQ-4", 4, 3, 8, "moderate", "6-8"),
    ("PHQ-4", 4, 3, 9, "severe", "9-12"),
    ("WHO-5", 5, 5, 7, "likely depression", "28 is in"),
    ("WHO-5", 5, 5, 8, "low wellbeing", "32"),
    ("WHO-5", 5, 5, 12, "low wellbeing", "48"),
    ("WHO-5", 5, 5, 13, None, "52 is above 50"),
    ("WSAS", 5, 8, 9, "subclinical", "below 10"),
    ("WSAS", 5, 8, 10, "significant", "10-20"),
    ("WSAS", 5, 8, 20, "significant", "20 is in"),
    ("WSAS", 5, 8, 21, "moderately severe or worse", "above 20"),
    ("AUDIT-C", 3, 4, 4, None, "below the UK cut-off"),
    ("AUDIT-C", 3, 4, 5, "positive", "UK cut-off"),
    ("AUDIT", 10, 4, 7, None, "unnamed range; the answer 3 falls on item 2"),
    ("AUDIT", 10, 4, 8, "increasing", "8-15"),
    ("AUDIT", 10, 4, 15, "increasing", "8-15"),
    ("AUDIT", 10, 4, 16, "higher", "16-19"),
    ("AUDIT", 10, 4, 19, "higher", "16-19"),
    ("AUDIT", 10, 4, 20, "possible dependence", "20 or more"),
    ("K6", 6, 4, 4, None, "unnamed range"),
    ("K6", 6, 4, 5, "moderate distress", "5-12"),
    ("K6", 6, 4, 12, "moderate distress", "5-12"),
    ("K6", 6, 4, 13, "severe", "13 or more"),
    ("WAS", 1, 10, 5, "poor", "0-5"),
    ("WAS", 1, 10, 6, "moderate", "6-7"),
    ("WAS", 1, 10, 8, "good", "8-9"),
    ("WAS", 1, 10, 9, "good", "8-9"),
    ("WAS", 1, 10, 10, "excellent", "10"),
    ("MSK-HQ", 14, 4, 56, None, "no bands"),
]


@pytest.mark.parametrize(("code", "items", "highest", "total", "band", "why"), BAND_EDGES)
def test_bands_at_their_edges(
    code: str, items: int, highest: int, total: int, band: str | None, why: str
) -> None:
    result = instruments.score(code, answers_with_sum(total, items, highest))
    assert result.raw == total
    assert result.band == band, why


# (code, answers, total, band, why)
WHOLE_RULES: list[tuple[str, list[Any], float | None, str | None, str]] = [
    ("K10", [1] * 10, 10, "low", "10-15"),
    ("K10", [1] * 4 + [2] * 6, 16, "moderate", "16-21"),
    ("K10", [2] * 9 + [3], 21, "moderate", "16-21"),
    ("K10", [2] * 8 + [3] * 2, 22, "high", "22-29"),
    ("K10", [3] * 10, 30, "very high", "30-50"),
    ("CORE-10", [0] * 10, 8, None, "items 2 and 3 are reversed, below the clinical cut-off"),
    ("CORE-10", [3, 4, 4, 0, 0, 0, 0, 0, 4, 4], 11, "mild", "11-14"),
    ("CORE-10", [4, 4, 4, 0, 0, 0, 0, 2, 4, 4], 14, "mild", "11-14"),
    ("CORE-10", [4, 4, 4, 0, 0, 0, 0, 3, 4, 4], 15, "moderate", "15-19"),
    ("CORE-10", [4, 4, 4, 4, 0, 0, 0, 4, 4, 4], 20, "moderately severe", "20-24"),
    ("CORE-10", [4, 4, 4, 4, 4, 0, 1, 4, 4, 4], 25, "severe", "25 or more"),
    ("CORE-10", [4, 4, 4, 0, 0, 0, None, 3, 3, 4], 14 * 10 / 9, "moderate", "one missing answer pro rata"),
    ("CORE-10", [4, 4, 4, 0, 0, 0, None, None, 3, 4], None, None, "two missing answers"),
    ("STARTMSK", [4, 1, 1, 1, 1, 0, 0, 0, 0, 0], 4, "low", "pain 0-4 counts 0; 0-4"),
    ("STARTMSK", [6, 1, 1, 1, 1, 0, 0, 0, 0, 0], 5, "medium", "pain 5-6 counts 1; 5-8"),
    ("STARTMSK", [8, 1, 1, 1, 1, 1, 1, 0, 0, 0], 8, "medium", "pain 7-8 counts 2; 5-8"),
    ("STARTMSK", [9, 1, 1, 1, 1, 1, 1, 0, 0, 0], 9, "high", "pain 9-10 counts 3; 9-12"),
    ("STARTMSK", [5, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1, "low", "5 counts 1"),
    ("STARTMSK", [7, 0, 0, 0, 0, 0, 0, 0, 0, 0], 2, "low", "7 counts 2"),
    ("STARTMSK", [10, 0, 0, 0, 0, 0, 0, 0, 0, 0], 3, "low", "10 counts 3"),
    ("STARTBACK", [1, 1, 1, 0, 0, 0, 0, 0, 0], 3, "low", "total of 3 or less"),
    ("STARTBACK", [1, 0, 0, 0, 1, 1, 1, 0, 0], 4, "medium", "total of 4, psychosocial of 3"),
    ("STARTBACK", [0, 0, 0, 0, 1, 1, 1, 1, 0], 4, "high", "psychosocial of 4"),
    ("PSS-10", [0] * 10, 16, "moderate", "items 4, 5, 7 and 8 are reversed"),
    ("PSS-10", [1, 1, 1, 3, 3, 1, 3, 3, 3, 2], 13, "low", "0-13"),
    ("PSS-10", [4, 4, 4, 0, 0, 0, 4, 2, 4, 0], 26, "moderate", "14-26"),
    ("PSS-10", [4, 4, 4, 0, 0, 0, 4, 2, 4, 1], 27, "high", "27-40"),
    ("UWES-9", [3] * 9, 3, None, "a mean, without bands"),
    ("UWES-3", [2, 3, 4], 3, None, "a mean, without bands"),
    ("BAT-12", [2] * 6 + [3] * 6, 2.5, None, "below 2.54"),
    ("BAT-12", [2] * 5 + [3] * 7, 31 / 12, "orange", "2.54 to 2.95"),
    ("BAT-12", [3] * 12, 3, "red", "2.96 or more"),
    ("WAI", [0, 2, 1, 1, 1, 1, 1], 7, "poor", "lowest"),
    ("WAI", [6, 6, 4, 4, 3, 1, 3], 27, "poor", "7-27"),
    ("WAI", [7, 6, 4, 4, 3, 1, 3], 28, "moderate", "28-36"),
    ("WAI", [8, 8, 5, 5, 4, 4, 3], 37, "good", "37-43"),
    ("WAI", [10, 10, 7, 6, 5, 7, 4], 49, "excellent", "44-49"),
    ("WSAS", [None, 4, 4, 4, 4], 20, "significant", "item 1 left out: pro rata, 16 x 5 / 4"),
    ("WSAS", [None, 5, 4, 4, 4], 21.25, "moderately severe or worse", "pro rata lies above 20"),
    ("WSAS", [4, None, 4, 4, 4], None, None, "only item 1 may be left out"),
    ("PHQ-9", [1] * 8 + [None], 9, "mild", "mean of the answers given"),
    ("PHQ-9", [2, 2, 2, 2, 2, 2, None, None, 0], 12 * 9 / 7, "moderately severe", "two missing"),
    ("PHQ-9", [2, 2, 2, 2, 2, 2, 2, 0, 0, 3], 14, "moderate", "the tenth question never counts"),
    ("PHQ-9", [None, None, None, 3, 3, 3, 3, 3, 0], None, None, "three missing"),
    ("GAD-7", [2, 2, 2, 2, 2, 2, None], 14, "moderate", "one missing"),
    ("GAD-7", [2, 2, 2, 2, 2, None, None], None, None, "two missing"),
    ("PHQ-2", [3, None], None, None, "none may be missing"),
    ("WHO-5", [5, 5, 5, 5, 5], 100, None, "a percentage"),
    ("WHO-5", [5, 5, 5, 5, None], None, None, "none may be missing"),
    ("AUDIT-C", [4, 4, None], None, None, "none may be missing"),
    ("AUDIT", [0] * 8 + [4, 2], 6, None, "items 9 and 10 count 0, 2 or 4"),
    ("SWEMWBS", [1] * 7, 7, "low", "lowest"),
    ("SWEMWBS", [4] * 6 + [None], None, None, "none may be missing"),
    ("SWEMWBS", [3] * 7, 19.25, "low", "19.5 or less"),
    ("SWEMWBS", [3] * 6 + [4], 19.98, None, "unnamed middle"),
    ("SWEMWBS", [4] * 5 + [5] * 2, 27.03, None, "below 27.5"),
    ("SWEMWBS", [4] * 4 + [5] * 3, 28.13, "high", "27.5 or more"),
    ("DASS-21", [1] * 21, None, None, "three scales, no total"),
    ("CBI", [50] * 19, None, None, "three scales, no total"),
    ("HSE-MSIT", [3] * 35, None, None, "seven scales, no total"),
    ("PCL-5", [2] * 16 + [0, 0, 0, 1], 33, "provisional ptsd", "cut-off of 33, cluster E has two"),
    ("PCL-5", [4] * 5 + [1, 1] + [1] * 7 + [0, 0, 0, 0, 0, 4], 33, "provisional ptsd", "cut-off alone"),
    ("PCL-5", [4] * 5 + [1, 1] + [1] * 7 + [0, 0, 0, 0, 0, 3], 32, None, "below the cut-off, no clusters"),
    (
        "PCL-5",
        [2] + [0] * 4 + [2, 0] + [2, 2] + [0] * 5 + [2, 2] + [0] * 4,
        12,
        "provisional ptsd",
        "clusters",
    ),
    ("PCL-5", [2] + [0] * 4 + [2, 0] + [2, 1] + [0] * 5 + [2, 2] + [0] * 4, 11, None, "one D symptom only"),
    ("PCL-5", [2] + [0] * 4 + [2, 0] + [2, 2] + [0] * 5 + [2, 1] + [0] * 4, 11, None, "one E symptom only"),
    ("PCL-5", [1] + [0] * 4 + [2, 0] + [2, 2] + [0] * 5 + [2, 2] + [0] * 4, 11, None, "no B symptom"),
    ("PCL-5", [2] + [0] * 4 + [1, 1] + [2, 2] + [0] * 5 + [2, 2] + [0] * 4, 12, None, "no C symptom"),
    ("PCL-5", [None] * 4 + [2] * 16, 40, "provisional ptsd", "four missing"),
    ("PCL-5", [None] * 5 + [4] * 15, None, None, "five missing"),
    ("ITQ", [0] * 18, None, "none", "no symptom"),
    ("ITQ", [1] * 18, None, "none", "1 is not present"),
    ("ITQ", [2] * 18, None, "cptsd", "everything present"),
    ("ITQ", [2, 0, 0, 2, 2, 0, 0, 0, 2] + [0] * 9, None, "ptsd", "one of each PTSD group and impairment"),
    ("ITQ", [2, 0, 0, 2, 2, 0, 0, 0, 0] + [2] * 9, None, "none", "no PTSD impairment"),
    ("ITQ", [0] * 9 + [2] * 9, None, "none", "disturbances in self-organisation alone are not CPTSD"),
    ("ITQ", [2] * 9 + [2, 0, 0, 2, 2, 0, 0, 0, 1], None, "ptsd", "no DSO impairment"),
    ("ITQ", [2] * 9 + [2, 0, 0, 2, 2, 0, 0, 0, 2], None, "cptsd", "one of each group"),
    ("ITQ", [2] * 9 + [0, 0, 0, 2, 2, 0, 0, 0, 2], None, "ptsd", "no affective dysregulation"),
    ("ITQ", [2] * 9 + [2, 0, 0, 0, 2, 0, 0, 0, 2], None, "ptsd", "no negative self-concept"),
    ("ITQ", [2] * 9 + [2, 0, 0, 2, 0, 0, 0, 0, 2], None, "ptsd", "no disturbance in relationships"),
    ("ITQ", [0, 0] + [2] * 7 + [0] * 9, None, "none", "no re-experiencing"),
    ("ITQ", [2, 2, 0, 0] + [2] * 5 + [0] * 9, None, "none", "no avoidance"),
    ("ITQ", [2] * 4 + [0, 0] + [2] * 3 + [0] * 9, None, "none", "no sense of threat"),
    ("ITQ", [2] * 17 + [None], None, None, "none may be missing"),
    ("STARTBACK", [None] + [1] * 8, None, None, "none may be missing"),
]


@pytest.mark.parametrize(("code", "answers", "total", "band", "why"), WHOLE_RULES)
def test_totals_and_bands(
    code: str, answers: list[Any], total: float | None, band: str | None, why: str
) -> None:
    result = instruments.score(code, answers)
    assert result.total == (None if total is None else pytest.approx(total, abs=1e-12)), why
    assert result.band == band, why


DASS_DEPRESSION, DASS_ANXIETY, DASS_STRESS = (
    (3, 5, 10, 13, 16, 17, 21), (2, 4, 7, 9, 15, 19, 20), (1, 6, 8, 11, 12, 14, 18),
)  # fmt: skip


@pytest.mark.parametrize(
    ("scale", "items", "lower_edges"),
    [
        ("depression", DASS_DEPRESSION, (0, 10, 14, 21, 28)),
        ("anxiety", DASS_ANXIETY, (0, 8, 10, 15, 20)),
        ("stress", DASS_STRESS, (0, 15, 19, 26, 34)),
    ],
)
def test_dass_scales_are_doubled_and_banded(
    scale: str, items: tuple[int, ...], lower_edges: tuple[int, ...]
) -> None:
    names = ("normal", "mild", "moderate", "severe", "extremely severe")
    for plain_sum in range(22):
        answers = [0] * 21
        for item, answer in zip(items, answers_with_sum(plain_sum, 7, 3), strict=True):
            answers[item - 1] = answer
        result = instruments.score("DASS-21", answers)
        assert result.subscales[scale] == 2 * plain_sum
        assert result.subscale_bands[scale] == names[sum(2 * plain_sum >= edge for edge in lower_edges) - 1]
        assert sum(value or 0 for value in result.subscales.values()) == 2 * plain_sum


def test_burnout_scales_are_means_with_one_reversed_item() -> None:
    answers = [100] * 6 + [100] * 7 + [0] * 6
    result = instruments.score("CBI", answers)
    assert result.subscales == {"personal": 100, "work": pytest.approx(600 / 7), "client": 0}
    assert result.subscale_bands == {"personal": "severe", "work": "high", "client": None}
    assert result.criteria == {"personal burnout": True, "work burnout": True, "client burnout": False}


@pytest.mark.parametrize(("score", "band"), [(25, None), (50, "moderate"), (75, "high"), (100, "severe")])
def test_burnout_bands(score: int, band: str | None) -> None:
    assert instruments.score("CBI", [score] * 6 + [0] * 13).subscale_bands["personal"] == band


@pytest.mark.parametrize(("answered", "expected"), [(3, 50.0), (2, None)])
def test_a_burnout_scale_needs_three_answers(answered: int, expected: float | None) -> None:
    answers: list[int | None] = [50] * answered + [None] * (6 - answered) + [0] * 13
    assert instruments.score("CBI", answers).subscales["personal"] == expected
    answers = [0] * 6 + [50] * answered + [None] * (7 - answered) + [0] * 6
    assert instruments.score("CBI", answers).subscales["work"] == expected
    answers = [0] * 13 + [50] * answered + [None] * (6 - answered)
    assert instruments.score("CBI", answers).subscales["client"] == expected


# (missing items, scale, has a score, why)
MSIT_MISSING = [
    ((3, 6), "demands", True, "2 of 8 is a quarter"),
    ((3, 6, 9), "demands", False, "3 of 8 is more than a quarter"),
    ((2,), "control", True, "1 of 6"),
    ((2, 10), "control", False, "2 of 6"),
    ((8,), "managers_support", True, "1 of 5"),
    ((8, 23), "managers_support", False, "2 of 5"),
    ((7,), "peer_support", True, "1 of 4 is a quarter"),
    ((7, 24), "peer_support", False, "2 of 4"),
    ((5,), "relationships", True, "1 of 4 is a quarter"),
    ((1,), "role", True, "1 of 5"),
    ((26,), "change", False, "1 of 3 is more than a quarter"),
]


@pytest.mark.parametrize(("missing", "scale", "scored", "why"), MSIT_MISSING)
def test_an_indicator_scale_survives_a_quarter_missing(
    missing: tuple[int, ...], scale: str, scored: bool, why: str
) -> None:
    answers = [None if number in missing else 3 for number in range(1, 36)]
    assert (instruments.score("HSE-MSIT", answers).subscales[scale] == 3) is scored, why


# (code, answers, flags, why)
FLAGS: list[tuple[str, list[Any], tuple[str, ...], str]] = [
    ("PHQ-9", [3] * 8 + [0], (), "item 9 answered with no"),
    ("PHQ-9", [0] * 8 + [1], ("self-harm",), "item 9 from 1, whatever the total"),
    ("PHQ-9", [0] * 8 + [None], ("self-harm-unanswered",), "silence is not a no"),
    ("PHQ-9", [None] * 8 + [2], ("self-harm",), "a flag needs no total"),
    ("CORE-10", [0, 4, 4, 0, 0, 1, 0, 0, 0, 0], ("self-harm",), "risk item 6"),
    ("CORE-10", [4, 4, 4, 4, 4, 0, 4, 4, 4, 4], (), "risk item answered with no"),
    ("CORE-10", [0, 4, 4, 0, 0, None, 0, 0, 0, 0], ("self-harm-unanswered",), "risk item left out"),
    ("GAD-7", [3] * 7, (), "no item on risk"),
]


@pytest.mark.parametrize(("code", "answers", "flags", "why"), FLAGS)
def test_flags(code: str, answers: list[Any], flags: tuple[str, ...], why: str) -> None:
    assert instruments.score(code, answers).flags == flags, why


# (code, answers, criterion, finding, why)
CRITERIA: list[tuple[str, list[Any], str, bool | None, str]] = [
    ("PHQ-9", [3, 3, 3] + [0] * 6, "caseness", False, "9"),
    ("PHQ-9", [3, 3, 3, 1] + [0] * 5, "caseness", True, "10"),
    ("PHQ-9", [None] * 3 + [3] * 6, "caseness", None, "no total"),
    ("GAD-7", [3, 3, 1, 0, 0, 0, 0], "caseness", False, "7"),
    ("GAD-7", [3, 3, 2, 0, 0, 0, 0], "caseness", True, "8, NHS Talking Therapies"),
    ("GAD-7", [3, 3, 3, 0, 0, 0, 0], "screen", False, "9"),
    ("GAD-7", [3, 3, 3, 1, 0, 0, 0], "screen", True, "10"),
    ("PHQ-2", [1, 1], "positive", False, "2"),
    ("PHQ-2", [2, 1], "positive", True, "3"),
    ("GAD-2", [1, 1], "positive", False, "2"),
    ("GAD-2", [2, 1], "positive", True, "3"),
    ("AUDIT-C", [2, 2, 0], "positive", False, "4"),
    ("AUDIT-C", [2, 2, 1], "positive", True, "5"),
    ("CORE-10", [2, 4, 4, 2, 2, 0, 2, 2, 0, 0], "clinical", False, "10"),
    ("CORE-10", [3, 4, 4, 2, 2, 0, 2, 2, 0, 0], "clinical", True, "11"),
    ("PHQ-4", [3, 0, 2, 0], "anxiety", True, "anxiety items come first"),
    ("PHQ-4", [3, 0, 2, 0], "depression", False, "2"),
    ("PHQ-4", [1, 1, 2, 1], "depression", True, "3"),
    ("PHQ-4", [1, 1, 2, 1], "anxiety", False, "2"),
    ("PCL-5", [None] + [0] * 19, "intrusion", None, "the missing answer could decide it"),
    ("PCL-5", [None, 2] + [0] * 18, "intrusion", True, "decided without it"),
    ("PCL-5", [0] * 7 + [None] + [0] * 12, "cognition and mood", False, "one symptom more would not do"),
    ("PCL-5", [0] * 7 + [None, 2] + [0] * 11, "cognition and mood", None, "one symptom more would do"),
]


@pytest.mark.parametrize(("code", "answers", "criterion", "finding", "why"), CRITERIA)
def test_criteria(code: str, answers: list[Any], criterion: str, finding: bool | None, why: str) -> None:
    assert instruments.score(code, answers).criteria[criterion] is finding, why


def answer_sets_by_form() -> dict[tuple[str, int], list[list[Any]]]:
    """The answer sets of the tables above, by instrument and number of answers handed in."""
    forms: dict[tuple[str, int], list[list[Any]]] = {}
    for code, answers, *_ in [*WHOLE_RULES, *FLAGS, *CRITERIA]:
        forms.setdefault((code, len(answers)), []).append(answers)
    return forms


@pytest.mark.parametrize(("code", "answered"), answer_sets_by_form())
def test_a_table_of_answer_sets_is_scored_as_one_by_one(code: str, answered: int) -> None:
    sets = answer_sets_by_form()[code, answered]
    one_by_one = [instruments.score(code, answers) for answers in sets]
    table = instruments.score_many(code, sets)
    assert [table.row(index) for index in range(len(table))] == one_by_one
    assert {(result.code, result.rule_version) for result in one_by_one} == {(code, f"{code}/1")}
    assert table.scored.tolist() == [result.total is not None for result in one_by_one]
    for name in table.subscales:
        scored = [result.subscales[name] is not None for result in one_by_one]
        assert table.subscale_scored(name).tolist() == scored


def test_a_table_keeps_its_codes_in_bytes() -> None:
    """A million answer sets stay small: findings and bands are codes, one byte each."""
    for code in ("PCL-5", "ITQ", "STARTBACK", "PHQ-9", "CBI"):
        items = instruments.instrument(code).scored_items
        table = instruments.score_many(code, [[item.allowed[-1] for item in items]] * 2)
        codes = [table.band, *table.subscale_bands.values(), *table.criteria.values()]
        assert {column.dtype for column in codes} == {np.dtype(np.int8)}


def test_an_unscored_question_counts_nowhere() -> None:
    result = instruments.score("PHQ-9", [1] * 9 + [3])
    assert (result.raw, result.total) == (9, 9)
    assert instruments.score("PHQ-9", [1] * 9 + [None]).missing == ()


@pytest.mark.parametrize("missing", [(0,), (3, 8), ()])
def test_missing_items_are_listed_by_number(missing: tuple[int, ...]) -> None:
    answers = [None if index in missing else 1 for index in range(9)]
    assert instruments.score("PHQ-9", answers).missing == tuple(index + 1 for index in missing)


def test_phq_4_and_itq_severity() -> None:
    assert instruments.score("PHQ-4", [1, 2, 3, 3]).subscales == {"depression": 6, "anxiety": 3}
    answers = [1, 0, 2, 0, 3, 1, 4, 4, 4, 4, 4, 4, 3, 3, 3, 1, 1, 1]
    assert instruments.score("ITQ", answers).subscales == {"ptsd": 7, "dso": 21}
    assert instruments.score("AUDIT", [1, 2, 3, 4, 4, 4, 4, 4, 4, 4]).subscales == {"consumption": 6}


# Outside cases


def published_cases(instrument: str) -> list[dict[str, Any]]:
    cases = json.loads(outside_data("questionnaires", "published_scoring_cases.json").read_text())
    return [case for case in cases if case["instrument"] == instrument]


def answers_by_coding(code: str, case: dict[str, Any]) -> list[float | None]:
    given = {answer["linkId"].lstrip("/"): answer["ordinal"] for answer in case["answers"]}
    return [given.get(item.coding or "") for item in instruments.instrument(code).scored_items]


@pytest.mark.parametrize("case", published_cases("gad7"), ids=lambda case: case["name"])
def test_published_gad_7_cases(case: dict[str, Any]) -> None:
    result = instruments.score("GAD-7", answers_by_coding("GAD-7", case))
    expected = case["expected"]
    assert result.total == expected.get("ScoreFullGad7", expected.get("total"))
    if "band" in expected:
        # The example calls 0-4 "minimal"; the published paper and this catalogue call it "none".
        assert (expected["band"], result.band) == ("minimal", "none")


@pytest.mark.parametrize("case", published_cases("phq9"), ids=lambda case: case["name"])
def test_published_phq_9_cases(case: dict[str, Any]) -> None:
    result = instruments.score("PHQ-9", answers_by_coding("PHQ-9", case))
    expected = case["expected"]
    if result.missing:
        # The case adds up the answers given; this catalogue imputes the mean for up to two missing ones.
        # Item 6 is unanswered. Item 9 is called unanswered in the case's name, yet carries an answer of 0.
        assert result.missing == (6,)
        assert result.raw == expected["ScoreFullPhq9"]
        assert result.total == 12 * 9 / 8
    else:
        assert (result.total, result.band) == (expected["total"], expected["band"])


def test_phq_9_example_of_the_proms_module() -> None:
    folder = outside_data("questionnaires", "fhir")
    response = json.loads((folder / "QuestionnaireResponse-mii-exa-pro-phq-9-response.json").read_text())
    observation = json.loads((folder / "Observation-mii-exa-pro-phq-9-observation.json").read_text())
    points = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
    answers = [
        points[item["answer"][0]["valueCoding"]["code"]]
        for item in response["item"]
        if item["answer"][0].get("valueCoding", {}).get("code") in points
    ]
    assert instruments.score("PHQ-9", answers).total == observation["valueQuantity"]["value"]


def test_indicator_tool_reverses_before_the_mean() -> None:
    reversal, unanswered = published_cases("hse-it")
    answers: list[int | None] = [3] * 35
    answers[2] = 1
    scales = dict(instruments.score("HSE-MSIT", answers).subscales)
    assert scales.pop("demands") == reversal["expected"]["demands"]
    assert set(scales.values()) == {reversal["expected"]["all_other_scales"]}
    answers[2] = None
    # That package refuses a scale with any missing item; the user manual of the tool allows a quarter.
    assert unanswered["expected"]["demands"] is None
    assert instruments.score("HSE-MSIT", answers).subscales["demands"] == 3


def test_indicator_tool_scoring_key() -> None:
    key = json.loads(outside_data("questionnaires", "hse_indicator_tool_scoring_key.json").read_text())
    tool = instruments.instrument("HSE-MSIT")
    assert [scale.name for scale in tool.subscales] == [
        "demands", "control", "managers_support", "peer_support", "relationships", "role", "change",
    ]  # fmt: skip
    for scale in tool.subscales:
        assert list(scale.items) == key[scale.name]
    assert [item.number for item in tool.items if item.points[0] > item.points[-1]] == key["reverse_scored"]


def test_swemwbs_conversion() -> None:
    with outside_data("questionnaires", "swemwbs_metric_conversion.csv").open() as file:
        expected = {int(row["raw_total"]): float(row["metric_score"]) for row in csv.DictReader(file)}
    # The copy found has 25.99 for 29; the published table has 26.02.
    assert expected.pop(29) == 25.99
    for raw, metric in {**expected, 29: 26.02}.items():
        answers = [1 + extra for extra in answers_with_sum(raw - 7, 7, 4)]
        assert instruments.score("SWEMWBS", answers).total == metric


def words(text: str) -> list[str]:
    """The words of an item, whatever their case and punctuation."""
    return re.findall(r"[a-z]+", text.lower())


@pytest.mark.parametrize(
    ("code", "file"),
    [
        ("PHQ-9", "cirg-Questionnaire-PHQ9.json"),
        ("GAD-7", "cirg-Questionnaire-GAD7.json"),
        ("PHQ-4", "CIRG-PHQ-4.json"),
    ],
)
def test_items_are_in_the_published_order(code: str, file: str) -> None:
    questionnaire = json.loads(outside_data("questionnaires", "fhir", file).read_text())
    published = [item["linkId"].lstrip("/") for item in questionnaire["item"]]
    ours = [item.coding for item in instruments.instrument(code).scored_items]
    assert [link for link in published if link in ours] == ours
    texts = {item["linkId"].lstrip("/"): item.get("text", "") for item in questionnaire["item"]}
    for item in instruments.instrument(code).scored_items:
        # Some of the published texts begin with the stem, and one then has "been" for "being".
        text = words(item.text or "")
        theirs = words(texts[item.coding or ""].replace("been able", "being able"))
        assert text == theirs[-len(text) :]


# Catalogue

# (code, scale, lowest and highest score as published, why)
RANGES: list[tuple[str, str | None, float, float, str]] = [
    ("PHQ-9", None, 0, 27, "nine items of 0-3; the tenth does not count"),
    ("GAD-7", None, 0, 21, "seven items of 0-3"),
    ("AUDIT", None, 0, 40, "ten items to 4"),
    ("K10", None, 10, 50, "ten items of 1-5"),
    ("WHO-5", None, 0, 100, "five items of 0-5, times four"),
    ("SWEMWBS", None, 7, 35, "converted"),
    ("WSAS", None, 0, 40, "five items of 0-8"),
    ("CORE-10", None, 0, 40, "ten items of 0-4, two reversed"),
    ("PSS-10", None, 0, 40, "ten items of 0-4, four reversed"),
    ("PCL-5", None, 0, 80, "twenty items of 0-4"),
    ("MSK-HQ", None, 0, 56, "fourteen items of 0-4"),
    ("STARTMSK", None, 0, 12, "the pain item counts up to three, nine others one each"),
    ("STARTBACK", None, 0, 9, "nine items of one each"),
    ("WAI", None, 7, 49, "seven items with ranges of their own"),
    ("BAT-12", None, 1, 5, "a mean"),
    ("UWES-9", None, 0, 6, "a mean"),
    ("DASS-21", "stress", 0, 42, "seven items of 0-3, doubled"),
    ("CBI", "work", 0, 100, "a mean"),
    ("HSE-MSIT", "change", 1, 5, "a mean"),
    ("ITQ", "dso", 0, 24, "six items of 0-4"),
]


@pytest.mark.parametrize(("code", "scale", "lowest", "highest", "why"), RANGES)
def test_scores_have_their_published_range(
    code: str, scale: str | None, lowest: float, highest: float, why: str
) -> None:
    change = instruments.change(code, lowest, highest, subscale=scale)
    assert (change.before, change.after) == (lowest, highest), why
    for outside in (lowest - 0.01, highest + 0.01):
        with pytest.raises(ValueError, match=f"before is {outside:.2f}; allowed: {lowest:g} to {highest:g}$"):
            instruments.change(code, round(outside, 2), highest, subscale=scale)


def test_catalogue_holds_every_public_code_once() -> None:
    codes = [instrument.code for instrument in instruments.catalogue()]
    assert set(codes) >= PUBLIC_CODES
    assert codes == sorted(set(codes))


def test_text_is_shipped_only_where_the_licence_allows() -> None:
    for instrument in instruments.catalogue():
        with_text = [item.text is not None for item in instrument.scored_items]
        assert all(with_text) if instrument.licence.text_included else not any(with_text)
        assert instrument.licence.holder
        assert instrument.licence.terms
    assert {i.code for i in instruments.catalogue() if not i.licence.text_included} == CODES_WITHOUT_TEXT


def test_every_instrument_states_source_status_and_date() -> None:
    for instrument in instruments.catalogue():
        assert instrument.source
        assert instrument.status in {"sourced", "general", "unsure"}
        assert instrument.valid_from.year >= 1988
        assert instrument.rule_version == f"{instrument.code}/1"
        assert [item.number for item in instrument.items] == list(range(1, len(instrument.items) + 1))


# Change


# (code, before, after, direction, reliable, important, why)
CHANGES = [
    ("PHQ-9", 17, 11, "improved", True, True, "6 points"),
    ("PHQ-9", 17, 12, "improved", False, True, "5 points"),
    ("PHQ-9", 17, 13, "improved", False, False, "4 points"),
    ("PHQ-9", 11, 17, "worsened", True, True, "either way"),
    ("PHQ-9", 11, 11, "unchanged", False, False, "nothing"),
    ("PHQ-9", 9, 9.5, "worsened", False, False, "totals with a missing answer are fractional"),
    ("GAD-7", 12, 8, "improved", True, None, "4 points"),
    ("GAD-7", 12, 9, "improved", False, None, "3 points"),
    ("WHO-5", 40, 50, "improved", None, True, "10 points, higher is better"),
    ("WHO-5", 50, 41, "worsened", None, False, "9 points"),
    ("SWEMWBS", 20, 23, "improved", None, True, "3 points"),
    ("WSAS", 20, 12, "improved", None, True, "8 points"),
    ("WSAS", 20, 13, "improved", None, False, "7 points"),
    ("PCL-5", 50, 45, "improved", True, False, "5 points"),
    ("PCL-5", 50, 40, "improved", True, True, "10 points"),
    ("CORE-10", 20, 14, "improved", True, None, "6 points"),
    ("MSK-HQ", 30, 35.5, "improved", None, True, "5.5 points"),
    ("MSK-HQ", 30, 35, "improved", None, False, "5 points"),
    ("WAS", 6, 7, "improved", None, True, "1 point"),
    ("AUDIT-C", 6, 4, "improved", None, None, "no threshold published"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "before", "after", "direction", "reliable", "important", "why"), CHANGES)
def test_change(
    code: str,
    before: float,
    after: float,
    direction: str,
    reliable: bool | None,
    important: bool | None,
    why: str,
) -> None:
    found = instruments.change(code, before, after)
    assert (found.direction, found.reliable, found.important) == (direction, reliable, important), why
    assert (found.code, found.before, found.after) == (code, before, after)
    assert found.difference == after - before
    assert found.rule_version == f"{code}/1"


def test_change_takes_scores_and_answers() -> None:
    before, after = [2] * 9, [1] * 9
    from_scores = instruments.change(
        "PHQ-9", instruments.score("PHQ-9", before), instruments.score("PHQ-9", after)
    )
    assert instruments.change("PHQ-9", before, after) == from_scores
    assert (from_scores.before, from_scores.after) == (18, 9)


def test_change_on_a_subscale() -> None:
    found = instruments.change("DASS-21", [2] * 21, [1] * 21, subscale="stress")
    assert (found.before, found.after, found.important) == (28, 14, True)
    assert instruments.change("CBI", 55, 50.5, subscale="work").important is False


@pytest.mark.parametrize(
    ("mean", "words"),
    [
        (2.9386, "urgent action needed"),
        (2.9387, "clear need for improvement"),
        (3.1024, "good, but need for improvement"),
        (3.2937, "doing very well"),
    ],
)
def test_benchmark_of_an_organisation(mean: float, words: str) -> None:
    assert instruments.benchmark("HSE-MSIT", "demands", mean, respondents=10) == words


# Bad input


# (call, part of the message, why)
BAD_INPUT: list[tuple[Any, str, str]] = [
    (lambda: instruments.score("PHQ-10", [0] * 10), r"instrument is 'PHQ-10'; allowed: AUDIT, ", "unknown"),
    (lambda: instruments.score("phq-9", [0] * 9), r"instrument is 'phq-9'", "codes are exact"),
    (lambda: instruments.score("PHQ-9", [0] * 9, version="7"), r"'7'; allowed: 1", "unknown version"),
    (lambda: instruments.score("PHQ-9", [0] * 8), r"given 8 answers; allowed: 9 to 10", "too few"),
    (lambda: instruments.score("PHQ-9", [0] * 11), r"given 11 answers; allowed: 9 to 10", "too many"),
    (lambda: instruments.score("GAD-7", []), r"given 0 answers; allowed: 7 for each answer set", "empty"),
    (
        lambda: instruments.score("GAD-7", [0] * 6 + [4]),
        r"answer 7 of GAD-7 is 4; allowed: 0, 1, 2, 3",
        "above",
    ),
    (lambda: instruments.score("GAD-7", [-1] + [0] * 6), r"answer 1 of GAD-7 is -1; allowed: 0", "below"),
    (
        lambda: instruments.score("GAD-7", [0.5] + [0] * 6),
        r"answer 1 of GAD-7 is 0.5; allowed: 0",
        "fraction",
    ),
    (lambda: instruments.score("GAD-7", [float("nan")] + [0] * 6), r"answer 1 of GAD-7 is nan", "nan"),
    (lambda: instruments.score("GAD-7", [float("inf")] + [0] * 6), r"answer 1 of GAD-7 is inf", "infinite"),
    (
        lambda: instruments.score("AUDIT", [0] * 8 + [1, 0]),
        r"answer 9 of AUDIT is 1; allowed: 0, 2, 4",
        "gap",
    ),
    (
        lambda: instruments.score("PHQ-9", [0] * 9 + [4]),
        r"answer 10 of PHQ-9 is 4",
        "unscored, still checked",
    ),
    (
        lambda: instruments.score("SWEMWBS", [0] * 7),
        r"answer 1 of SWEMWBS is 0; allowed: 1, 2, 3, 4, 5$",
        "its scale begins at 1",
    ),
    (lambda: instruments.score_many("PHQ-9", [["a"] * 9]), r"^answers\[0\] is 'a'", "words"),
    (lambda: instruments.score_many("PHQ-9", [0] * 9), r"given 9 answers", "one row where a table is due"),
    (lambda: instruments.score_many("PHQ-9", 9), r"given 0 answers", "one number"),
    (lambda: instruments.score_many("GAD-7", [[3] * 7, [9] * 7]), r"in row 1 is 9", "names the row"),
    (lambda: instruments.change("PHQ-9", 9, 3, version="7"), r"'7'; allowed: 1", "unknown version"),
    (
        lambda: instruments.benchmark("HSE-MSIT", "role", 3, respondents=10, version="7"),
        r"'7'; allowed: 1",
        "unknown version",
    ),
    (lambda: instruments.change("PHQ-9", 28, 3), r"before is 28; allowed: 0 to 27", "outside the range"),
    (lambda: instruments.change("PHQ-9", 3, float("nan")), r"after is nan; allowed: 0 to 27", "nan"),
    (lambda: instruments.change("PHQ-9", [None] * 9, 3), r"before is None: too many answers", "no score"),
    (
        lambda: instruments.change("DASS-21", 3, 3),
        r"no total; allowed: depression, anxiety, stress",
        "no total",
    ),
    (
        lambda: instruments.change("DASS-21", 3, 3, subscale="x"),
        r"subscale is 'x'; allowed: depression",
        "unknown",
    ),
    (
        lambda: instruments.benchmark("PHQ-9", "x", 3, respondents=10),
        r"'PHQ-9', which has no percentiles",
        "none",
    ),
    (
        lambda: instruments.benchmark("HSE-MSIT", "role", 3, respondents=9),
        r"respondents is 9; allowed: 10",
        "few",
    ),
    (
        lambda: instruments.benchmark("HSE-MSIT", "role", 6, respondents=10),
        r"mean is 6; allowed: 1 to 5",
        "range",
    ),
]


@pytest.mark.parametrize(("call", "message", "why"), BAD_INPUT)
def test_bad_input_is_refused_by_value_and_range(call: Any, message: str, why: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_an_empty_table_gives_empty_columns() -> None:
    table = instruments.score_many("PHQ-9", np.empty((0, 9)))
    assert len(table) == 0
    assert table.scored.tolist() == []


def test_a_score_can_be_stored_and_sent() -> None:
    result = instruments.score("PHQ-9", [1] * 9)
    assert pickle.loads(pickle.dumps(result)) == result
