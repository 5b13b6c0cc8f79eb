"""The wait for a report: from the appointment to the release, without the time in which the person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import AppointmentStep
from openoh.pathway.clocks.actions import follow
from openoh.pathway.clocks.rules import SERVICE, Handover
from openoh.pathway.reports.models import Report

CLOCK = "report"
FACTS = ("appointment.ended", "case.closed", "report.waiting-for-person", "report.correction-asked",
         "report.to-release", "report.blocked", "report.released", "report.replaced")  # fmt: skip
# Whose turn each state is, and why. A draft and a replaced version change nothing: the appointment's own turn, or
# that of the newer version, goes on.
TURNS = {
    "with-person": ("person", "see-first"),
    "correction-asked": (SERVICE, ""),
    "to-release": (SERVICE, ""),
    "released": ("", ""),
    "blocked": ("", ""),
}
Attended = tuple[UUID, datetime]


def register() -> None:
    facts.register("reports: waits", FACTS, follow_waits)


def follow_waits(fact: Fact, by: Actor) -> None:
    """Bring the clocks of a case's appointments to where its reports stand."""
    case = (
        Case.objects.select_related("employer").filter(pk=str(fact.data.get("case") or fact.subject)).first()
    )
    if case is None or not _somebody_waits(case):
        return
    versions = list(Report.objects.filter(case=case).prefetch_related("steps").order_by("made_at", "id"))
    steps = AppointmentStep.objects.filter(subject__case_id=case.pk, state="attended")
    attended = list(steps.order_by("at", "id").values_list("subject_id", "at"))
    closed = [Handover(at) for at in case.steps.filter(state="closed").values_list("at", flat=True)]
    for (appointment, at), answer in reported(attended, versions):
        rest = sorted([*_turns(answer), *closed], key=lambda handover: handover.at)
        follow(
            by=by, kind=CLOCK, subject_id=appointment, employer=case.employer, provider_id=case.provider_id,
            person_id=case.person_id, history=[Handover(at, SERVICE), *rest],
        )  # fmt: skip


def reported(
    attended: Sequence[Attended], versions: Sequence[Report]
) -> Iterator[tuple[Attended, list[Report]]]:
    """Each appointment from which a report is waited for, and the versions of that report, none while it is unsigned.

    The first report signed after an appointment is its report; the wait runs from the first appointment that no
    report has followed yet. Both are given oldest first.
    """
    originals = sorted(
        (report for report in versions if report.replaces_id is None and report.signed_at),
        key=lambda report: report.signed_at or report.made_at,
    )
    waiting = list(attended)
    for original in originals:
        answered = [each for each in waiting if original.signed_at and each[1] <= original.signed_at]
        if answered:
            yield answered[0], _versions_of(original, versions)
        waiting = waiting[len(answered) :]
    if waiting:
        yield waiting[0], []


def _versions_of(original: Report, versions: Sequence[Report]) -> list[Report]:
    found = [original]
    for version in versions:
        if version.replaces_id in {each.pk for each in found}:
            found.append(version)
    return found


def _turns(answer: Iterable[Report]) -> list[Handover]:
    steps = (step for version in answer for step in version.steps.all())
    return [Handover(step.at, *TURNS[step.state]) for step in steps if step.state in TURNS]


def _somebody_waits(case: Case) -> bool:
    """A manager who referred, or somebody named in the case: otherwise no report is owed to anybody."""
    return case.referral_id is not None or case.recipients.filter(excluded=False).exists()
