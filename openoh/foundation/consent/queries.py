"""Is a purpose in force? Did somebody object? What did the person decide last?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.consent import rules
from openoh.foundation.consent.access import visible_objections, visible_purposes, visible_to
from openoh.foundation.consent.models import Decision, Objection, Purpose
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.decisions import Decision as Verdict


def purpose_of(employer_id: UUID, code: str, on: date | None = None) -> Purpose | None:
    """The newest declaration of this purpose that had begun by the day `on` (today by default)."""
    declared = Purpose.objects.filter(employer_id=employer_id, code=code, valid_from__lte=on or clock.today())
    return declared.order_by("-valid_from", "-id").first()


def purpose_in_force(employer_id: UUID, code: str, on: date | None = None) -> Verdict:
    """Whether the employer's data may be used for this purpose; the reason says what is missing."""
    day = on or clock.today()
    return rules.in_force(facts_of(purpose_of(employer_id, code, day)), day)


@dataclass(frozen=True)
class Standing:
    """One purpose as the employer keeps it: its words, the declaration that counts, and what is still missing.

    `coming` is a declaration whose first day lies ahead.
    """

    code: str
    title: str
    words: str
    declared: Purpose | None
    coming: Purpose | None
    verdict: Verdict
    lacking: tuple[str, ...]


def standing(actor: Actor, employer_id: UUID) -> list[Standing]:
    """Every purpose that there is, with how it stands for this employer today."""
    today = clock.today()
    declared: dict[str, Purpose] = {}
    coming: dict[str, Purpose] = {}
    for purpose in visible_purposes(actor).filter(employer_id=employer_id).order_by("valid_from", "id"):
        if purpose.valid_from <= today:
            declared[purpose.code] = purpose
        else:
            coming.setdefault(purpose.code, purpose)
    purposes = rules.purpose_content()["purposes"]
    assert isinstance(purposes, dict)
    found = []
    for code, content in purposes.items():
        facts = facts_of(declared.get(code))
        lacking = tuple(rules.lacking(facts))
        found.append(Standing(code, content["title"], content["words"], declared.get(code), coming.get(code),
                              rules.in_force(facts, today), lacking))  # fmt: skip
    return found


def reason_groups(employer_id: UUID, code: str, on: date | None = None) -> frozenset[str]:
    """The absence reason groups that may be kept: those that a purpose in force names, else none."""
    day = on or clock.today()
    purpose = purpose_of(employer_id, code, day)
    if purpose is None or not rules.in_force(facts_of(purpose), day).allowed:
        return frozenset()
    return frozenset(purpose.reason_groups)


def facts_of(purpose: Purpose | None) -> rules.PurposeFacts | None:
    """What the rule needs to know about a stored purpose."""
    if purpose is None:
        return None
    return rules.PurposeFacts(
        legal_ground=purpose.legal_ground, impact_assessment=purpose.impact_assessment,
        notice_version=purpose.notice_version, notice_sent_on=purpose.notice_sent_on,
        staff_side_consulted_on=purpose.staff_side_consulted_on, valid_from=purpose.valid_from,
        valid_to=purpose.valid_to,
    )  # fmt: skip


def objections_in_force(actor: Actor, person_id: UUID) -> list[Objection]:
    """What the person has said no to and not taken back, newest first."""
    standing = visible_objections(actor).filter(person_id=person_id, withdrawn_at=None)
    return list(standing.order_by("-made_at"))


def current_decision(actor: Actor, *, person_id: UUID, kind: str, about_id: UUID | None) -> Decision | None:
    """The newest decision about one disclosure; None when the person has not been asked."""
    return history(actor, person_id).filter(kind=kind, about_id=about_id).first()


def agreed(decision: Decision | None) -> bool:
    """Whether the disclosure may happen on this decision."""
    return decision is not None and decision.state in rules.GIVEN


def history(actor: Actor, person_id: UUID) -> QuerySet[Decision]:
    """Every decision of the person, newest first."""
    return visible_to(actor).filter(person_id=person_id).order_by("-at", "-id")
