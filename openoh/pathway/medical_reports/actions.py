"""Ask, decide, write, see first, take in, take back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import cast
from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.consent import actions as consent
from openoh.foundation.consent.models import Decision
from openoh.foundation.core import clock, facts, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.lifecycle import begin, move, remark
from openoh.foundation.documents.actions import store
from openoh.pathway.cases.access import may_work_on
from openoh.pathway.cases.access import visible_to as cases_visible_to
from openoh.pathway.cases.actions import plan_next_step
from openoh.pathway.medical_reports import rules
from openoh.pathway.medical_reports.access import is_own, visible_to
from openoh.pathway.medical_reports.models import MedicalReport, MedicalReportStep
from openoh.pathway.medical_reports.queries import PRACTITIONER, QUESTIONS
from openoh.pathway.medical_reports.states import BEFORE_LETTER, IN_WRITING, MEDICAL_REPORT, SAID, WITH_DOCTOR
from openoh.pathway.medical_reports.waits import take_turns

CONSENT, DOCUMENT = Decision.Kind.MEDICAL_REPORT, "medical-report"
AGREED = {"agreed": "given", "agreed-see-first": "given-see-first"}


@action("medical-report.asked")
def ask(*, by: Actor, case: UUID, practitioner: str, who: str, questions: str) -> MedicalReport:
    """Ask the person whether their doctor may be asked. `who` is name and address; the person reads all of it.

    Raises Invalid with the field, Conflict for a closed case, DoesNotExist for one that is not the actor's.
    """
    if not may_work_on(by):
        raise NotAllowed("Only clinicians ask for reports.")
    about = cases_visible_to(by).get(pk=case)
    if about.state == "closed":
        raise Conflict("This case is closed. Open it again first.")
    if practitioner not in cast(dict[str, str], rules.content()["practitioners"]):
        raise Invalid("Choose who treats them.", field="practitioner")
    who = _said(who, "who", "longest_practitioner", "Give the name and the address.")
    questions = _said(questions, "questions", "longest_questions", "Write what you need to know.")

    def sealed(text: str, field: str) -> bytes:
        return keys.seal(text, owner=about.person_id, provider=about.provider_id, field=field)

    made = MedicalReport.objects.create(
        person_id=about.person_id, employer_id=about.employer_id, provider_id=about.provider_id, case=about,
        practitioner=practitioner, practitioner_sealed=sealed(who, PRACTITIONER),
        questions_sealed=sealed(questions, QUESTIONS), asked_by=by.name,
    )  # fmt: skip
    begin(made, step=MedicalReportStep, by=by)
    take_turns(by, about)
    facts.append("medical-report.asked", made.id, employer=made.employer_id, provider=made.provider_id,
                 person=made.person_id)  # fmt: skip
    return made


@action("medical-report.agreed")
def agree(*, by: Actor, request: UUID, see_first: bool) -> MedicalReport:
    """The person agrees in writing, and says whether they see the report before it is supplied.

    They can change this until the letter has gone. Raises NotAllowed, Conflict, DoesNotExist.
    """
    return _agree(by, _own(by, request), see_first=see_first)


@action("medical-report.refused")
def refuse(*, by: Actor, request: UUID) -> MedicalReport:
    """The person says no: before the letter, or at any time until the report has come. It always blocks."""
    return _refuse(by, _own(by, request))


@action("medical-report.see-first")
def want_to_see(*, by: Actor, request: UUID) -> MedicalReport:
    """The person wants to see it after all; the days count from today. Raises Conflict when it has come."""
    return _want_to_see(by, _own(by, request))


@action("medical-report.arranged")
def say_arranged(*, by: Actor, request: UUID) -> MedicalReport:
    """The person arranged with the practice to see it, or saw it: now only their agreement lets it go."""
    return _arranged(by, _own(by, request))


@action("medical-report.supply-agreed")
def agree_to_supply(*, by: Actor, request: UUID) -> MedicalReport:
    """The person saw it and agrees in writing that it is supplied."""
    return _supply(by, _own(by, request))


@dataclass(frozen=True)
class Paper:
    """A signed paper as a file."""

    name: str
    media_type: str
    content: bytes


@action("medical-report.recorded")
def record(*, by: Actor, request: UUID, said: str, paper: Paper | None = None) -> MedicalReport:
    """A clinician writes down what the person said on paper or by telephone; `said` is a code of `states.SAID`.

    An agreement needs the signed paper, which is kept with the case; what protects the person needs none.
    Raises Invalid, Conflict.
    """
    found = _worked_on(by, request)
    if said not in SAID:
        raise Invalid("Choose what they said.", field="said")
    if said in IN_WRITING and paper is None:
        raise Invalid("An agreement must be in writing. Add the paper that they signed.", field="paper")
    if paper:
        store(
            by=by, person=found.person_id, kind="consent", name=paper.name, media_type=paper.media_type,
            content=paper.content, case_id=found.case_id, share_with_person=True,
        )  # fmt: skip
    remark(found, step=MedicalReportStep, by=by, reason="on-paper" if paper else "by-telephone")
    acts: dict[str, Callable[[Actor, MedicalReport], MedicalReport]] = {
        "see-first": partial(_agree, see_first=True), "agree": partial(_agree, see_first=False), "refuse": _refuse,
        "want-to-see": _want_to_see, "arranged": _arranged, "supply": _supply,
    }  # fmt: skip
    return acts[said](by, found)


@action("medical-report.sent")
def send(*, by: Actor, request: UUID) -> MedicalReport:
    """The letter has been printed and posted today. Raises Conflict without the person's agreement."""
    found = _worked_on(by, request)
    if found.state not in BEFORE_LETTER:
        raise Conflict("The letter goes only once the person has agreed, and only once.")
    see_first = found.state == "agreed-see-first"
    today = clock.today()
    move(found, "sent-see-first" if see_first else "sent", lifecycle=MEDICAL_REPORT, step=MedicalReportStep, by=by,
         changes={"applied_on": today, "notice_on": today if see_first else None})  # fmt: skip
    take_turns(by, found.case)
    plan_next_step(by=by, case_id=found.case_id, step="await-information", on=_look_again_on(today))
    facts.append("medical-report.sent", found.id, employer=found.employer_id, provider=found.provider_id,
                 person=found.person_id)  # fmt: skip
    return found


@action("medical-report.received")
def receive(
    *, by: Actor, request: UUID, name: str, media_type: str, content: bytes, kept_back: str = ""
) -> MedicalReport:
    """Take the report in, sealed, in the case. The person may open it, unless `kept_back` says why not.

    Raises Conflict when it may not have been supplied yet: then it goes back unread. Raises Invalid for the file.
    """
    found = _worked_on(by, request)
    if found.state not in WITH_DOCTOR:
        raise Conflict("No report is waited for.")
    may = rules.may_be_supplied(found.access, clock.today())
    if not may.allowed:
        raise Conflict(
            f"{may.reason} Do not read this report: send it back to the practice and tell the person."
        )
    if kept_back and kept_back not in cast(dict[str, str], rules.content()["kept_back"]):
        raise Invalid("Choose why the person is not shown it.", field="kept_back")
    stored = store(
        by=by, person=found.person_id, kind=DOCUMENT, name=name, media_type=media_type, content=content,
        case_id=found.case_id, share_with_person=not kept_back,
    )  # fmt: skip
    changes = {"document_id": stored.id, "received_on": clock.today(), "kept_back": kept_back}
    move(
        found,
        "received",
        lifecycle=MEDICAL_REPORT,
        step=MedicalReportStep,
        by=by,
        reason=kept_back,
        changes=changes,
    )
    take_turns(by, found.case)
    if not kept_back:
        facts.append("medical-report.received", found.id, employer=found.employer_id, provider=found.provider_id,
                     person=found.person_id)  # fmt: skip
    return found


@action("medical-report.withdrawn")
def withdraw(*, by: Actor, request: UUID) -> MedicalReport:
    """We no longer need it. Whoever has the letter is told by the service."""
    found = _worked_on(by, request)
    move(found, "withdrawn", lifecycle=MEDICAL_REPORT, step=MedicalReportStep, by=by)
    take_turns(by, found.case)
    return found


def _agree(by: Actor, found: MedicalReport, *, see_first: bool) -> MedicalReport:
    to = "agreed-see-first" if see_first else "agreed"
    if found.state == to:
        return found
    move(found, to, lifecycle=MEDICAL_REPORT, step=MedicalReportStep, by=by,
         changes={"decided_at": clock.now(), "decided_on_paper": not is_own(by, found),
                  "rights_version": rules.content().rule_version})  # fmt: skip
    _decide(by, found, AGREED[to])
    take_turns(by, found.case)
    return found


def _refuse(by: Actor, found: MedicalReport) -> MedicalReport:
    before = found.state
    move(found, "refused", lifecycle=MEDICAL_REPORT, step=MedicalReportStep, by=by)
    _decide(by, found, "declined" if before == "asked" else "withdrawn")
    take_turns(by, found.case)
    _look_again(by, found, "medical-report.refused")
    return found


def _want_to_see(by: Actor, found: MedicalReport) -> MedicalReport:
    move(found, "sent-see-first", lifecycle=MEDICAL_REPORT, step=MedicalReportStep, by=by,
         changes={"notice_on": clock.today()})  # fmt: skip
    _decide(by, found, "given-see-first")
    _look_again(by, found, "medical-report.see-first")
    return found


def _arranged(by: Actor, found: MedicalReport) -> MedicalReport:
    _must_see_first(found)
    if found.arranged_on is None:
        found.arranged_on = clock.today()
        found.save(update_fields=["arranged_on"])
        remark(found, step=MedicalReportStep, by=by, reason="arranged-to-see")
    return found


def _supply(by: Actor, found: MedicalReport) -> MedicalReport:
    _must_see_first(found)
    if found.agreed_on is None:
        found.agreed_on = clock.today()
        found.arranged_on = found.arranged_on or clock.today()
        found.save(update_fields=["agreed_on", "arranged_on"])
        remark(found, step=MedicalReportStep, by=by, reason="agreed-after-seeing")
        _decide(by, found, "given")
    return found


def _must_see_first(found: MedicalReport) -> None:
    if found.state != "sent-see-first":
        raise Conflict("Nobody asked to see it first, or it is over. Look again.")


def _own(by: Actor, request: UUID) -> MedicalReport:
    """The person's own request, held for this transaction."""
    found = visible_to(by).select_for_update(of=("self",)).select_related("case").get(pk=request)
    if not is_own(by, found):
        raise NotAllowed("Only the person can decide about this.")
    return found


def _worked_on(by: Actor, request: UUID) -> MedicalReport:
    require(by, "record.clinical")
    return visible_to(by).select_for_update(of=("self",)).select_related("case").get(pk=request)


def _decide(by: Actor, found: MedicalReport, state: str) -> None:
    consent.decide(
        by=by, person_id=found.person_id, employer_id=found.employer_id, provider_id=found.provider_id, kind=CONSENT,
        state=state, about_id=found.pk, case_id=found.case_id, words_version=rules.content().rule_version,
    )  # fmt: skip


def _look_again(by: Actor, found: MedicalReport, fact: str) -> None:
    """The practice has to be told by a clinician: the case gets it as its next step."""
    if found.applied_on:
        facts.append(
            fact, found.id, employer=found.employer_id, provider=found.provider_id, person=found.person_id
        )


def _look_again_on(applied_on: date) -> date:
    days = rules.days_to_see() + cast(int, rules.content()["days_of_grace"])
    return applied_on + timedelta(days=days)


def _said(text: str, field: str, limit: str, missing: str) -> str:
    said, longest = text.strip(), cast(int, rules.content()[limit])
    if not said:
        raise Invalid(missing, field=field)
    if len(said) > longest:
        raise Invalid(f"Use at most {longest} letters.", field=field)
    return said
