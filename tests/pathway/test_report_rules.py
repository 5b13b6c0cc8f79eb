"""What a report must say, what its manager's copy holds, who gets it, and which decision allows it: as tables."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.codes import catalogue
from openoh.pathway.reports import rules
from openoh.pathway.reports.rules import Advice, Recommendation, Restriction, Step

TODAY = date(2026, 3, 2)
LATER = TODAY + timedelta(days=30)
ADJUSTED = [Recommendation("no-nights", starts_on=TODAY, ends_on=LATER)]
RESTRICTED = [Restriction("no-driving", starts_on=TODAY, ends_on=LATER)]


@pytest.mark.parametrize(
    ("outcome", "fields", "wrong"),
    [
        ("", {}, ["outcome"]),
        ("FIT", {}, []),
        ("FIT", {"recommendations": ADJUSTED}, ["outcome"]),
        ("FIT_ADJ_T", {}, ["recommendations"]),
        ("FIT_ADJ_T", {"recommendations": ADJUSTED}, []),
        ("FIT_ADJ_T", {"recommendations": [Recommendation("no-nights", ends_on=LATER)]}, ["recommendations"]),
        ("FIT_ADJ_T", {"recommendations": [Recommendation("no-nights", starts_on=TODAY)]}, ["recommendations"]),
        ("FIT_ADJ_T", {"recommendations": [Recommendation("no-nights", starts_on=TODAY)], "review_on": LATER}, []),
        ("FIT_ADJ_T", {"recommendations": [Recommendation("no-nights", starts_on=TODAY, permanent=True)],
                       "review_on": LATER}, ["recommendations"]),
        ("FIT_ADJ_P", {"recommendations": [Recommendation("chair", permanent=True)]}, ["review_on"]),
        ("FIT_ADJ_P", {"recommendations": [Recommendation("chair", permanent=True)], "review_on": LATER}, []),
        ("FIT_RESTR", {}, ["restrictions"]),
        ("FIT_RESTR", {"restrictions": RESTRICTED}, []),
        ("FIT_RESTR", {"restrictions": [Restriction("no-driving", starts_on=TODAY)]}, ["restrictions"]),
        ("FIT_RESTR", {"restrictions": [Restriction("no-driving", starts_on=TODAY, permanent=True)]}, []),
        ("FIT_RESTR", {"restrictions": [Restriction("no-driving", starts_on=LATER, ends_on=TODAY)]}, ["restrictions"]),
        ("UNFIT_T", {}, ["return_expected_on"]),
        ("UNFIT_T", {"return_expected_on": LATER}, []),
        ("UNFIT_T", {"review_on": LATER}, []),
        ("UNFIT_T", {"return_expected_on": TODAY - timedelta(days=1)}, ["return_expected_on"]),
        ("UNFIT_P_ROLE", {}, ["words"]),
        ("UNFIT_P_ROLE", {"words": "Because of the demands of the role."}, []),
        ("UNFIT_P_ANY", {}, []),
        ("UNABLE", {}, ["unable_reason"]),
        ("UNABLE", {"unable_reason": "did-not-attend"}, []),
        ("UNFIT_T", {"review_on": LATER, "phased_return": [Step(1, 50), Step(3, 75)]}, ["phased_return"]),
        ("UNFIT_T", {"review_on": LATER, "phased_return": [Step(1, 0)]}, ["phased_return"]),
        ("UNFIT_T", {"review_on": LATER, "phased_return": [Step(1, 50), Step(2, 60), Step(3, 75), Step(4, 100)]}, []),
    ],
)  # fmt: skip
def test_the_extras_that_each_outcome_requires(outcome, fields, wrong):
    requires = catalogue.code("fitness-outcome", outcome).extra["requires"] if outcome else ()
    found = rules.problems(Advice(outcome=outcome, **fields), requires, TODAY)
    assert [problem.field for problem in found] == wrong


def test_the_outcomes_are_those_of_the_specification_and_two_need_a_physician():
    outcomes = catalogue.codes("fitness-outcome")
    assert list(outcomes) == [
        "FIT", "FIT_ADJ_T", "FIT_ADJ_P", "FIT_RESTR", "UNFIT_T", "UNFIT_P_ROLE", "UNFIT_P_ANY", "UNABLE",
    ]  # fmt: skip
    signed_by_physician = [
        code for code, each in outcomes.items() if each.extra.get("signed_by") == "physician"
    ]
    assert signed_by_physician == ["UNFIT_P_ROLE", "UNFIT_P_ANY"]


def test_of_unable_to_advise_the_manager_is_told_nothing_but_that():
    told = rules.for_manager(
        Advice(
            outcome="UNABLE",
            unable_reason="no-consent",
            words="She did not agree.",
            answers={"meetings": "No"},
        )
    )
    assert told == Advice(outcome="UNABLE")


DECISIONS = [None, "given", "given-see-first", "declined", "withdrawn"]


def test_every_combination_of_decision_ground_silence_window_sight_and_treatment():
    """The whole table: allowed rows are listed here in words, all others are refused."""
    for decision, ground, silence, over, seen, treating in product(
        DECISIONS, ["consent", "legal-duty"], [False, True], [False, True], [False, True], [False, True]
    ):
        refused = decision in ("declined", "withdrawn")
        other_ground = ground != "consent"
        said_yes = not silence and decision == "given"
        silence_counts = silence and over and seen and not treating
        agreed_before = decision in ("given", "given-see-first")
        expected = not refused and (other_ground or said_yes or (silence_counts and agreed_before))
        got = rules.release(
            decision=decision, ground=ground, by_silence=silence, window_over=over, seen=seen,
            treating_relationship=treating, rule_version="reports/release/1",
        )  # fmt: skip
        assert got.allowed is expected, (decision, ground, silence, over, seen, treating)


PEOPLE = st.sampled_from("abcd")


@given(
    named=st.lists(PEOPLE, unique=True), excluded=st.sets(PEOPLE), able=st.sets(PEOPLE),
    referrer=st.none() | PEOPLE, leads=st.booleans(),
)  # fmt: skip
def test_whoever_receives_is_able_not_excluded_and_named_or_the_referrer(
    named, excluded, able, referrer, leads
):
    chosen = rules.who_receives(
        named=named, excluded=excluded, referrer=referrer, able=able, referrer_leads=leads
    )
    assert set(chosen) <= able - excluded
    allowed = set(named) or ({referrer} if referrer and leads else set())
    assert set(chosen) == (allowed & able) - excluded
