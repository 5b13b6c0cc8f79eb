"""Plans after an exposure to blood or body fluids."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import immunity
from openoh.methods.immunity import ExposureFacts

DAY = date(2025, 3, 3)
OLD, RECENT = date(2024, 3, 3), date(2024, 3, 4)
BASE = ExposureFacts(DAY, 2, doses=0)

# (doses, response, last dose, source, vaccine, immunoglobulin, second one, why): the Green Book, chapter 18.
HEPATITIS_B = [
    (0, "unknown", None, "positive", "accelerated course", True, False, "no dose"),
    (1, "unknown", RECENT, "positive", "accelerated course", True, False, "one dose"),
    (1, "unknown", RECENT, "unknown", "accelerated course", False, False, "one dose"),
    (1, "unknown", RECENT, "negative", "start or finish the course", False, False, "one dose"),
    (2, "unknown", RECENT, "positive", "one dose, and complete the course", False, False, "two doses"),
    (3, "unknown", RECENT, "unknown", "one dose", False, False, "three doses"),
    (3, "unknown", RECENT, "negative", "complete the course", False, False, "three doses"),
    (3, "responder", OLD, "positive", "consider a booster", False, False, "last dose a year old"),
    (3, "responder", RECENT, "positive", "none", False, False, "last dose a day younger"),
    (3, "responder", None, "positive", "consider a booster", False, False, "unknown last dose"),
    (3, "responder", OLD, "unknown", "consider a booster", False, False, "last dose a year old"),
    (3, "responder", RECENT, "unknown", "none", False, False, "last dose a day younger"),
    (3, "responder", OLD, "negative", "none", False, False, "source negative"),
    (6, "non-responder", OLD, "positive", "consider a dose", True, True, "non-responder"),
    (6, "non-responder", OLD, "unknown", "consider a dose", True, False, "non-responder"),
    (6, "non-responder", OLD, "negative", "consider a dose", False, False, "non-responder"),
]


@pytest.mark.parametrize(
    ("doses", "response", "last", "source", "vaccine", "hbig", "second", "why"), HEPATITIS_B
)
def test_hepatitis_b_table(
    doses: int,
    response: str,
    last: date | None,
    source: str,
    vaccine: str,
    hbig: bool,
    second: bool,
    why: str,
) -> None:
    facts = replace(BASE, doses=doses, response=response, last_dose_on=last, source_hbsag=source)
    plan = immunity.exposure_plan(facts)
    assert (plan.vaccine, plan.hbig) == (vaccine, hbig), why
    assert plan.second_hbig_on == (date(2025, 4, 3) if second else None), why
    assert f"source HBsAg {source}" in plan.reasons[0]
    assert ("less than 1 years old" in plan.reasons[0]) == (vaccine == "none" and last == RECENT)
    assert (plan.rule_version, plan.status) == ("immunity/exposure@1", "general")


# (source, hours, prophylaxis, days, part of the reason)
PROPHYLAXIS = [
    ("positive", 0, "start at once", 28, "HIV: source positive, within 72 hours."),
    ("positive", 72, "start at once", 28, "HIV: source positive, within 72 hours."),
    ("positive", 72.5, "too late", None, "HIV: 72.5 hours have passed, more than 72."),
    ("unknown", 72, "assess the risk", None, "HIV: source unknown, within 72 hours."),
    ("unknown", 73, "too late", None, "HIV: 73 hours"),
    ("suppressed", 1, "not recommended", None, "HIV: source suppressed."),
    ("negative", 100, "not recommended", None, "HIV: source negative."),
]


@pytest.mark.parametrize(("source", "hours", "prophylaxis", "days", "reason"), PROPHYLAXIS)
def test_hiv_prophylaxis(source: str, hours: float, prophylaxis: str, days: int | None, reason: str) -> None:
    plan = immunity.exposure_plan(replace(BASE, source_hiv=source, hours_since=hours))
    assert (plan.hiv_prophylaxis, plan.hiv_prophylaxis_days) == (prophylaxis, days)
    assert plan.reasons[1].startswith(reason)


def _visits(plan: immunity.ExposurePlan) -> dict[int, tuple[str, ...]]:
    return {(visit.due_on - DAY).days: visit.tests for visit in plan.follow_up}


STANDARD = {
    42: ("HIV Ag/Ab", "HBsAg", "HCV RNA"),
    84: ("HIV Ag/Ab", "HBsAg", "HCV antibody", "HCV RNA"),
    168: ("HBsAg", "anti-HBc", "HCV antibody"),
}


def test_follow_up_after_6_12_and_24_weeks() -> None:
    plan = immunity.exposure_plan(BASE)
    assert _visits(plan) == STANDARD
    for visit in plan.follow_up:
        assert (visit.due_on - visit.earliest, visit.latest - visit.due_on) == (timedelta(7), timedelta(7))


# (days after which prophylaxis stopped, visits, why)
AFTER_PROPHYLAXIS = [
    (0, {**STANDARD, 42: ("HBsAg", "HCV RNA")}, "45 days rule out the visit after 42"),
    (28, {**STANDARD, 42: ("HBsAg", "HCV RNA")}, "the visit after 84 days is late enough"),
    (39, {**STANDARD, 42: ("HBsAg", "HCV RNA")}, "84 days is 45 after 39"),
    (
        40,
        {
            42: ("HBsAg", "HCV RNA"),
            84: ("HBsAg", "HCV antibody", "HCV RNA"),
            85: ("HIV Ag/Ab",),
            168: STANDARD[168],
        },
        "a visit of its own",
    ),
    (
        123,
        {
            42: ("HBsAg", "HCV RNA"),
            84: ("HBsAg", "HCV antibody", "HCV RNA"),
            168: ("HIV Ag/Ab", *STANDARD[168]),
        },
        "joined to the visit of that day",
    ),
]


@pytest.mark.parametrize(("stopped", "visits", "why"), AFTER_PROPHYLAXIS)
def test_the_last_hiv_test_waits_for_45_days_after_prophylaxis(
    stopped: int, visits: dict[int, tuple[str, ...]], why: str
) -> None:
    plan = immunity.exposure_plan(replace(BASE, pep_stopped_on=DAY + timedelta(stopped)))
    assert _visits(plan) == visits, why


def test_an_exposure_that_is_not_significant() -> None:
    facts = replace(BASE, significant=False, source_hbsag="positive", source_hiv="positive")
    plan = immunity.exposure_plan(facts)
    assert (plan.vaccine, plan.hbig) == ("start or finish the course", False)
    assert (plan.hiv_prophylaxis, plan.follow_up) == ("not recommended", ())
    assert plan.due_on == DAY
    assert plan.reasons == (
        "Hepatitis B: up to one dose, the exposure is not significant.",
        "HIV: the exposure is not significant.",
    )


# (facts, first day, why)
DUE: list[tuple[dict[str, Any], date | None, str]] = [
    ({"source_hiv": "negative"}, DAY, "a vaccine today"),
    ({"doses": 3, "response": "responder", "source_hbsag": "negative", "source_hiv": "positive"}, DAY, "PEP"),
    (
        {"doses": 3, "response": "responder", "source_hbsag": "negative", "source_hiv": "unknown"},
        DAY,
        "assess",
    ),
    (
        {"doses": 3, "response": "responder", "source_hbsag": "negative", "source_hiv": "negative"},
        DAY + timedelta(42),
        "follow-up",
    ),
    (
        {"doses": 3, "response": "responder", "source_hbsag": "negative", "hours_since": 100},
        DAY + timedelta(42),
        "too late",
    ),
    ({"doses": 3, "response": "responder", "significant": False}, None, "nothing"),
]


@pytest.mark.parametrize(("changes", "due", "why"), DUE)
def test_the_first_thing_to_do(changes: dict[str, Any], due: date | None, why: str) -> None:
    assert immunity.exposure_plan(replace(BASE, **changes)).due_on == due, why


@given(
    st.integers(0, 6),
    st.sampled_from(["unknown", "responder", "non-responder"]),
    st.sampled_from(["positive", "unknown", "negative"]),
    st.sampled_from(["positive", "suppressed", "unknown", "negative"]),
    st.floats(0, 200),
    st.booleans(),
)
def test_every_exposure_has_a_plan(
    doses: int, response: str, hbsag: str, hiv: str, hours: float, significant: bool
) -> None:
    facts = ExposureFacts(
        DAY,
        hours,
        doses,
        response=response if doses > 1 else "unknown",
        source_hbsag=hbsag,
        source_hiv=hiv,
        significant=significant,
    )
    plan = immunity.exposure_plan(facts)
    assert plan.vaccine
    assert len(plan.reasons) == 2
    assert bool(plan.follow_up) == significant
    assert plan.second_hbig_on is None or plan.hbig
    assert not plan.hbig or hbsag != "negative"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"response": "maybe"}, "response is 'maybe'; it must be unknown, responder, non-responder"),
        ({"source_hbsag": "maybe"}, "source_hbsag is 'maybe'"),
        ({"source_hiv": "maybe"}, "source_hiv is 'maybe'"),
        ({"hours_since": -1}, "hours_since is -1; allowed: 0 or more"),
        ({"hours_since": float("inf")}, "hours_since is inf"),
        ({"hours_since": float("nan")}, "hours_since is nan"),
        ({"doses": -1}, "doses is -1; allowed: 0 or more"),
        ({"doses": 1, "response": "responder"}, "response is 'responder' after 1 doses; it needs at least 2"),
        ({"doses": 1, "last_dose_on": date(2025, 3, 4)}, "last_dose_on is 2025-03-04 with 1 doses"),
        ({"last_dose_on": OLD}, "last_dose_on is 2024-03-03 with 0 doses"),
        ({"pep_stopped_on": date(2025, 3, 2)}, "pep_stopped_on is 2025-03-02, before 2025-03-03"),
    ],
)
def test_bad_input_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(BASE, **changes)


def test_a_dose_on_the_day_is_fine() -> None:
    assert replace(BASE, doses=1, last_dose_on=DAY).last_dose_on == DAY
