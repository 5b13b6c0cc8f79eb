"""Declare a purpose; object and take an objection back; decide about a disclosure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from openoh.foundation.audit.actions import action
from openoh.foundation.consent import rules
from openoh.foundation.consent.access import (
    may_decide_for,
    may_declare,
    may_object_for,
    visible_objections,
)
from openoh.foundation.consent.models import Decision, Objection, Purpose
from openoh.foundation.consent.queries import current_decision
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed


@action("purpose.declared")
def declare_purpose(
    *, by: Actor, employer_id: UUID, code: str, valid_from: date, valid_to: date | None = None,
    legal_ground: str = "", impact_assessment: str = "", notice_version: str = "",
    notice_sent_on: date | None = None, staff_side_consulted_on: date | None = None,
    reason_groups: Iterable[str] = (),
) -> Purpose:  # fmt: skip
    """State why the employer's data are used. It may be incomplete; the rule then keeps it out of force.

    A declaration that begins on a day that has one already replaces it, as long as that day lies ahead.
    Raises NotAllowed, Invalid (unknown code, ends before it begins) and Conflict (that day has passed).
    """
    if not may_declare(by, employer_id):
        raise NotAllowed("Only HR of this employer may keep its purposes.")
    purposes = rules.purpose_content()["purposes"]
    assert isinstance(purposes, dict)
    if code not in purposes:
        raise Invalid(f"Choose one of these purposes: {', '.join(sorted(purposes))}.", field="code")
    if valid_to and valid_to < valid_from:
        raise Invalid("The last day must not lie before the first.", field="valid_to")
    same_day = Purpose.objects.filter(employer_id=employer_id, code=code, valid_from=valid_from).first()
    if same_day and valid_from <= clock.today():
        raise Conflict("A declaration in use is not rewritten. Declare the change from a later day.")
    purpose = same_day or Purpose(employer_id=employer_id, code=code, valid_from=valid_from)
    purpose.valid_to, purpose.legal_ground, purpose.impact_assessment = (
        valid_to, legal_ground.strip(), impact_assessment.strip(),
    )  # fmt: skip
    purpose.notice_version, purpose.notice_sent_on = notice_version.strip(), notice_sent_on
    purpose.staff_side_consulted_on = staff_side_consulted_on
    purpose.reason_groups = sorted(set(reason_groups))
    purpose.save(force_insert=same_day is None)
    return purpose


@action("purpose.ended")
def end_purpose(*, by: Actor, purpose: Purpose, last_day: date) -> Purpose:
    """Stop using the data after `last_day`."""
    if not may_declare(by, purpose.employer_id):
        raise NotAllowed("Only HR of this employer may keep its purposes.")
    if last_day < purpose.valid_from:
        raise Invalid("The last day must not lie before the first.", field="last_day")
    purpose.valid_to = last_day
    purpose.save(update_fields=["valid_to"])
    return purpose


@action("objection.made")
def object_to(
    *, by: Actor, employer_id: UUID, provider_id: UUID, purpose_code: str, person_id: UUID | None = None,
    engagement_id: UUID | None = None, topic: str = "", received_by: str = "page",
) -> Objection:  # fmt: skip
    """Write down that somebody says no to a purpose, or to one topic of it; it counts from this instant.

    `received_by` is ``page telephone letter in-person``. Saying no twice leaves the first objection.
    """
    if not may_object_for(by, person_id):
        raise NotAllowed("You can object for yourself only.")
    if person_id is None and engagement_id is None:
        raise Invalid("Say who objects.", field="person_id")
    standing = visible_objections(by).filter(
        person=person_id, engagement=engagement_id, purpose_code=purpose_code, topic=topic, withdrawn_at=None
    )
    if earlier := standing.first():
        return earlier
    objection = Objection.objects.create(
        employer_id=employer_id, provider_id=provider_id, person_id=person_id, engagement_id=engagement_id,
        purpose_code=purpose_code, topic=topic, received_by=received_by,
    )  # fmt: skip
    facts.append(
        "objection.made", objection.id, employer=employer_id, provider=provider_id, person=person_id,
        data={"purpose": purpose_code, "topic": topic},
    )  # fmt: skip
    return objection


@action("objection.withdrawn")
def withdraw_objection(*, by: Actor, objection: Objection) -> Objection:
    """Take an objection back. The row stays, with the day it ended."""
    if not may_object_for(by, objection.person_id):
        raise NotAllowed("You can take back your own objection only.")
    locked = visible_objections(by).select_for_update().get(pk=objection.pk)
    if locked.withdrawn_at:
        raise Conflict("This objection was already taken back.")
    locked.withdrawn_at = clock.now()
    locked.save(update_fields=["withdrawn_at"])
    return locked


@action("disclosure.decided")
def decide(
    *, by: Actor, person_id: UUID, employer_id: UUID, provider_id: UUID, kind: str, state: str,
    ground: str = Decision.Ground.CONSENT, about_id: UUID | None = None, case_id: UUID | None = None,
    words_version: str = "", authorised_by: str = "",
) -> Decision:  # fmt: skip
    """Add what was decided about one disclosure; the newest decision counts and the earlier ones stay.

    Only the person, or a clinician who writes down what they said, may decide. Another ground than consent
    is a clinician's and names who authorised it. Raises NotAllowed and Invalid.
    """
    if not may_decide_for(by, person_id):
        raise NotAllowed("Only the person can decide about this.")
    if ground != Decision.Ground.CONSENT and by.person == person_id:
        raise NotAllowed("Only a clinician can state a ground other than your agreement.")
    if state not in Decision.State.values:
        raise Invalid(f"Choose one of: {', '.join(Decision.State.values)}.", field="state")
    verdict = rules.may_disclose(kind, ground, authorised_by=authorised_by)
    if not verdict.allowed:
        raise Invalid(verdict.reason, field="ground")
    earlier = current_decision(by, person_id=person_id, kind=kind, about_id=about_id)
    verdict = rules.may_follow(earlier.state if earlier else None, state)
    if not verdict.allowed:
        raise Invalid(verdict.reason, field="state")
    decision = Decision.objects.create(
        person_id=person_id, employer_id=employer_id, provider_id=provider_id, kind=kind, state=state,
        ground=ground, about_id=about_id, case_id=case_id, words_version=words_version,
        authorised_by=authorised_by.strip(), recorded_by=by.name,
    )  # fmt: skip
    facts.append(
        "disclosure.decided", decision.id, employer=employer_id, provider=provider_id, person=person_id,
        data={"kind": kind, "state": state, "about": str(about_id or ""), "case": str(case_id or "")},
    )  # fmt: skip
    return decision
