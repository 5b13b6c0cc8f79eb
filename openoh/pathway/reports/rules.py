"""What a report must say before it can be signed, what the manager's copy holds, and when it may be released.

Sources: General Medical Council, Confidentiality: disclosing information for employment, insurance and similar
purposes, paragraph 115; Faculty of Occupational Medicine, Good Occupational Medical Practice; Access to
Medical Reports Act 1988. What each outcome requires is content (codes/content/fitness.toml).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from openoh.foundation.core.decisions import Decision, allow, refuse

Key = TypeVar("Key")

UNABLE = "UNABLE"
NOTHING_TO_CHANGE = ("FIT", UNABLE)
TEMPORARY_ADJUSTMENTS = "FIT_ADJ_T"
MOST_STEPS = 26
# What the person may have agreed to in writing at the consultation.
AGREED_BEFORE = ("given", "given-see-first")


@dataclass(frozen=True)
class Restriction:
    """Something that must not be done; without a last day only when `permanent`."""

    code: str
    starts_on: date | None = None
    ends_on: date | None = None
    permanent: bool = False
    details: str = ""


@dataclass(frozen=True)
class Recommendation:
    """One adjustment that the manager will have to answer."""

    code: str
    details: str = ""
    permanent: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    review_on: date | None = None


@dataclass(frozen=True)
class Step:
    """One week of a phased return, and the share of full hours in it (1 to 100)."""

    week: int
    percent: int


@dataclass(frozen=True)
class Advice:
    """A report as the clinician chooses it. Codes are those of codes/content; `answers` by question code."""

    outcome: str = ""
    restrictions: Sequence[Restriction] = ()
    recommendations: Sequence[Recommendation] = ()
    phased_return: Sequence[Step] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    return_expected_on: date | None = None
    review_on: date | None = None
    equality_opinion: str = ""
    work_related: str = ""
    prognosis: str = ""
    unable_reason: str = ""
    consent_at_consultation: str = ""


@dataclass(frozen=True)
class Problem:
    """What keeps a report from being signed; `sentence` says what to do."""

    field: str
    sentence: str


_REQUIRED: dict[str, tuple[str, str, Callable[[Advice], bool]]] = {
    "adjustments": ("recommendations", "Name at least one adjustment.", lambda a: bool(a.recommendations)),
    "start": ("recommendations", "Say from when each adjustment is needed.",
              lambda a: all(r.starts_on for r in a.recommendations)),
    "end-or-review": ("recommendations", "Give each adjustment a last day or a review date.",
                      lambda a: bool(a.review_on) or all(r.ends_on or r.review_on for r in a.recommendations)),
    "review": ("review_on", "Give a review date.",
               lambda a: bool(a.review_on) or (bool(a.recommendations)
                                               and all(r.review_on for r in a.recommendations))),
    "restrictions": ("restrictions", "Name at least one restriction.", lambda a: bool(a.restrictions)),
    "restriction-dates": ("restrictions", "Give each restriction its first day, and a last day unless it stays.",
                          lambda a: all(r.starts_on and (r.ends_on or r.permanent) for r in a.restrictions)),
    "return-or-review": ("return_expected_on", "Give the day of expected return, or a review date.",
                         lambda a: bool(a.return_expected_on or a.review_on)),
    "rationale": ("words", "Say in words why.", lambda a: bool(a.words.strip())),
    "unable-reason": ("unable_reason", "Say why you cannot advise.", lambda a: bool(a.unable_reason)),
}  # fmt: skip


def problems(advice: Advice, requires: Collection[str], today: date) -> list[Problem]:
    """Everything that must be filled in or mended before signing; empty when the report is complete.

    `requires` are the extras of the outcome. Raises KeyError for an extra that no rule knows.
    """
    if not advice.outcome:
        return [Problem("outcome", "Choose what you advise.")]
    lacking = [
        Problem(where, sentence)
        for where, sentence, filled in (_REQUIRED[extra] for extra in requires)
        if not filled(advice)
    ]
    return lacking + [Problem(where, sentence) for where, sentence, found in _wrong(advice, today) if found]


def _wrong(advice: Advice, today: date) -> list[tuple[str, str, bool]]:
    spans: list[Restriction | Recommendation] = [*advice.restrictions, *advice.recommendations]
    weeks = [step.week for step in advice.phased_return]
    return [
        ("outcome", "This outcome goes without adjustments and restrictions. Take them out, or choose another.",
         advice.outcome in NOTHING_TO_CHANGE and bool(spans or advice.phased_return)),
        ("recommendations", "With temporary adjustments none can be permanent.",
         advice.outcome == TEMPORARY_ADJUSTMENTS and any(r.permanent for r in advice.recommendations)),
        ("restrictions", "A last day must not be before the first day.",
         any(s.starts_on and s.ends_on and s.ends_on < s.starts_on for s in spans)),
        ("phased_return", "Give the weeks in order from 1, each with 1 to 100 % of full hours.",
         weeks != list(range(1, len(weeks) + 1)) or len(weeks) > MOST_STEPS
         or any(not 1 <= step.percent <= 100 for step in advice.phased_return)),
        ("return_expected_on", "The day of expected return cannot be in the past.",
         advice.return_expected_on is not None and advice.return_expected_on < today),
        ("review_on", "The review date cannot be in the past.",
         advice.review_on is not None and advice.review_on < today),
    ]  # fmt: skip


def for_manager(advice: Advice) -> Advice:
    """What a manager may be told. Of "unable to advise" nothing but that: a reason would tell what it is about."""
    if advice.outcome == UNABLE:
        return Advice(outcome=UNABLE)
    return advice


def who_receives(
    *, named: Sequence[Key], excluded: Collection[Key], referrer: Key | None, able: Collection[Key],
    referrer_leads: bool,
) -> list[Key]:  # fmt: skip
    """Who gets a copy: those named in the case; if nobody is, the manager who referred and still leads the person.

    `able` are those who work for the case's employer today and are not the person. The excluded never do; nobody
    does when the person came by themselves and named nobody.
    """
    chosen = list(named) or ([referrer] if referrer is not None and referrer_leads else [])
    return [each for each in chosen if each in able and each not in excluded]


def release(
    *, decision: str | None, ground: str, by_silence: bool, window_over: bool, seen: bool,
    treating_relationship: bool, rule_version: str,
) -> Decision:  # fmt: skip
    """Whether the newest decision about a report allows its release.

    `decision` is consent.Decision.State, None when nothing was decided. Silence counts only when the person agreed
    in writing at the consultation, has opened the report, and the window is over; never where the service also
    treats them, since the Access to Medical Reports Act may then apply.
    """
    if decision in ("declined", "withdrawn"):
        return refuse("The person did not agree.", rule_version)
    if ground != "consent":
        return allow("Authorised on another legal ground.", rule_version)
    if not by_silence:
        agreed = decision == "given"
        return (allow if agreed else refuse)("The person read it and decided.", rule_version)
    if treating_relationship:
        return refuse("The service treats this person, so silence is not agreement.", rule_version)
    if not window_over:
        return refuse("The person still has time to decide.", rule_version)
    if not seen:
        return refuse("The person has not opened it, so their silence says nothing.", rule_version)
    if decision in AGREED_BEFORE:
        return allow(
            "Agreed in writing at the consultation and has seen it; no objection in time.", rule_version
        )
    return refuse("Silence is not agreement.", rule_version)
