"""The person's part: see it first, comment, ask for a correction, agree, refuse, take consent back."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.consent.models import Decision
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.lifecycle import move
from openoh.pathway.cases.models import Recipient
from openoh.pathway.reports import record
from openoh.pathway.reports.access import visible_to
from openoh.pathway.reports.holding import hold_alone
from openoh.pathway.reports.models import Report, ReportStep
from openoh.pathway.reports.released import ReleasedReport
from openoh.pathway.reports.states import REPORT
from openoh.pathway.reports.window import end_after_opening

UNDECIDED = ("with-person", "correction-asked")
LONGEST_WORDS = 4000


@action("report.seen")
def mark_seen(*, by: Actor, report: UUID) -> Report:
    """The person has opened it; the first time counts, and their time to decide is never shorter from then on."""
    found = _own(by, report)
    if found.seen_at is None:
        found.seen_at = clock.now()
        if found.state in UNDECIDED:
            found.decide_by = end_after_opening(found)
        found.save(update_fields=["seen_at", "decide_by"])
    return found


@action("report.commented")
def comment(*, by: Actor, report: UUID, words: str) -> Report:
    """Add the person's own words, which go with the report; empty takes them away again."""
    found = _own(by, report, UNDECIDED)
    found.person_comment_sealed = record.seal(found, "person_comment", _few(words, "words"))
    found.save(update_fields=["person_comment_sealed"])
    return found


@action("report.correction-asked")
def ask_correction(*, by: Actor, report: UUID, words: str) -> Report:
    """Say what is wrong. The report waits: silence releases nothing until the clinician has answered."""
    found = _own(by, report, ("with-person",))
    wrong = _few(words, "words")
    if not wrong:
        raise Invalid("Say what is wrong.", field="words")
    found.correction_sealed = record.seal(found, "correction", wrong)
    found.save(update_fields=["correction_sealed"])
    _move(found, "correction-asked", by=by)
    return found


@action("report.agreed")
def agree(*, by: Actor, report: UUID) -> Report:
    """Agree that the named people get it; also after a refusal, or without waiting for a correction.

    Raises Conflict when nobody is to get it, as after the person's own request.
    """
    found = _own(by, report, (*UNDECIDED, "blocked"))
    case = found.case
    if case.referral_id is None and not Recipient.objects.filter(case=case, excluded=False).exists():
        raise Conflict("Nobody else is to get this report, so there is nothing to agree to.")
    if Report.objects.filter(replaces=found).exclude(state__in=["draft", "blocked"]).exists():
        raise Conflict("There is a newer version of this report. Decide about that one.")
    found.seen_at = found.seen_at or clock.now()
    found.save(update_fields=["seen_at"])
    _decide(found, Decision.State.GIVEN, by)
    _move(found, "to-release", by=by, reason="agreed")
    return found


@action("report.refused")
def refuse(*, by: Actor, report: UUID) -> Report:
    """Say no: nobody gets it."""
    found = _own(by, report, (*UNDECIDED, "to-release"))
    _block(found, Decision.State.DECLINED, by)
    return found


@action("report.consent-withdrawn")
def withdraw_consent(*, by: Actor, report: UUID) -> Report:
    """Take consent back, before or after release: from this moment no manager can open it.

    A copy that was released on another legal ground stays. Waits for whoever is opening it in this very moment, so
    that the record tells truly which came first.
    """
    found = _own(by, report)
    hold_alone(found.id)
    copies = ReleasedReport.objects.filter(report_id=found.id, withdrawn_at=None)
    if copies.exclude(decision__ground=Decision.Ground.CONSENT).exists():
        raise Conflict(
            "This report was sent on another legal ground than your consent. Ask us, and we will explain it."
        )
    if found.state not in (*UNDECIDED, "to-release", "released"):
        raise Conflict("Nobody can read this report, so there is nothing to take back.")
    copies.update(withdrawn_at=clock.now())
    _block(found, Decision.State.WITHDRAWN, by)
    return found


def _own(by: Actor, report: UUID, states: tuple[str, ...] = ()) -> Report:
    require(by, "own.record")
    found = visible_to(by).select_for_update(of=("self",)).get(pk=report)
    if states and found.state not in states:
        words = REPORT.states[found.state].person_words or REPORT.states[found.state].words
        raise Conflict(f"This is no longer possible for this report: {words.lower()}.")
    return found


def _few(words: str, field: str) -> str:
    if len(words) > LONGEST_WORDS:
        raise Invalid(f"Keep it under {LONGEST_WORDS} letters.", field=field)
    return words.strip()


def _decide(report: Report, state: Decision.State, by: Actor) -> None:
    Decision.objects.create(
        person_id=report.person_id, employer_id=report.employer_id, provider_id=report.provider_id,
        case_id=report.case_id, about_id=report.id, kind=Decision.Kind.RELEASE_REPORT, state=state,
        words_version=str(load("openoh.pathway.reports", "release")["words_version"]), recorded_by=by.name,
    )  # fmt: skip


def _block(report: Report, decision: Decision.State, by: Actor) -> None:
    _decide(report, decision, by)
    _move(report, "blocked", by=by, reason=decision.value)


def _move(report: Report, to: str, *, by: Actor, reason: str = "") -> None:
    move(report, to, lifecycle=REPORT, step=ReportStep, by=by, reason=reason)
    facts.append(
        f"report.{to}", report.id, employer=report.employer_id, provider=report.provider_id,
        person=report.person_id, data={"case": str(report.case_id), "reason": reason},
    )  # fmt: skip
