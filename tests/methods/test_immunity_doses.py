"""Validity of doses against the CDC CDSi test cases and the intervals of the courses."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openoh.methods import immunity
from openoh.methods._dates import add, after
from openoh.methods.immunity import Dose, PersonFacts, Schedule, Step
from tests.outside_data import outside_data

# Vaccine code of the cases (CVX): product here.
PRODUCTS = {
    "03": "mmr",
    "94": "mmrv",
    "21": "varicella",
    "149": "influenza-live",
    "08": "hepatitis-b",
    "43": "hepatitis-b",
    "45": "hepatitis-b",
    "189": "hepatitis-b-adjuvanted",
    "52": "hepatitis-a",
    "85": "hepatitis-a",
    "115": "dtap-ipv",
    "139": "td-ipv",
}
REASONS = {
    "Age: Too Young": "too young",
    "Interval: too short": "interval too short",
    "Live Virus Conflict": "live vaccine conflict",
    "Inadvertent Vaccine": "not licensed at this age",
}


def _schedule(name: str, against: set[str], *steps: Step, grace_days: int = 4) -> Schedule:
    """A course with the American rules: any two different live components conflict for 28 days."""
    return Schedule(name, frozenset(against), steps, grace_days, 28, None, None, "test@1", "sourced")


MMR = _schedule(
    "mmr", {"measles"}, Step(least_age="12 months"), Step(least_age="13 months", interval="4 weeks")
)
# The second dose of a child has no grace: 13 months and 4 weeks, as case 2013-0842 and 2013-0808 show.
VARICELLA_CHILD = _schedule(
    "varicella-child",
    {"varicella"},
    Step(least_age="12 months"),
    Step(least_age="13 months", interval="4 weeks", grace_days=0),
)
VARICELLA_ADULT = _schedule(
    "varicella-adult",
    {"varicella"},
    Step(least_age="13 years"),
    Step(least_age="13 years", interval="4 weeks"),
)
HEPATITIS_B = _schedule(
    "hepatitis-b",
    {"hepatitis-b"},
    Step(),
    Step(least_age="4 weeks", interval="4 weeks"),
    Step(least_age="24 weeks", interval="8 weeks", from_first="16 weeks"),
)
HEPATITIS_A = _schedule(
    "hepatitis-a",
    {"hepatitis-a"},
    Step(least_age="12 months"),
    Step(least_age="18 months", interval="6 months"),
)
TETANUS = _schedule(
    "tetanus", {"tetanus"}, Step(least_age="7 years"), Step(interval="4 weeks"), Step(interval="6 months")
)


def _numbers(year: int, first: int, last: int) -> list[str]:
    return [f"{year}-{number:04}" for number in range(first, last + 1)]


# (course, its cases, how many of them consist of the products above)
SERIES = [
    (MMR, [*_numbers(2013, 523, 525), *_numbers(2013, 540, 574), *_numbers(2019, 18, 22)], 34),
    (
        VARICELLA_CHILD,
        [*_numbers(2013, 789, 806), *_numbers(2013, 808, 809), *_numbers(2013, 813, 843)],
        30,
    ),
    (
        VARICELLA_ADULT,
        ["2013-0807", *_numbers(2013, 810, 812), "2013-0844", "2015-0002", *_numbers(2019, 24, 26)],
        9,
    ),
    (HEPATITIS_B, [*_numbers(2013, 199, 232), *_numbers(2018, 15, 23)], 30),
    (HEPATITIS_A, [*_numbers(2013, 186, 197), *_numbers(2019, 11, 14), "2020-0001"], 15),
    (TETANUS, _numbers(2020, 4, 10), 7),
]
# Third doses that the cases call valid although a day below the minimum less the grace, where the case
# after each keeps just that minimum: 8 weeks, 16 weeks after the first, 24 weeks of age.
FAULTS_OF_THE_CASES = {("2013-0202", 2), ("2013-0212", 2), ("2013-0205", 2), ("2013-0230", 2)}


def _cases() -> dict[str, dict[str, Any]]:
    text = outside_data("immunisation", "cdsi_test_cases.json").read_text(encoding="utf-8")
    return {case["test_id"]: case for case in json.loads(text)}


@pytest.mark.parametrize(("course", "numbers", "count"), SERIES, ids=[course.name for course, _, _ in SERIES])
def test_cdsi_cases(course: Schedule, numbers: list[str], count: int) -> None:
    cases = _cases()
    known = [
        cases[number]
        for number in numbers
        if number in cases and all(dose["cvx"] in PRODUCTS for dose in cases[number]["doses"])
    ]
    assert len(known) == count
    for case in known:
        given_doses = case["doses"]
        history = PersonFacts(
            date.fromisoformat(case["dob"]),
            tuple(Dose(PRODUCTS[dose["cvx"]], date.fromisoformat(dose["given"])) for dose in given_doses),
        )
        review = immunity.dose_validity(history, course)
        expected = [dose for dose in given_doses if course.covers(PRODUCTS[dose["cvx"]])]
        assert len(review.checks) == len(expected), case["test_id"]
        for place, (check, dose) in enumerate(zip(review.checks, expected, strict=True)):
            if (case["test_id"], place) in FAULTS_OF_THE_CASES:
                assert check.verdict == "not valid"
            elif dose["expected_status"] == "Valid":
                assert check.verdict == "valid", (case["test_id"], place, check.reasons)
            else:
                assert check.verdict == "not valid", (case["test_id"], place)
                assert REASONS[dose["expected_reason"]] in check.reasons, (case["test_id"], place)


BORN = date(1990, 5, 20)
START = date(2024, 3, 1)


def _history(*doses: tuple[str, int], born: date = BORN) -> PersonFacts:
    """Doses as (product, days after 1 March 2024)."""
    return PersonFacts(born, tuple(Dose(vaccine, START + timedelta(days)) for vaccine, days in doses))


# (course, doses in days, valid doses, day of the next, reasons of the last dose, why)
COURSES: list[tuple[str, list[tuple[str, int]], int, int | None, tuple[str, ...], str]] = [
    ("mmr", [("mmr", 0)], 1, 28, (), "the second after four weeks"),
    ("mmr", [("mmr", 0), ("mmr", 24)], 2, None, (), "four days of grace"),
    ("mmr", [("mmr", 0), ("mmr", 23)], 1, 28, ("interval too short",), "a day too early"),
    ("mmr", [("mmr", 0), ("mmr", 23), ("mmr", 28)], 2, None, (), "an invalid dose delays nothing"),
    ("mmr", [("mmr", 0), ("mmrv", 27)], 1, 55, ("live vaccine conflict",), "no grace between live vaccines"),
    ("mmr", [("mmr", 0), ("mmrv", 28)], 2, None, (), "28 days between live vaccines"),
    ("mmr", [("varicella", 0), ("mmr", 0)], 1, 28, (), "live vaccines on one day"),
    ("mmr", [("varicella", 0), ("mmr", 27)], 0, 28, ("live vaccine conflict",), "27 days after varicella"),
    ("mmr", [("yellow-fever", 0), ("mmr", 27)], 0, 28, ("live vaccine conflict",), "after yellow fever"),
    ("mmr", [("bcg", 0), ("mmr", 1)], 1, 29, (), "BCG conflicts with nothing"),
    ("mmr", [("influenza-live", 0), ("mmr", 1)], 1, 29, (), "nor does the nasal influenza vaccine"),
    ("mmr", [("mmr", 0), ("mmr", 30), ("mmr", 60)], 2, None, ("course complete",), "an extra dose"),
    ("varicella", [("zoster-live", 0), ("varicella", 1)], 1, 29, (), "zoster does not count"),
    ("hepatitis-b", [("hepatitis-b", 0)], 1, 28, (), "the second after four weeks"),
    ("hepatitis-b", [("hepatitis-b", 0), ("hepatitis-ab", 28)], 2, 112, (), "16 weeks after the first"),
    ("hepatitis-b", [("hepatitis-b", 0), ("hepatitis-b", 100)], 2, 156, (), "8 weeks after the second"),
    ("hepatitis-b", [("hepatitis-b", d) for d in (0, 28, 108)], 3, None, (), "grace on 16 weeks"),
    ("hepatitis-b", [("hepatitis-b", d) for d in (0, 28, 107)], 2, 112, ("interval too short",), "too early"),
    (
        "hepatitis-b-accelerated",
        [("hepatitis-b", d) for d in (0, 28, 56)],
        3,
        365,
        (),
        "12 months after the first",
    ),
    ("hepatitis-b-accelerated", [("hepatitis-b", d) for d in (0, 28, 56, 365)], 4, None, (), "complete"),
    ("hepatitis-b-very-rapid", [("hepatitis-b", d) for d in (0, 7, 21)], 3, 365, (), "0, 7 and 21 days"),
    (
        "hepatitis-b-very-rapid",
        [("hepatitis-b", d) for d in (0, 6)],
        1,
        7,
        ("interval too short",),
        "no grace",
    ),
    (
        "hepatitis-b-very-rapid",
        [("hepatitis-b", d) for d in (0, 7, 20)],
        2,
        21,
        ("interval too short",),
        "no grace",
    ),
    ("hepatitis-b-adjuvanted", [("hepatitis-b", 0)], 0, -12338, (), "another product does not count"),
    ("hepatitis-b-adjuvanted", [("hepatitis-b-adjuvanted", d) for d in (0, 28)], 2, None, (), "two doses"),
    ("hepatitis-a", [("hepatitis-ab", 0)], 1, 184, (), "six months to the day"),
    ("hepatitis-a", [("hepatitis-a", 0), ("hepatitis-a", 180)], 2, None, (), "six months less four days"),
    (
        "hepatitis-a",
        [("hepatitis-a", 0), ("hepatitis-a", 179)],
        1,
        184,
        ("interval too short",),
        "a day too early",
    ),
    ("td-ipv", [("td-ipv", 0), ("dtap-ipv", 28), ("td-ipv", 56)], 3, 56 + 365, (), "combined products count"),
]


@pytest.mark.parametrize(("course", "doses", "valid", "next_due", "reasons", "why"), COURSES)
def test_courses(
    course: str,
    doses: list[tuple[str, int]],
    valid: int,
    next_due: int | None,
    reasons: tuple[str, ...],
    why: str,
) -> None:
    review = immunity.dose_validity(_history(*doses), course)
    if course == "hepatitis-b-adjuvanted" and valid == 0:
        assert (review.checks, review.next_due) == ((), add(BORN, years=18)), why
        return
    assert review.valid == valid, why
    assert review.next_due == (None if next_due is None else START + timedelta(next_due)), why
    assert review.checks[-1].reasons == reasons, why
    assert review.complete == (next_due is None) == (review.valid == review.needed)
    assert review.rule_version == "immunity/schedules@1"
    assert review.reason == f"{valid} of {review.needed} doses of the {course} course count."
    counted = [check for check in review.checks if check.verdict == "valid"]
    assert [check.number for check in counted] == list(range(1, valid + 1))
    assert review.last_valid == (counted[-1].dose.given if counted else None)
    extra = reasons == ("course complete",)
    assert review.checks[-1].verdict == ("extra" if extra else "not valid" if reasons else "valid")


# (age of the first dose, reasons, why)
AGES: list[tuple[str, str, date, tuple[str, ...], str]] = [
    ("mmr", "mmr", date(2023, 3, 5), (), "12 months less four days"),
    ("mmr", "mmr", date(2023, 3, 6), ("too young",), "a day younger"),
    ("hepatitis-b", "hepatitis-b-adjuvanted", date(2006, 3, 5), (), "18 years less four days"),
    (
        "hepatitis-b",
        "hepatitis-b-adjuvanted",
        date(2006, 3, 6),
        ("not licensed at this age",),
        "a day younger",
    ),
    ("hepatitis-b-very-rapid", "hepatitis-b", date(2008, 3, 1), (), "16 years"),
    (
        "hepatitis-b-very-rapid",
        "hepatitis-b",
        date(2008, 3, 2),
        ("too young",),
        "a day younger, without grace",
    ),
]


@pytest.mark.parametrize(("course", "vaccine", "born", "reasons", "why"), AGES)
def test_least_ages(course: str, vaccine: str, born: date, reasons: tuple[str, ...], why: str) -> None:
    review = immunity.dose_validity(_history((vaccine, 0), born=born), course)
    assert review.checks[0].reasons == reasons, why
    assert review.checks[0].number == (None if reasons else 1)


def test_all_faults_of_a_dose_are_named() -> None:
    born = date(2023, 3, 1)
    review = immunity.dose_validity(
        _history(("varicella", 0), ("mmr", 1), ("mmr", 2), born=born), replace(MMR, grace_days=0)
    )
    assert review.checks[0].reasons == ("live vaccine conflict",)
    late = immunity.dose_validity(_history(("mmr", 0), ("mmrv", 20), born=born), MMR)
    assert late.checks[1].reasons == ("too young", "interval too short", "live vaccine conflict")


def test_least_ages_may_be_equal_and_the_first_dose_has_no_interval() -> None:
    course = replace(MMR, steps=(Step(least_age="1 years", interval="9 years"), Step(least_age="1 years")))
    assert immunity.dose_validity(_history(("mmr", 0), ("mmr", 1)), course).complete


def test_the_next_dose_waits_for_the_licensed_age() -> None:
    course = replace(HEPATITIS_B, products=frozenset({"hepatitis-b-adjuvanted"}))
    assert immunity.dose_validity(_history(), course).next_due == add(BORN, years=18)


def test_an_uncertain_course_says_so() -> None:
    assert immunity.dose_validity(_history(), "td-ipv").status == "unsure"
    assert immunity.dose_validity(_history(), "mmr").status == "general"


def test_nobody_vaccinated_is_due_at_the_least_age() -> None:
    review = immunity.dose_validity(_history(), "mmr")
    assert (review.valid, review.checks, review.last_valid) == (0, (), None)
    assert review.next_due == date(1991, 5, 20)
    assert immunity.dose_validity(_history(), "hepatitis-b").next_due == BORN


names = st.sampled_from(
    [
        "mmr",
        "varicella",
        "hepatitis-b",
        "hepatitis-b-accelerated",
        "hepatitis-b-adjuvanted",
        "hepatitis-a",
        "td-ipv",
    ]
)
vaccines = st.sampled_from(
    [
        "mmr",
        "mmrv",
        "varicella",
        "hepatitis-b",
        "hepatitis-b-adjuvanted",
        "hepatitis-ab",
        "td-ipv",
        "yellow-fever",
    ]
)
histories = st.lists(st.tuples(vaccines, st.integers(0, 800)), max_size=7)
USUAL = {"hepatitis-b-accelerated": "hepatitis-b"}


@given(histories, names, st.randoms())
def test_the_order_of_records_does_not_matter(doses: list[tuple[str, int]], course: str, random: Any) -> None:
    # On one day the order of records is all that is known.
    assume(len({day for _, day in doses}) == len(doses))
    shuffled = doses[:]
    random.shuffle(shuffled)
    assert immunity.dose_validity(_history(*shuffled), course) == immunity.dose_validity(
        _history(*doses), course
    )


@given(histories, names)
def test_a_dose_on_the_due_day_counts_and_one_before_the_grace_does_not(
    doses: list[tuple[str, int]], course: str
) -> None:
    history = _history(*doses)
    review = immunity.dose_validity(history, course)
    if review.next_due is None:
        assert review.complete
        return
    last = max((dose.given for dose in history.doses), default=BORN)
    usual = USUAL.get(course, course)
    on = max(review.next_due, last)
    later = replace(history, doses=(*history.doses, Dose(usual, on)))
    assert immunity.dose_validity(later, course).valid == review.valid + 1
    early = review.next_due - timedelta(5)
    if early > last:
        sooner = replace(history, doses=(*history.doses, Dose(usual, early)))
        assert immunity.dose_validity(sooner, course).valid == review.valid


@given(histories, names)
def test_every_dose_of_the_course_is_judged_once(doses: list[tuple[str, int]], course: str) -> None:
    review = immunity.dose_validity(_history(*doses), course)
    assert 0 <= review.valid <= review.needed
    assert sum(check.verdict == "valid" for check in review.checks) == review.valid
    assert all(bool(check.reasons) == (check.verdict != "valid") for check in review.checks)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": ()}, "mmr has 0 steps"),
        ({"grace_days": -1}, "-1 days of grace"),
        ({"steps": (Step(least_age="2 years"), Step(least_age="1 years"))}, "least ages of mmr fall"),
        ({"steps": (Step(interval="4 fortnights"),)}, "A span is '4 fortnights'"),
        ({"steps": (Step(from_first="-4 weeks"),)}, "A span is '-4 weeks'"),
        ({"steps": (Step(least_age="a year"),)}, "A span is 'a year'"),
    ],
)
def test_a_course_in_the_wrong_order_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(MMR, **changes)


def test_unknown_names_and_days_before_birth_are_refused() -> None:
    with pytest.raises(ValueError, match="has no 'smallpox'; choose from hepatitis-a"):
        immunity.dose_validity(_history(), "smallpox")
    with pytest.raises(ValueError, match="has no 'MMR II'; choose from bcg"):
        Dose("MMR II", START)
    with pytest.raises(ValueError, match="on 1990-05-19, before birth on 1990-05-20"):
        PersonFacts(BORN, (Dose("mmr", date(1990, 5, 19)),))


@pytest.mark.parametrize(
    ("day", "span", "expected"),
    [
        (date(2024, 1, 1), "10 days", date(2024, 1, 11)),
        (date(2024, 1, 1), "2 weeks", date(2024, 1, 15)),
        (date(2024, 1, 31), "1 months", date(2024, 3, 1)),
        (date(2023, 12, 31), "2 months", date(2024, 3, 1)),
        (date(2024, 11, 30), "1 months", date(2024, 12, 30)),
        (date(2024, 12, 5), "1 months", date(2025, 1, 5)),
        (date(2023, 10, 31), "1 months", date(2023, 12, 1)),
        (date(2024, 2, 29), "1 years", date(2025, 3, 1)),
        (date(2024, 2, 29), "4 years", date(2028, 2, 29)),
    ],
)
def test_spans(day: date, span: str, expected: date) -> None:
    assert after(day, span) == expected
