"""Whose turn the waits of a case are while its requests are open: the person's to decide, or the doctor's."""

from __future__ import annotations

from collections.abc import Iterable

from openoh.foundation.core.actors import Actor
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.access import visible_to as appointments_visible_to
from openoh.pathway.clocks.actions import pause, resume
from openoh.pathway.clocks.models import Clock, Pause
from openoh.pathway.clocks.queries import running
from openoh.pathway.medical_reports.access import visible_to
from openoh.pathway.medical_reports.states import WITH_DOCTOR

DOCTOR, PERSON = ("outside", "awaiting-gp"), ("person", "awaiting-person")


def take_turns(by: Actor, case: Case) -> None:
    """Bring the running clocks of the case to whose turn it is. A pause for another reason is left alone."""
    turn = _turn(by, case)
    for each in _clocks(by, case):
        current = next((pause for pause in each.pauses.all() if pause.until_at is None), None)
        if current and (current.owner, current.reason) == turn:
            continue
        if current and not _is_ours(current):
            continue
        if current:
            resume(by=by, clock=each)
        if turn:
            pause(by=by, clock=each, owner=turn[0], reason=turn[1])


def _turn(by: Actor, case: Case) -> tuple[str, str] | None:
    states = set(visible_to(by).filter(case=case).values_list("state", flat=True))
    if states & set(WITH_DOCTOR):
        return DOCTOR
    return PERSON if "asked" in states else None


def _clocks(by: Actor, case: Case) -> Iterable[Clock]:
    appointments = appointments_visible_to(by).filter(case_id=case.pk).values_list("id", flat=True)
    return running(by).filter(subject_id__in=[case.pk, *appointments])


def _is_ours(found: Pause) -> bool:
    return (found.owner, found.reason) in (DOCTOR, PERSON)
