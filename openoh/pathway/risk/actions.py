"""Raising a risk flag, and what clinicians do with it until it is closed with a contact and a plan."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from openoh.foundation.access.checks import provider_of
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts, keys, lifecycle
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Provider
from openoh.pathway.clinics.access import registered_clinician
from openoh.pathway.questionnaires.access import person_in_reach
from openoh.pathway.risk import rules
from openoh.pathway.risk.access import may_handle, visible_to
from openoh.pathway.risk.models import RiskFlag, RiskStep
from openoh.pathway.risk.queries import NOTE, PLAN, declared_cover, note_of
from openoh.pathway.risk.rules import Signal
from openoh.pathway.risk.states import FLAG

CONCERNS = ("any-thought", "plan-means-intent")
UNDECLARED = "No cover is declared"


@action("risk.raised")
def raise_flag(
    *, by: Actor, person_id: UUID, employer_id: UUID, provider_id: UUID, signal: Signal,
    request_id: UUID | None = None, answer_set_id: UUID | None = None, case_id: UUID | None = None, note: str = "",
) -> RiskFlag:  # fmt: skip
    """Raise a flag from a signal, in the transaction of whatever holds the signal. It is never refused.

    The same question of the same form raises one flag, and a second one only when its answer became more severe.
    """
    same = RiskFlag.objects.filter(
        person=person_id, source=signal.source, request_id=request_id, answer_set_id=answer_set_id, case_id=case_id,
        severity__gte=signal.severity,
    )  # fmt: skip
    already = None if note else same.order_by("-raised_at").first()
    if already:
        return already
    now = clock.now()
    # Not even a service without declared cover loses an answer: the flag then waits for the next morning.
    covers = declared_cover(provider_id, employer_id)
    cover = rules.cover_at(covers, now) if covers else rules.NOBODY
    nation = Provider.objects.values_list("nation", flat=True).get(pk=provider_id)
    times = rules.deadlines(
        signal.severity, now, covered=cover.kind != "nobody", calendar=WorkingDays(nation)
    )
    flag = RiskFlag(
        person_id=person_id, employer_id=employer_id, provider_id=provider_id, request_id=request_id,
        answer_set_id=answer_set_id, case_id=case_id, source=signal.source, severity=signal.severity,
        rule_version=signal.rule_version, raised_at=now, acknowledge_by=times.acknowledge_by, due_at=times.due_at,
        cover=cover.name if covers else UNDECLARED,
    )  # fmt: skip
    flag.note_sealed = _sealed(flag, note, NOTE) if note else None
    flag.save(force_insert=True)
    lifecycle.begin(flag, step=RiskStep, by=by, reason=signal.source)
    _tell("risk.raised", flag)
    return flag


@action("risk.concern-raised")
def raise_concern(
    *, by: Actor, person_id: UUID, employer_id: UUID, concern: str, note: str, case_id: UUID | None = None
) -> RiskFlag:
    """A clinician heard or saw a risk. `concern` is ``any-thought`` or ``plan-means-intent``."""
    _must_handle(by)
    person_in_reach(by, person_id)
    if concern not in CONCERNS:
        raise Invalid("Say whether there is any thought, or a plan, means or intent.", field="concern")
    if not note.strip():
        raise Invalid("Write what you heard or saw, for whoever takes this on.", field="note")
    (signal,) = rules.signals("clinician", {"concern": concern}, finished=True)
    flag: RiskFlag = raise_flag(
        by=by, person_id=person_id, employer_id=employer_id, provider_id=provider_of(by), signal=signal,
        case_id=case_id, note=note,
    )  # fmt: skip
    return flag


@action("risk.acknowledged")
def acknowledge(*, by: Actor, flag_id: UUID, take_over: bool = False) -> RiskFlag:
    """Become the owner. Somebody else's flag is taken over only on purpose, with `take_over`."""
    flag = _held(by, flag_id)
    if flag.owner not in (None, by.user) and not take_over:
        raise Conflict(f"{flag.owner_name} has this already. Speak with them, or take it over.")
    return _move(flag, "acknowledged", by, owner=by.user, owner_name=by.name)


@action("risk.contact-recorded")
def record_contact(*, by: Actor, flag_id: UUID, reached: bool, note: str = "") -> RiskFlag:
    """Somebody spoke with the person (`reached`), or tried in vain; after enough tries on one day it escalates."""
    flag = _held(by, flag_id)
    if reached and not note.strip():
        raise Invalid("Write in a sentence what the person said and what was agreed.", field="note")
    noted = "\n".join(filter(None, [note_of(flag), note]))
    _move(
        flag, "contacted" if reached else "contact-tried", by,
        note_sealed=_sealed(flag, noted, NOTE) if noted else None,
        contacted_at=clock.now() if reached else flag.contacted_at,
    )  # fmt: skip
    if not reached:
        tries = flag.steps.filter(state="contact-tried").values_list("at", flat=True)
        if rules.tries_are_used_up(tries, clock.today()):
            _escalate(flag, by, reason="not-reached")
    return flag


@action("risk.closed")
def close(*, by: Actor, flag_id: UUID, plan: str) -> RiskFlag:
    """Close with the plan that the person and a clinician made. There is no other way for a flag to end."""
    flag = _held(by, flag_id)
    registered_clinician(by)
    if flag.contacted_at is None or flag.state != "contacted":
        raise Conflict("Somebody must have spoken with the person before this can be closed.")
    if not plan.strip():
        raise Invalid(
            "Write the plan: what was agreed, who does what, and what to do if it gets worse.", field="plan"
        )
    return _move(
        flag, "closed", by, plan_sealed=_sealed(flag, plan, PLAN), closed_at=clock.now(), closed_by=by.user
    )


@action("risk.escalated")
def escalate(*, by: Actor, flag_id: UUID, reason: str) -> RiskFlag:
    """Call the next one, by telephone. The flag keeps its owner and its state: it only becomes louder."""
    flag = visible_to(by).select_for_update(of=("self",)).get(pk=flag_id)
    _escalate(flag, by, reason=reason)
    return flag


@action("risk.brought-forward")
def bring_forward(*, by: Actor, flag_id: UUID) -> RiskFlag:
    """Somebody at risk did not come: contact is due today, before the risk's own time if that is later."""
    flag = visible_to(by).select_for_update(of=("self",)).get(pk=flag_id)
    now = clock.now()
    nation = Provider.objects.values_list("nation", flat=True).get(pk=flag.provider_id)
    today = rules.deadlines(flag.severity, now, covered=True, calendar=WorkingDays(nation)).due_at
    flag.due_at = min(flag.due_at, today) if flag.due_at > now else today
    flag.save(update_fields=["due_at"])
    lifecycle.remark(flag, step=RiskStep, by=by, reason="did-not-attend")
    return flag


def escalate_overdue(*, by: Actor) -> int:
    """Escalate every flag that nobody acknowledged, or whose person nobody reached, in time. Run every minute.

    Returns how many. A flag that stays overdue is escalated again when the time of the last call has run out.
    """
    now = clock.now()
    with within(by.scope):
        unacknowledged = Q(state="raised", acknowledge_by__lt=now)
        unreached = Q(state__in=("acknowledged", "contact-tried"), due_at__lt=now, acknowledge_by__lt=now)
        late = visible_to(by).filter(unacknowledged | unreached).values_list("pk", "state")
        found = list(late.order_by("-severity", "due_at"))
    for pk, state in found:
        escalate(by=by, flag_id=pk, reason="not-acknowledged" if state == "raised" else "overdue")
    return len(found)


def _escalate(flag: RiskFlag, by: Actor, *, reason: str) -> None:
    covers, now = declared_cover(flag.provider_id, flag.employer_id), clock.now()
    flag.escalations += 1
    flag.cover = rules.cover_at(covers, now).name if covers else UNDECLARED
    flag.acknowledge_by = now + rules.call_again_after(flag.severity)
    flag.save(update_fields=["escalations", "cover", "acknowledge_by"])
    lifecycle.remark(flag, step=RiskStep, by=by, reason=reason)
    _tell("risk.escalated", flag)


def _held(by: Actor, flag_id: UUID) -> RiskFlag:
    _must_handle(by)
    return visible_to(by).select_for_update(of=("self",)).get(pk=flag_id)


def _must_handle(by: Actor) -> None:
    if not may_handle(by):
        raise NotAllowed("Only a clinician who handles risks may do this.")


def _move(flag: RiskFlag, to: str, by: Actor, **changes: object) -> RiskFlag:
    lifecycle.move(flag, to, lifecycle=FLAG, step=RiskStep, by=by, changes=changes)
    return flag


def _sealed(flag: RiskFlag, text: str, field: str) -> bytes:
    return keys.seal(text, owner=flag.person_id, provider=flag.provider_id, field=field)


def _tell(kind: str, flag: RiskFlag) -> None:
    facts.append(
        kind, flag.pk, employer=flag.employer_id, provider=flag.provider_id, person=flag.person_id,
        data={
            "severity": flag.severity, "due_at": flag.due_at.isoformat(), "escalations": flag.escalations,
            "request": str(flag.request_id or ""),
        },
    )  # fmt: skip
