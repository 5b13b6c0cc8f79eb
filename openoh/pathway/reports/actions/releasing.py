"""Release to the named people, after a decision that allows it; by the worker alone, which may make copies."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action, record
from openoh.foundation.consent.models import Decision
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.lifecycle import move
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.referrals.actions import conclude
from openoh.pathway.reports import rules
from openoh.pathway.reports.access import registered_clinician, visible_to
from openoh.pathway.reports.models import Report, ReportStep
from openoh.pathway.reports.queries import manager_copy
from openoh.pathway.reports.receivers import engagement_of, receivers_of
from openoh.pathway.reports.released import ReleasedReport
from openoh.pathway.reports.states import REPORT
from openoh.pathway.reports.window import window_is_over

SILENCE = "silence"


@action("report.released-after-silence")
def release_after_silence(*, by: Actor, limit: int = 200) -> list[Report]:
    """Release what was agreed in writing at the consultation, was opened, and met no objection in the window.

    For the worker's tick, in batches. What silence does not release stays with the person.
    """
    require(by, "report.write")
    over = Report.objects.select_for_update(of=("self",), skip_locked=True).filter(
        consent_at_consultation__in=rules.AGREED_BEFORE, seen_at__isnull=False, state="with-person",
        decide_by__lte=clock.now(), case__treating_relationship=False,
    )  # fmt: skip
    released = []
    for report in over.order_by("decide_by")[:limit]:
        if _decision_that_allows(report, by_silence=True):
            _move(report, "to-release", by=by, reason=SILENCE)
            released.append(report)
    return released


@action("report.found-unopened")
def follow_up_unopened(*, by: Actor, limit: int = 200) -> list[Report]:
    """Note, once, each report whose window passed without the person having opened it; in batches.

    Silence means nothing then: the person is reminded, and the clinician is asked to speak with them.
    """
    require(by, "report.write")
    unopened = Report.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state="with-person", seen_at=None, unopened_noted_at=None, decide_by__lte=clock.now()
    )
    found = list(unopened.order_by("decide_by")[:limit])
    for report in found:
        report.unopened_noted_at = clock.now()
        report.save(update_fields=["unopened_noted_at"])
        _tell("report.unopened", report)
    return found


@action("report.overridden")
def override(*, by: Actor, report: UUID, ground: str, authorised_by: UUID) -> Report:
    """Release without consent, on a legal ground; for public interest somebody else must authorise it.

    `ground` is a consent.Decision.Ground other than consent; `authorised_by` the account of a clinician of the
    provider. Raises Invalid, NotAllowed.
    """
    require(by, "report.write")
    signer = registered_clinician(by)
    if ground not in Decision.Ground.values or ground == Decision.Ground.CONSENT:
        raise Invalid("Choose the legal ground.", field="ground")
    authoriser = Clinician.objects.filter(provider_id=signer.provider_id, user_id=authorised_by).first()
    if authoriser is None:
        raise Invalid("Name the clinician who authorised it.", field="authorised_by")
    if ground == Decision.Ground.PUBLIC_INTEREST and authoriser.user_id == signer.user_id:
        raise NotAllowed("Somebody else must authorise a release in the public interest.")
    found = visible_to(by).select_for_update(of=("self",)).get(pk=report)
    Decision.objects.create(
        person_id=found.person_id, employer_id=found.employer_id, provider_id=found.provider_id,
        case_id=found.case_id, about_id=found.id, kind=Decision.Kind.RELEASE_REPORT,
        state=Decision.State.GIVEN, ground=ground, authorised_by=authoriser.name, recorded_by=by.name,
    )  # fmt: skip
    _move(found, "to-release", by=by, reason=ground)
    return found


@action("report.release-retried")
def retry_release(*, by: Actor, report: UUID) -> Report:
    """Send an agreed report that found no recipient, after the clinician has named one in the case."""
    require(by, "report.write")
    found = visible_to(by).get(pk=report)
    if found.state != "to-release":
        raise Conflict("This report is not waiting for a recipient.")
    _tell("report.to-release", found)
    return found


def release(report: UUID, by: Actor) -> list[ReleasedReport]:
    """Make the copies of an agreed report. Called by the consumer of ``report.to-release``, in the worker's scope.

    Checks the decision again under the report's lock: between agreeing and this the person may have taken it back.
    Without anybody who may receive it, asks the clinician to name somebody and makes nothing.
    """
    found = (
        Report.objects.select_for_update(of=("self",)).select_related("case", "case__referral").get(pk=report)
    )
    if found.state != "to-release":
        return []
    latest = found.steps.order_by("-at", "-id").values_list("reason", flat=True).first()
    decision = _decision_that_allows(found, by_silence=latest == SILENCE)
    if decision is None:
        return []
    receivers = receivers_of(found)
    if not receivers:
        today = clock.today()
        Case.objects.filter(pk=found.case_id).update(next_step="name-recipient", next_step_on=today)
        _tell("report.recipient-needed", found)
        return []
    copies = [_copy(found, receiver, decision) for receiver in receivers]
    ReleasedReport.objects.bulk_create(copies)
    found.released_at = clock.now()
    found.save(update_fields=["released_at"])
    move(found, "released", lifecycle=REPORT, step=ReportStep, by=by)
    record(by=by, verb="report.released", target=found, details={"copies": len(copies)})
    if found.replaces is not None:
        _replace(found.replaces, by)
    for copy in copies:
        _tell_of_copy(copy)
    conclude_referral(found, by)
    return copies


def conclude_referral(report: Report, by: Actor) -> None:
    """Tell the manager who referred whether there is advice, in the same words whatever the cause."""
    referral = report.case.referral
    if referral is None:
        return
    live = ReleasedReport.objects.filter(case_id=report.case_id, withdrawn_at=None)
    to_referrer = live.filter(referral_id=referral.id, recipient_id=referral.recipient_id)
    advised = to_referrer.exclude(outcome=rules.UNABLE).exists()
    conclude(by=by, referral=referral.id, advised=advised)


def _decision_that_allows(report: Report, *, by_silence: bool) -> Decision | None:
    newest = (
        Decision.objects.filter(about_id=report.id, kind=Decision.Kind.RELEASE_REPORT)
        .order_by("-at", "-id")
        .first()
    )
    if newest is None:
        return None
    allowed = rules.release(
        decision=newest.state, ground=newest.ground, by_silence=by_silence, window_over=window_is_over(report),
        seen=report.seen_at is not None, treating_relationship=report.case.treating_relationship,
        rule_version=load("openoh.pathway.reports", "release").rule_version,
    )  # fmt: skip
    return newest if allowed.allowed else None


def _copy(report: Report, receiver: Engagement, decision: Decision) -> ReleasedReport:
    referral = report.case.referral
    return ReleasedReport(
        report_id=report.id, case_id=report.case_id, referral_id=referral.id if referral else None,
        decision=decision, person_id=report.person_id, employer_id=report.employer_id,
        provider_id=report.provider_id, engagement_id=engagement_of(report), recipient=receiver,
        author=report.written_by_name, **asdict(manager_copy(report)),
    )  # fmt: skip


def _replace(old: Report, by: Actor) -> None:
    if old.state == "released":
        ReleasedReport.objects.filter(report_id=old.id, replaced_at=None).update(replaced_at=clock.now())
        _move(old, "replaced", by=by)


def _move(report: Report, to: str, *, by: Actor, reason: str = "") -> None:
    move(report, to, lifecycle=REPORT, step=ReportStep, by=by, reason=reason)
    _tell(f"report.{to}", report)


def _tell(kind: str, report: Report) -> None:
    facts.append(
        kind, report.id, employer=report.employer_id, provider=report.provider_id, person=report.person_id,
        data={"case": str(report.case_id)},
    )  # fmt: skip


def _tell_of_copy(copy: ReleasedReport) -> None:
    facts.append(
        "report.released", copy.id, employer=copy.employer_id, provider=copy.provider_id, person=copy.person_id,
        data={
            "report": str(copy.report_id), "case": str(copy.case_id), "recipient": str(copy.recipient_id),
            "referral": str(copy.referral_id) if copy.referral_id else None,
        },
    )  # fmt: skip
