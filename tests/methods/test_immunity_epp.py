"""Clearance for exposure-prone procedures."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import immunity
from openoh.methods.immunity import EppFacts, ViralLoad

ON = date(2025, 1, 15)
CLEAR = EppFacts(True, hbsag="negative", hcv_antibody="negative", hiv="negative")
HIV = {
    "hiv": "positive",
    "hiv_controlled": True,
    "hiv_supervised": True,
    "hiv_registered": True,
    "hiv_loads": (ViralLoad(date(2024, 9, 1), 40), ViralLoad(date(2024, 12, 1), 40)),
}


def _loads(*loads: tuple[str, float]) -> dict[str, Any]:
    return HIV | {"hiv_loads": tuple(ViralLoad(date.fromisoformat(day), copies) for day, copies in loads)}


def _hbv(copies: float | None, day: str | None = "2024-12-01") -> dict[str, Any]:
    return {"hbsag": "positive", "hbv_dna_iu": copies, "hbv_dna_on": day and date.fromisoformat(day)}


# (changes to a clear worker, state, due, part of a reason, why)
CASES: list[tuple[dict[str, Any], str, str | None, str, str]] = [
    ({}, "cleared", None, "Hepatitis B: HBsAg negative.", "all negative"),
    (
        {"identified_sample": False},
        "not cleared",
        None,
        "not identified and validated",
        "samples not identified",
    ),
    ({"hbsag": None}, "not cleared", None, "Hepatitis B: HBsAg was not tested.", "not tested"),
    (_hbv(None, None), "not cleared", None, "HBV DNA was not tested", "DNA not tested"),
    (
        _hbv(199.9),
        "cleared with monitoring",
        "2025-06-01",
        "HBV DNA below 200, next due on 2025-06-01",
        "below 200",
    ),
    (_hbv(200), "not cleared", None, "HBV DNA 200 IU/mL, not below 200.", "not below 200"),
    (_hbv(100, "2024-07-15"), "cleared with monitoring", "2025-01-15", "below 200", "due on the day"),
    (_hbv(100, "2024-07-14"), "not cleared", "2025-01-14", "HBV DNA was due on 2025-01-14.", "overdue"),
    ({"hcv_antibody": None}, "not cleared", None, "RNA was not tested", "neither tested"),
    ({"hcv_antibody": "positive"}, "not cleared", None, "RNA was not tested", "RNA not tested"),
    (
        {"hcv_antibody": "positive", "hcv_rna": "negative"},
        "cleared",
        None,
        "C: RNA negative.",
        "cleared infection",
    ),
    ({"hcv_antibody": None, "hcv_rna": "negative"}, "cleared", None, "C: RNA negative.", "RNA alone"),
    (
        {"hcv_antibody": "positive", "hcv_rna": "positive"},
        "not cleared",
        None,
        "C: RNA positive.",
        "infected",
    ),
    (
        {"hcv_antibody": "negative", "hcv_rna": "positive"},
        "not cleared",
        None,
        "C: RNA positive.",
        "early infection",
    ),
    (
        {"hcv_antibody": "positive", "hcv_rna": "negative", "hcv_treated_weeks_ago": 11.9},
        "not cleared",
        None,
        "less than 12 weeks after treatment",
        "too soon after treatment",
    ),
    (
        {"hcv_antibody": "positive", "hcv_rna": "negative", "hcv_treated_weeks_ago": 12},
        "cleared",
        None,
        "RNA negative",
        "sustained response",
    ),
    ({"hiv": None}, "not cleared", None, "HIV: not tested.", "not tested"),
    (
        HIV,
        "cleared with monitoring",
        "2025-02-23",
        "HIV: viral load below 200, next due on 2025-02-23",
        "controlled",
    ),
    (HIV | {"hiv_controlled": False}, "not cleared", None, "neither treated", "not controlled"),
    (HIV | {"hiv_supervised": False}, "not cleared", None, "not under joint supervision", "not supervised"),
    (HIV | {"hiv_registered": False}, "not cleared", None, "not on the register", "not registered"),
    (_loads(), "not cleared", None, "no two latest viral loads below 200 at least 12 weeks apart", "no load"),
    (_loads(("2024-12-01", 40)), "not cleared", None, "no two latest", "a single load"),
    (
        _loads(("2024-09-08", 199), ("2024-12-01", 199)),
        "cleared with monitoring",
        "2025-02-23",
        "below 200",
        "84 days",
    ),
    (
        _loads(("2023-06-01", 500), ("2024-09-01", 40), ("2024-12-01", 40)),
        "cleared with monitoring",
        "2025-02-23",
        "below 200",
        "a high load long ago does not matter",
    ),
    (_loads(("2024-09-09", 40), ("2024-12-01", 40)), "not cleared", None, "no two latest", "83 days"),
    (
        _loads(("2024-09-01", 200), ("2024-12-01", 40)),
        "not cleared",
        None,
        "no two latest",
        "200 is not below 200",
    ),
    (
        _loads(("2024-06-01", 40), ("2024-10-01", 500), ("2024-12-01", 40)),
        "not cleared",
        None,
        "no two latest",
        "a higher load in between starts afresh",
    ),
    (
        _loads(("2024-12-01", 500), ("2024-06-01", 40)),
        "not cleared",
        None,
        "no two latest",
        "the last one is high",
    ),
    (
        _loads(("2024-12-01", 40), ("2024-10-20", 40), ("2024-08-01", 40)),
        "cleared with monitoring",
        "2025-02-23",
        "below 200",
        "a test in between does not shorten the time, in any order",
    ),
    (
        _loads(("2024-06-01", 40), ("2024-10-23", 40)),
        "cleared with monitoring",
        "2025-01-15",
        "below",
        "due today",
    ),
    (
        _loads(("2024-06-01", 40), ("2024-10-22", 40)),
        "not cleared",
        "2025-01-14",
        "viral load was due",
        "overdue",
    ),
    (
        HIV | _hbv(100, "2024-08-01"),
        "cleared with monitoring",
        "2025-02-01",
        "HBV DNA",
        "the earlier day is due",
    ),
    (HIV | _hbv(500), "not cleared", "2025-02-23", "HBV DNA 500", "one virus is enough"),
]


@pytest.mark.parametrize(("changes", "state", "due", "reason", "why"), CASES)
def test_clearance(changes: dict[str, Any], state: str, due: str | None, reason: str, why: str) -> None:
    result = immunity.epp_clearance(replace(CLEAR, **changes), on=ON)
    assert result.state == state, why
    assert result.due_on == (due and date.fromisoformat(due)), why
    assert reason in " ".join(result.reasons), why
    assert result.rule_version == "immunity/epp@1"


def test_an_uncertain_interval_shows() -> None:
    assert immunity.epp_clearance(CLEAR, on=ON).status == "general"
    assert immunity.epp_clearance(replace(CLEAR, **_hbv(100)), on=ON).status == "unsure"
    assert immunity.epp_clearance(replace(CLEAR, **HIV), on=ON).status == "general"


# (changes to a clear worker, place of the reason, whole reason)
REASONS: list[tuple[dict[str, Any], int, str]] = [
    ({"hbsag": None}, 0, "Hepatitis B: HBsAg was not tested."),
    (_hbv(None, None), 0, "Hepatitis B: HBsAg positive, HBV DNA was not tested."),
    (_hbv(5), 0, "Hepatitis B: HBV DNA below 200, next due on 2025-06-01."),
    ({"hcv_antibody": "positive"}, 1, "Hepatitis C: antibody positive or not tested, RNA was not tested."),
    ({"hcv_rna": "positive"}, 1, "Hepatitis C: RNA positive."),
    ({"hcv_antibody": None, "hcv_rna": "negative"}, 1, "Hepatitis C: RNA negative."),
    ({"hiv": None}, 2, "HIV: not tested."),
    ({}, 2, "HIV: negative."),
    (HIV | {"hiv_controlled": False}, 2, "HIV: neither treated nor an elite controller."),
    (HIV | {"hiv_supervised": False}, 2, "HIV: not under joint supervision."),
    (HIV | {"hiv_registered": False}, 2, "HIV: not on the register."),
    ({"identified_sample": False}, 3, "The samples were not identified and validated."),
]


@pytest.mark.parametrize(("changes", "place", "reason"), REASONS)
def test_reasons_are_sentences(changes: dict[str, Any], place: int, reason: str) -> None:
    assert immunity.epp_clearance(replace(CLEAR, **changes), on=ON).reasons[place] == reason


def test_each_virus_has_a_reason() -> None:
    reasons = immunity.epp_clearance(CLEAR, on=ON).reasons
    assert [reason.split(":")[0] for reason in reasons] == ["Hepatitis B", "Hepatitis C", "HIV"]


# (copies, state, part of the action)
LOADS = [
    (0, "continue", "No action"),
    (49.9, "continue", "No action"),
    (50, "case by case", "case by case"),
    (200, "case by case", "case by case"),
    (200.1, "repeat", "Second test after 10 days"),
    (999, "repeat", "Second test after 10 days"),
    (1000, "restrict", "at once"),
    (1e6, "restrict", "at once"),
]


@pytest.mark.parametrize(("copies", "state", "action"), LOADS)
def test_viral_loads(copies: float, state: str, action: str) -> None:
    result = immunity.hiv_load(copies)
    assert result.state == state
    assert action in result.action
    assert (result.rule_version, result.status) == ("immunity/epp@1", "general")


loads = st.lists(
    st.builds(ViralLoad, st.dates(date(2023, 1, 1), ON), st.sampled_from([0, 40, 199, 200, 5000])), max_size=6
)


@given(loads, st.sampled_from([200, 1000, 50_000]))
def test_a_high_load_today_always_stops_clearance(known: list[ViralLoad], copies: float) -> None:
    high = replace(CLEAR, **HIV | {"hiv_loads": (*known, ViralLoad(ON, copies))})
    same_day = [viral for viral in known if viral.on == ON]
    if not same_day:
        assert immunity.epp_clearance(high, on=ON).state == "not cleared"


@given(loads, st.integers(1, 600))
def test_clearance_lapses_without_new_tests(known: list[ViralLoad], days: int) -> None:
    facts = replace(CLEAR, **HIV | {"hiv_loads": tuple(known)})
    now = immunity.epp_clearance(facts, on=ON)
    later = immunity.epp_clearance(facts, on=ON + timedelta(days))
    if now.state == "not cleared":
        assert later.state == "not cleared"
    else:
        assert now.due_on is not None
        assert (later.state == "not cleared") == (now.due_on < ON + timedelta(days))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(CLEAR, hbsag="maybe"), "hbsag is 'maybe'; it must be positive, negative or None"),
        (lambda: replace(CLEAR, hcv_antibody="maybe"), "hcv_antibody is 'maybe'"),
        (lambda: replace(CLEAR, hcv_rna="maybe"), "hcv_rna is 'maybe'"),
        (lambda: replace(CLEAR, hiv="maybe"), "hiv is 'maybe'"),
        (lambda: replace(CLEAR, **_hbv(-1)), "hbv_dna_iu is -1; allowed: 0 or more"),
        (lambda: replace(CLEAR, hcv_treated_weeks_ago=float("nan")), "hcv_treated_weeks_ago is nan"),
        (lambda: replace(CLEAR, hbv_dna_iu=5), "^hbv_dna_iu and hbv_dna_on come together"),
        (lambda: ViralLoad(ON, -1), "A viral load is -1 copies/mL; allowed: 0 or more"),
        (lambda: immunity.hiv_load(float("inf")), "A viral load is inf"),
        (
            lambda: immunity.epp_clearance(replace(CLEAR, **_hbv(5, "2025-01-16")), on=ON),
            "of 2025-01-16, after",
        ),
        (
            lambda: immunity.epp_clearance(replace(CLEAR, **_loads(("2025-01-16", 5))), on=ON),
            "of 2025-01-16, after 2025-01-15",
        ),
    ],
)
def test_bad_input_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_results_of_the_day_and_zero_are_fine() -> None:
    facts = replace(CLEAR, **_hbv(0, "2025-01-15"))
    assert immunity.epp_clearance(facts, on=ON).state == "cleared with monitoring"
    treated = replace(CLEAR, hcv_antibody="positive", hcv_rna="negative", hcv_treated_weeks_ago=0)
    assert immunity.epp_clearance(treated, on=ON).state == "not cleared"
