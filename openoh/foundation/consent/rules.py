"""When a purpose is in force, and which decisions about a disclosure can be taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from openoh.foundation.core.content import Content, load
from openoh.foundation.core.decisions import Decision, allow, refuse

PACKAGE = "openoh.foundation.consent"
GIVEN = frozenset({"given", "given-see-first"})


@dataclass(frozen=True)
class PurposeFacts:
    """What is known about one declared purpose; empty text and None mean *not there*."""

    legal_ground: str
    impact_assessment: str
    notice_version: str
    notice_sent_on: date | None
    staff_side_consulted_on: date | None
    valid_from: date
    valid_to: date | None = None


def purpose_content() -> Content:
    """The requirements of a purpose and the words for each, versioned."""
    return load(PACKAGE, "purposes")


def in_force(purpose: PurposeFacts | None, on: date) -> Decision:
    """Whether a purpose may be used on the day `on`; refuses with the first thing that is missing.

    Source of the requirements: UK GDPR articles 6, 9, 13, 35; the notice period is content.
    """
    content = purpose_content()
    version = content.rule_version
    if purpose is None:
        return refuse("This employer has not declared this purpose.", version)
    requirements = content["requirements"]
    assert isinstance(requirements, list)
    for requirement in requirements:
        if not getattr(purpose, requirement["field"]):
            return refuse(requirement["missing"], version)
    return _in_its_time(purpose, on, notice_days=int(str(content["notice_days"])), version=version)


def lacking(purpose: PurposeFacts | None) -> list[str]:
    """Everything that the purpose still lacks before it can come into force, a sentence each."""
    requirements = purpose_content()["requirements"]
    assert isinstance(requirements, list)
    return [each["missing"] for each in requirements if not getattr(purpose, each["field"], None)]


def _in_its_time(purpose: PurposeFacts, on: date, *, notice_days: int, version: str) -> Decision:
    assert purpose.notice_sent_on and purpose.staff_side_consulted_on
    if purpose.staff_side_consulted_on > on:
        return refuse(
            f"The staff side will be consulted on {_day(purpose.staff_side_consulted_on)}.", version
        )
    first_day = max(purpose.notice_sent_on + timedelta(days=notice_days), purpose.valid_from)
    if on < first_day:
        return refuse(
            f"It starts on {_day(first_day)}: the notice must have been sent {notice_days} days before.",
            version,
        )
    if purpose.valid_to and on > purpose.valid_to:
        return refuse(f"It ended on {_day(purpose.valid_to)}.", version)
    return allow("The purpose is in force.", version)


def may_disclose(kind: str, ground: str, *, authorised_by: str) -> Decision:
    """Whether a disclosure of this kind can rest on this ground, and whether somebody must authorise it."""
    content = load(PACKAGE, "disclosures")
    kinds, authorised = content["kinds"], content["authorised"]
    assert isinstance(kinds, dict) and isinstance(authorised, dict)
    if ground not in kinds.get(kind, ()):
        return refuse(f"“{kind}” cannot rest on the ground “{ground}”.", content.rule_version)
    if ground in authorised["grounds"] and not authorised_by.strip():
        return refuse("Name who authorised this, because the person did not agree.", content.rule_version)
    return allow("The ground is stated.", content.rule_version)


def may_follow(earlier: str | None, state: str) -> Decision:
    """Whether a decision `state` makes sense after the newest earlier one (None: there is none)."""
    version = load(PACKAGE, "disclosures").rule_version
    if state == "withdrawn" and earlier not in GIVEN:
        return refuse("There is no agreement that could be withdrawn.", version)
    return allow("The decision can be taken.", version)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
