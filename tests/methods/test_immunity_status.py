"""Where a person stands on each requirement as of a date."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import immunity
from openoh.methods.immunity import Dose, LabTest, PersonFacts

BORN = date(1990, 5, 20)
ON = date(2025, 1, 15)


def _facts(
    *records: tuple[str, date] | tuple[str, date, Any], evidence: tuple[str, ...] = (), **more: Any
) -> PersonFacts:
    """Doses as (product, day), tests as (kind, day, result)."""
    doses = tuple(Dose(*record) for record in records if len(record) == 2)
    tests = tuple(LabTest(*record) for record in records if len(record) == 3)
    return PersonFacts(BORN, doses, tests, frozenset(evidence), **more)


def _day(text: str) -> date:
    return date.fromisoformat(text)


D = _day
CLEAR = "no-tb-symptoms"
COURSE = (
    ("hepatitis-b", D("2020-01-01")),
    ("hepatitis-b", D("2020-02-01")),
    ("hepatitis-b", D("2020-07-01")),
)
SECOND = (
    ("hepatitis-b", D("2021-01-01")),
    ("hepatitis-b", D("2021-02-01")),
    ("hepatitis-b", D("2021-07-01")),
)
LOW = ("anti-hbs", D("2020-09-01"), 5)

# (requirement, facts, state, due, part of the reason, why)
CASES: list[tuple[str, PersonFacts, str, date | None, str, str]] = [
    ("mmr", _facts(), "due", ON, "0 of 2 doses", "nothing known"),
    ("mmr", _facts(("mmr", D("2025-01-02"))), "planned", D("2025-01-30"), "1 of 2", "second in two weeks"),
    ("mmr", _facts(("mmr", D("2024-01-02"))), "due", D("2024-01-30"), "1 of 2", "second overdue"),
    (
        "mmr",
        _facts(("mmr", D("2000-01-02")), ("mmr", D("2001-01-02"))),
        "immune",
        None,
        "2 of 2",
        "two doses",
    ),
    (
        "mmr",
        _facts(("measles-igg", D("2020-01-01"), "positive"), ("rubella-igg", D("2020-01-01"), "positive")),
        "immune",
        None,
        "Positive: measles-igg, rubella-igg.",
        "both antibodies",
    ),
    ("mmr", _facts(("measles-igg", D("2020-01-01"), "positive")), "due", ON, "0 of 2", "measles alone"),
    (
        "mmr",
        _facts(
            ("measles-igg", D("2020-01-01"), "positive"),
            ("rubella-igg", D("2020-01-01"), "positive"),
            ("rubella-igg", D("2021-01-01"), "negative"),
        ),
        "due",
        ON,
        "0 of 2",
        "the last test counts",
    ),
    (
        "mmr",
        _facts(("yellow-fever", D("2025-01-10"))),
        "planned",
        D("2025-02-07"),
        "0 of 2",
        "live vaccines apart",
    ),
    (
        "varicella",
        _facts(evidence=("chickenpox",)),
        "immune",
        None,
        "Definite history: chickenpox.",
        "history",
    ),
    (
        "varicella",
        _facts(evidence=("shingles", "chickenpox")),
        "immune",
        None,
        "chickenpox, shingles",
        "both",
    ),
    (
        "varicella",
        _facts(evidence=("chickenpox", "raised-in-tropics")),
        "due",
        ON,
        "0 of 2",
        "not after the tropics",
    ),
    ("varicella", _facts(evidence=("bcg-scar",)), "due", ON, "0 of 2", "a scar is no chickenpox"),
    (
        "varicella",
        _facts(("varicella-igg", D("2020-01-01"), "positive")),
        "immune",
        None,
        "varicella-igg",
        "IgG",
    ),
    (
        "varicella",
        _facts(("varicella-igg", D("2020-01-01"), "negative")),
        "due",
        ON,
        "0 of 2",
        "IgG negative",
    ),
    (
        "hepatitis-a",
        _facts(("hepatitis-ab", D("2024-12-01"))),
        "planned",
        D("2025-06-01"),
        "1 of 2",
        "combined",
    ),
    ("td-ipv", _facts(("td-ipv", D("2024-12-01"))), "due", D("2024-12-29"), "1 of 5", "one of five"),
    ("covid-19", _facts(), "refer", ON, "JCVI", "decided locally"),
    # Pertussis: five years.
    ("pertussis", _facts(), "due", ON, "No dose is recorded.", "never"),
    (
        "pertussis",
        _facts(("dtap-ipv", D("2020-01-16"))),
        "immune",
        D("2025-01-16"),
        "within 5 years",
        "last day",
    ),
    (
        "pertussis",
        _facts(("dtap-ipv", D("2020-01-15"))),
        "due",
        D("2025-01-15"),
        "5 years old",
        "five years today",
    ),
    (
        "pertussis",
        _facts(("dtap-ipv", D("2022-01-15")), ("dtap-ipv", D("2012-01-15"))),
        "immune",
        D("2027-01-15"),
        "A dose on 2022-01-15",
        "the last dose counts",
    ),
    ("pertussis", _facts(("td-ipv", D("2024-01-15"))), "due", ON, "No dose", "without pertussis"),
    # Influenza in mid-season.
    ("influenza", _facts(), "due", D("2024-09-01"), "No dose in the season from 2024-09-01", "none"),
    (
        "influenza",
        _facts(("influenza", D("2024-09-01"))),
        "immune",
        D("2025-09-01"),
        "season from",
        "first day",
    ),
    ("influenza", _facts(("influenza-live", D("2024-12-01"))), "immune", D("2025-09-01"), "season", "nasal"),
    ("influenza", _facts(("influenza", D("2024-08-31"))), "due", D("2024-09-01"), "No dose", "last season's"),
    # Tuberculosis.
    ("tuberculosis", _facts(), "due", ON, "No symptom check", "nothing known"),
    ("tuberculosis", _facts(evidence=("tb-symptoms", "bcg-scar")), "refer", ON, "Symptoms", "symptoms first"),
    (
        "tuberculosis",
        _facts(evidence=("bcg-scar",)),
        "due",
        ON,
        "No symptom check",
        "a scar without the check",
    ),
    ("tuberculosis", _facts(evidence=("bcg-scar", CLEAR)), "immune", None, "bcg-scar, no symptoms.", "scar"),
    ("tuberculosis", _facts(("bcg", D("2004-01-01")), evidence=(CLEAR,)), "immune", None, "BCG dose", "dose"),
    ("tuberculosis", _facts(evidence=(CLEAR,)), "due", ON, "No BCG and no recent test.", "unvaccinated"),
    (
        "tuberculosis",
        _facts(("igra", D("2020-01-16"), "negative"), evidence=(CLEAR,)),
        "immune",
        None,
        "igra negative on 2020-01-16",
        "within five years",
    ),
    (
        "tuberculosis",
        _facts(("igra", D("2020-01-15"), "negative"), evidence=(CLEAR,)),
        "due",
        ON,
        "No BCG and no recent test.",
        "five years old",
    ),
    (
        "tuberculosis",
        _facts(("mantoux", D("2024-01-15"), "positive"), evidence=(CLEAR, "bcg-scar")),
        "refer",
        D("2024-01-15"),
        "mantoux positive",
        "latent infection",
    ),
    (
        "tuberculosis",
        _facts(
            ("mantoux", D("2023-01-15"), "positive"), ("igra", D("2024-01-15"), "negative"), evidence=(CLEAR,)
        ),
        "immune",
        None,
        "igra negative",
        "the last test counts",
    ),
    (
        "tuberculosis",
        _facts(evidence=("bcg-scar", CLEAR, "from-high-incidence-country")),
        "due",
        ON,
        "country of high incidence",
        "a scar is not enough",
    ),
    (
        "tuberculosis",
        _facts(("igra", D("2024-01-15"), "negative"), evidence=(CLEAR, "from-high-incidence-country")),
        "immune",
        None,
        "igra negative",
        "tested",
    ),
    # Hepatitis B.
    ("hepatitis-b", _facts(), "due", ON, "0 of 3 doses", "nothing known"),
    (
        "hepatitis-b",
        _facts(("hepatitis-b", D("2025-01-01"))),
        "planned",
        D("2025-01-29"),
        "1 of 3",
        "one dose",
    ),
    ("hepatitis-b", _facts(("hepatitis-b", D("2024-01-01"))), "due", D("2024-01-29"), "1 of 3", "overdue"),
    ("hepatitis-b", _facts(*COURSE), "due", D("2020-08-01"), "No anti-HBs", "test after a month"),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-08-15"), 150)),
        "immune",
        None,
        "is 100 or more",
        "immune",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-08-15"), 50)),
        "due",
        D("2020-08-15"),
        "below 100",
        "low",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-08-15"), 50), ("hepatitis-b", D("2020-09-01"))),
        "immune",
        None,
        "additional dose",
        "low, with the additional dose",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-08-15"), 150), ("anti-hbs", D("2024-08-15"), 5)),
        "immune",
        None,
        "is 100 or more",
        "a level that faded does not undo immunity",
    ),
    (
        "hepatitis-b",
        _facts(
            *COURSE,
            ("anti-hbs", D("2020-08-15"), 50),
            ("hepatitis-b", D("2020-09-01")),
            ("anti-hbs", D("2020-11-01"), 90),
        ),
        "immune",
        None,
        "anti-HBs 50 mIU/mL, and an additional dose",
        "a second low level asks for no second additional dose",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE[:2], ("anti-hbs", D("2020-05-01"), 500), COURSE[2]),
        "due",
        D("2020-08-01"),
        "No anti-HBs",
        "a level before the end of the course does not count",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-07-01"), 150)),
        "due",
        D("2020-08-01"),
        "No anti-HBs",
        "a level of the day of the last dose says nothing about it",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-07-01"), 150), LOW),
        "due",
        LOW[1],
        "below 10 after the first course",
        "the level after the course decides, not that of its last day",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-09-01"), 50), ("hepatitis-b", D("2020-09-01"))),
        "immune",
        None,
        "additional dose",
        "the additional dose on the day of the test",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-09-01"), 100), ("anti-hbs", D("2024-09-01"), 99)),
        "immune",
        None,
        "is 100 or more",
        "exactly 100 is immune for good",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("anti-hbs", D("2020-09-01"), 10), ("anti-hbs", D("2024-09-01"), 9)),
        "due",
        D("2020-09-01"),
        "anti-HBs 10 mIU/mL is below 100",
        "exactly 10 is a response for good",
    ),
    (
        "hepatitis-b",
        _facts(
            *(("hepatitis-b", D(day)) for day in ("2020-01-01", "2020-01-05", "2020-02-01")),
            ("anti-hbs", D("2020-09-01"), 150),
        ),
        "due",
        D("2020-04-22"),
        "2 of 3 doses",
        "a dose too early does not make a course complete",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, LOW, ("hepatitis-b", LOW[1])),
        "due",
        D("2020-09-29"),
        "1 of 3 doses of the second course",
        "the second course may start on the day of the test",
    ),
    ("hepatitis-b", _facts(*COURSE, LOW), "due", LOW[1], "below 10 after the first course", "no response"),
    (
        "hepatitis-b",
        _facts(*COURSE, LOW, SECOND[0]),
        "due",
        D("2021-01-29"),
        "1 of 3 doses of the second course",
        "the second course goes on four weeks later",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, LOW, *SECOND),
        "due",
        D("2021-08-01"),
        "second course is complete",
        "test again",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, LOW, *SECOND, ("anti-hbs", D("2021-09-01"), 5)),
        "not immune",
        None,
        "after two courses",
        "non-responder",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, LOW, *SECOND, ("anti-hbs", D("2021-09-01"), 500)),
        "immune",
        None,
        "is 100 or more",
        "a response to the second course",
    ),
    (
        "hepatitis-b",
        _facts(*COURSE, ("hbsag", D("2021-01-01"), "positive"), ("anti-hbs", D("2020-08-15"), 150)),
        "refer",
        D("2021-01-01"),
        "HBsAg is positive.",
        "infection",
    ),
    (
        "hepatitis-b",
        _facts(("anti-hbc", D("2021-01-01"), "positive"), ("hbsag", D("2021-01-01"), "negative")),
        "refer",
        D("2021-01-01"),
        "anti-HBc is positive.",
        "past infection",
    ),
    (
        "hepatitis-b",
        _facts(
            ("hepatitis-b-adjuvanted", D("2024-01-01")),
            ("hepatitis-b-adjuvanted", D("2024-01-29")),
            ("anti-hbs", D("2024-03-15"), 200),
            schedules={"hepatitis-b": "hepatitis-b-adjuvanted"},
        ),
        "immune",
        None,
        "is 100 or more",
        "a course of two doses",
    ),
    (
        "hepatitis-b",
        _facts(
            *(("hepatitis-b", D(day)) for day in ("2024-10-01", "2024-11-01", "2024-12-01")),
            schedules={"hepatitis-b": "hepatitis-b-accelerated"},
        ),
        "planned",
        D("2025-10-01"),
        "3 of 4 doses",
        "the accelerated course ends after a year",
    ),
]


@pytest.mark.parametrize(("requirement", "facts", "state", "due", "reason", "why"), CASES)
def test_status(
    requirement: str, facts: PersonFacts, state: str, due: date | None, reason: str, why: str
) -> None:
    result = immunity.status(facts, requirement, on=ON)
    assert (result.state, result.due_on) == (state, due), why
    assert reason in result.reason, why
    assert result.requirement == requirement
    assert result.rule_version.startswith("immunity/requirements@1")
    assert result.action or result.state == "immune", why


# (requirement, facts, whole reason)
REASONS: list[tuple[str, PersonFacts, str]] = [
    ("pertussis", _facts(), "No dose is recorded."),
    ("tuberculosis", _facts(evidence=("tb-symptoms",)), "Symptoms of tuberculosis."),
    ("tuberculosis", _facts(), "No symptom check is recorded."),
    ("tuberculosis", _facts(evidence=(CLEAR,)), "No BCG and no recent test."),
    (
        "tuberculosis",
        _facts(evidence=(CLEAR, "from-high-incidence-country")),
        "From a country of high incidence without a recent test.",
    ),
    ("tuberculosis", _facts(("bcg", D("2004-01-01")), evidence=(CLEAR,)), "BCG dose, no symptoms."),
    (
        "tuberculosis",
        _facts(evidence=(CLEAR, "bcg-scar", "bcg-record")),
        "bcg-record, bcg-scar, no symptoms.",
    ),
]


@pytest.mark.parametrize(("requirement", "facts", "reason"), REASONS)
def test_reasons_are_sentences(requirement: str, facts: PersonFacts, reason: str) -> None:
    assert immunity.status(facts, requirement, on=ON).reason == reason


def test_between_seasons_the_next_one_is_named() -> None:
    result = immunity.status(_facts(), "influenza", on=D("2024-06-01"))
    assert result.reason == "Between seasons: the next starts on 2024-09-01."


def test_a_later_result_is_not_known_yet() -> None:
    facts = _facts(("varicella-igg", ON + timedelta(1), "positive"))
    assert immunity.status(facts, "varicella", on=ON).state == "due"
    assert immunity.status(facts, "varicella", on=ON + timedelta(1)).state == "immune"


def test_the_rules_used_are_all_named() -> None:
    def versions(requirement: str) -> str:
        return immunity.status(_facts(), requirement, on=ON).rule_version

    assert versions("mmr") == "immunity/requirements@1; immunity/schedules@1"
    assert versions("hepatitis-b") == (
        "immunity/requirements@1; immunity/hepatitis-b@1; immunity/schedules@1"
    )
    assert versions("influenza") == "immunity/requirements@1"


@pytest.mark.parametrize(
    ("requirement", "standing"),
    [
        ("mmr", "general"),
        ("pertussis", "unsure"),
        ("covid-19", "unsure"),
        ("td-ipv", "unsure"),
        ("hepatitis-b", "general"),
    ],
)
def test_uncertain_rules_show(requirement: str, standing: str) -> None:
    assert immunity.status(_facts(), requirement, on=ON).status == standing


@pytest.mark.parametrize(
    ("facts", "requirement", "action"),
    [
        (_facts(), "mmr", "Give two doses at least a month apart."),
        (_facts(evidence=("tb-symptoms",)), "tuberculosis", "Refer at once; not at work with patients."),
        (_facts(), "tuberculosis", "Check for symptoms of tuberculosis."),
        (_facts(evidence=(CLEAR,)), "tuberculosis", "IGRA or Mantoux"),
        (_facts(("igra", ON, "positive")), "tuberculosis", "Refer: latent infection."),
        (_facts(*COURSE, LOW), "hepatitis-b", "Test HBsAg and anti-HBc"),
        (_facts(*COURSE), "hepatitis-b", "Test anti-HBs 1 to 2 months"),
        (_facts(("hbsag", ON, "positive")), "hepatitis-b", "Refer: pathway"),
        (_facts(*COURSE, ("anti-hbs", ON, 200)), "hepatitis-b", "No further primary doses"),
        (_facts(*COURSE, LOW, *SECOND, ("anti-hbs", ON, 5)), "hepatitis-b", "Immunoglobulin"),
        (_facts(evidence=("chickenpox",)), "varicella", ""),
        (_facts(), "covid-19", "Follow current JCVI advice."),
    ],
)
def test_the_action_says_what_to_do(facts: PersonFacts, requirement: str, action: str) -> None:
    found = immunity.status(facts, requirement, on=ON).action
    assert found.startswith(action) if action else found == ""


# (as of, state, due, why) for somebody vaccinated on 1 October 2024
SEASONS = [
    ("2024-09-30", "due", "2024-09-01", "before the dose"),
    ("2024-10-01", "immune", "2025-09-01", "the day of the dose"),
    ("2025-08-31", "immune", "2025-09-01", "the day before the next season"),
    ("2025-09-01", "due", "2025-09-01", "the next season"),
    ("2026-03-31", "due", "2025-09-01", "its last day"),
    ("2026-04-01", "planned", "2026-09-01", "between seasons"),
    ("2024-04-01", "planned", "2024-09-01", "between seasons before"),
    ("2024-01-01", "due", "2023-09-01", "the season before started last year"),
]


@pytest.mark.parametrize(("on", "state", "due", "why"), SEASONS)
def test_influenza_season(on: str, state: str, due: str, why: str) -> None:
    result = immunity.status(_facts(("influenza", D("2024-10-01"))), "influenza", on=D(on))
    assert (result.state, result.due_on) == (state, D(due)), why


# (requirement, declined, facts, as of, state, due, why)
REFUSALS: list[tuple[str, str, PersonFacts, str, str, str | None, str]] = [
    ("mmr", "2025-01-01", _facts(), "2025-01-15", "declined", "2026-01-01", "within the year"),
    ("mmr", "2025-01-01", _facts(), "2025-01-01", "declined", "2026-01-01", "on the day"),
    ("mmr", "2025-01-01", _facts(), "2025-12-31", "declined", "2026-01-01", "its last day"),
    ("mmr", "2025-01-01", _facts(), "2026-01-01", "due", "2026-01-01", "offered again after a year"),
    ("mmr", "2025-01-01", _facts(), "2024-12-31", "due", "2024-12-31", "before the refusal"),
    (
        "mmr",
        "2025-01-01",
        _facts(("mmr", D("2025-02-01"))),
        "2025-02-02",
        "planned",
        "2025-03-01",
        "changed mind",
    ),
    (
        "mmr",
        "2025-01-01",
        _facts(("mmr", D("2025-01-01"))),
        "2025-01-02",
        "declined",
        "2026-01-01",
        "one then no more",
    ),
    (
        "mmr",
        "2025-01-01",
        _facts(("varicella", D("2025-02-01"))),
        "2025-04-02",
        "declined",
        "2026-01-01",
        "another",
    ),
    ("influenza", "2024-10-01", _facts(), "2025-01-15", "declined", "2025-09-01", "for the season"),
    ("influenza", "2024-10-01", _facts(), "2025-08-31", "declined", "2025-09-01", "until the next"),
    ("influenza", "2024-10-01", _facts(), "2025-09-01", "due", "2025-09-01", "the next season"),
    (
        "varicella",
        "2025-01-01",
        _facts(evidence=("chickenpox",)),
        "2025-01-15",
        "immune",
        None,
        "immune anyway",
    ),
    (
        "tuberculosis",
        "2025-01-01",
        _facts(evidence=("tb-symptoms",)),
        "2025-01-15",
        "refer",
        "2025-01-15",
        "symptoms",
    ),
    ("hepatitis-b", "2025-01-01", _facts(), "2025-01-15", "declined", "2026-01-01", "declined"),
]


@pytest.mark.parametrize(("requirement", "declined", "facts", "on", "state", "due", "why"), REFUSALS)
def test_refusals(
    requirement: str, declined: str, facts: PersonFacts, on: str, state: str, due: str | None, why: str
) -> None:
    refused = replace(facts, declined={requirement: D(declined)})
    result = immunity.status(refused, requirement, on=D(on))
    assert (result.state, result.due_on) == (state, due and D(due)), why
    if state == "declined":
        assert result.reason == f"Declined on {declined}."
        assert result.action == f"Offer again from {due}."


REQUIREMENTS = [
    "mmr",
    "varicella",
    "hepatitis-b",
    "tuberculosis",
    "influenza",
    "pertussis",
    "td-ipv",
    "hepatitis-a",
    "covid-19",
]
days = st.dates(date(2015, 1, 1), date(2027, 12, 31))
doses = st.builds(
    Dose,
    st.sampled_from(
        ["mmr", "mmrv", "varicella", "hepatitis-b", "hepatitis-ab", "dtap-ipv", "influenza", "bcg"]
    ),
    days,
)
tests = st.one_of(
    st.builds(
        LabTest,
        st.sampled_from(["measles-igg", "rubella-igg", "varicella-igg", "igra", "hbsag", "anti-hbc"]),
        days,
        st.sampled_from(["positive", "negative"]),
    ),
    st.builds(LabTest, st.just("anti-hbs"), days, st.sampled_from([0, 5, 10, 50, 100, 500])),
)
people = st.builds(
    PersonFacts,
    st.just(BORN),
    st.lists(doses, max_size=8).map(tuple),
    st.lists(tests, max_size=4).map(tuple),
    st.frozensets(st.sampled_from(["chickenpox", "raised-in-tropics", "bcg-scar", CLEAR, "tb-symptoms"])),
    st.dictionaries(st.sampled_from(REQUIREMENTS), days, max_size=2),
)


@given(people, st.sampled_from(REQUIREMENTS), days)
def test_the_future_does_not_matter(facts: PersonFacts, requirement: str, on: date) -> None:
    result = immunity.status(facts, requirement, on=on)
    assert result == immunity.status(facts.as_of(on), requirement, on=on)
    later = replace(facts, doses=(*facts.doses, Dose("mmr", on + timedelta(1))))
    assert result == immunity.status(later, requirement, on=on)


@given(people, st.sampled_from(REQUIREMENTS), days)
def test_states_and_days_agree(facts: PersonFacts, requirement: str, on: date) -> None:
    result = immunity.status(facts, requirement, on=on)
    assert result.reason
    if result.state in ("due", "refer"):
        assert result.due_on is not None
        assert result.due_on <= on
    elif result.state in ("planned", "declined"):
        assert result.due_on is not None
        assert result.due_on > on
    elif result.state == "immune" and result.due_on is not None:
        assert result.due_on > on


@given(people, st.sampled_from(REQUIREMENTS), days)
def test_the_order_of_tests_does_not_matter(facts: PersonFacts, requirement: str, on: date) -> None:
    # Two results of one kind on one day contradict each other in an order that is all that is known.
    unique = {(test.kind, test.on): test for test in facts.tests}
    facts = replace(facts, tests=tuple(unique.values()))
    turned = replace(facts, tests=facts.tests[::-1])
    assert immunity.status(facts, requirement, on=on) == immunity.status(turned, requirement, on=on)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: immunity.status(_facts(), "smallpox", on=ON), "has no 'smallpox'; choose from covid-19"),
        (lambda: immunity.status(_facts(), "mmr", on=date(1990, 5, 19)), "on is 1990-05-19, before birth"),
        (
            lambda: LabTest("crp", ON, "positive"),
            "There is no test 'crp'; choose from anti-hbc, anti-hbs, hbsag",
        ),
        (lambda: LabTest("igra", ON, 3.5), "The igra is 3.5; it must be positive or negative"),
        (lambda: LabTest("anti-hbs", ON, "positive"), "anti-HBs is 'positive'"),
        (lambda: _facts(("igra", date(1990, 5, 19), "negative")), "before birth on 1990-05-20"),
        (
            lambda: _facts(evidence=("rumour",)),
            "There is no evidence 'rumour'; choose from bcg-record, bcg-scar",
        ),
        (
            lambda: immunity.status(_facts(schedules={"mmr": "one-dose"}), "mmr", on=ON),
            "has no 'one-dose'",
        ),
    ],
)
def test_bad_input_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_record_on_the_day_of_birth_is_fine() -> None:
    facts = PersonFacts(BORN, (Dose("hepatitis-b", BORN),), (LabTest("hbsag", BORN, "negative"),))
    assert immunity.status(facts, "hepatitis-b", on=BORN).state == "planned"
