"""Spells entered by hand. They go the same way as a file of one row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from openoh.foundation.audit.actions import action
from openoh.foundation.codes.catalogue import codes
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.core.staging import as_text, fetch, lock_employer
from openoh.foundation.people.models import Engagement
from openoh.population.absence import intake, reasons
from openoh.population.absence.access import may_record
from openoh.population.absence.models import Spell, SpellReason


@action("spell.recorded")
def record_spell(
    *, by: Actor, engagement: Engagement, started_on: date, ended_on: date | None = None,
    reason: str | None = None, hours: Decimal | None = None, work_related: bool = False,
    disability_related: bool = False, pregnancy_related: bool = False, reference: str | None = None,
) -> Spell:  # fmt: skip
    """Record an absence, both days inclusive. `reason` is a reason group such as ``"S11"``.

    The reason is kept only when a purpose in force names it. Raises Invalid with what to correct.
    """
    if ended_on and ended_on < started_on:
        raise Invalid("The last day is before the first day. Correct one of them.", field="ended_on")
    if reason and reason not in codes("absence-reason"):
        raise Invalid(f"“{reason}” is not a reason group. Choose one from the list.", field="reason")
    return _take_one(
        by, engagement, reference or f"hand-{new_id()}", started_on=started_on, ended_on=ended_on, hours=hours,
        reason=reason or "", flags=(work_related, disability_related, pregnancy_related),
    )  # fmt: skip


@action("spell.ended")
def end_spell(*, by: Actor, spell: Spell, ended_on: date, hours: Decimal | None = None) -> Spell:
    """Say the last day of an absence, or correct it."""
    if ended_on < spell.started_on:
        raise Invalid("The last day is before the first day. Correct it.", field="ended_on")
    return _take_one(
        by, spell.engagement, spell.reference, started_on=spell.started_on, ended_on=ended_on,
        hours=spell.hours if hours is None else hours, reason=None, flags=_flags(spell),
    )  # fmt: skip


@action("spell.retracted")
def retract_spell(*, by: Actor, spell: Spell) -> Spell:
    """Say that an absence was reported by mistake. It stays, marked, and counts nowhere."""
    return _take_one(
        by, spell.engagement, spell.reference, started_on=spell.started_on, ended_on=spell.ended_on,
        hours=spell.hours, reason="", flags=_flags(spell), retracted=True,
    )  # fmt: skip


@action("reasons.forgotten")
def forget_reasons(*, by: Actor) -> int:
    """Delete the reasons whose short time is over; returns how many. The worker does this daily."""
    return SpellReason.objects.filter(keep_until__lt=clock.today()).delete()[0]


def _flags(spell: Spell) -> tuple[bool, bool, bool]:
    return spell.work_related, spell.disability_related, spell.pregnancy_related


def _take_one(
    by: Actor, engagement: Engagement, reference: str, *, started_on: date, ended_on: date | None,
    hours: Decimal | None, reason: str | None, flags: tuple[bool, bool, bool], retracted: bool = False,
) -> Spell:  # fmt: skip
    """Stage and take one row; `reason` None keeps the reason that the spell has."""
    employer = engagement.employer_id
    if not may_record(by, employer):
        raise NotAllowed("Your role does not let you record absences for this employer.")
    with within(system_actor("absence by hand", employers=(employer,)).scope):
        lock_employer(employer)
        intake.prepare()
        known = _reason_now(employer, reference) if reason is None else reason
        group, sealed = reasons.door(employer).admit(known, reference)
        row = (1, engagement.number, reference, started_on, ended_on, hours, *flags, retracted, group, sealed)
        intake.stage(["\t".join(map(as_text, row))])
        intake.take(employer=employer, run_id=new_id())
        problems = fetch("SELECT field, reason FROM staged_problem")
        if problems:
            raise Invalid(str(problems[0][1]), field=str(problems[0][0]))
        return Spell.objects.select_related("engagement").get(employer=employer, reference=reference)


def _reason_now(employer: UUID, reference: str) -> str:
    """The group of the reason that is kept for the spell, empty when none is."""
    provider = reasons.provider_of(employer, clock.today())
    kept = SpellReason.objects.select_related("spell").filter(
        spell__employer=employer, spell__reference=reference
    )
    return reasons.unsealed(kept[0], provider) if provider and kept else ""
