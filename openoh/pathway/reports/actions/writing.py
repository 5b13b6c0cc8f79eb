"""The clinician's part: begin, save, sign, and answer a wish for correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast
from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.codes import catalogue
from openoh.foundation.consent.models import Decision
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.lifecycle import begin as begin_steps
from openoh.foundation.core.lifecycle import move
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.reports import record, rules
from openoh.pathway.reports.access import case_to_advise_on, registered_clinician, visible_to
from openoh.pathway.reports.models import Report, ReportStep
from openoh.pathway.reports.states import REPORT
from openoh.pathway.reports.window import end_of_window, window_content

REPLACEABLE = ("with-person", "correction-asked", "released", "blocked")
# What the consultation noted, as a decision about release; anything else is no decision.
NOTED = {"agreed": "given", "see-first": "given-see-first", "declined": "declined"}
CATALOGUES = ("fitness-outcome", "restriction", "adjustment", "referral-question", "equality-opinion")


@action("report.begun")
def begin(*, by: Actor, case: UUID, consultation: UUID | None = None, replaces: UUID | None = None) -> Report:
    """Begin a report on a case; with `replaces`, a corrected version of a signed one, filled in as that was."""
    require(by, "report.write")
    about = case_to_advise_on(by, case)
    held = Consultation.objects.get(pk=consultation, case=about) if consultation else None
    old = visible_to(by).get(pk=replaces, case=about) if replaces else None
    if old is not None and old.state not in REPLACEABLE:
        raise Conflict("This report has no signed version to correct. Go on writing it instead.")
    if old is not None and Report.objects.filter(replaces=old).exclude(state="blocked").exists():
        raise Conflict("Somebody is already writing a correction of this report.")
    writer = registered_clinician(by)
    made = Report(
        case=about, consultation=held or (old.consultation if old else None), person_id=about.person_id,
        employer_id=about.employer_id, provider_id=about.provider_id, replaces=old,
        written_by=writer.user_id, written_by_name=author(writer),
    )  # fmt: skip
    agreed = NOTED.get(held.agreed_release, "") if held else ""
    record.write(made, record.read(old) if old else rules.Advice(consent_at_consultation=agreed))
    made.save()
    begin_steps(made, step=ReportStep, by=by)
    return made


@action("report.saved")
def save(*, by: Actor, report: UUID, revision: int, advice: rules.Advice) -> Report:
    """Keep a draft. `revision` is the one that the writer saw; raises Conflict when somebody saved after that."""
    require(by, "report.write")
    draft = _locked_draft(by, report, revision)
    record.write(draft, _with_known_codes(advice))
    draft.revision += 1
    draft.save()
    return draft


@action("report.signed")
def sign(*, by: Actor, report: UUID, revision: int, window_days: int | None = None) -> Report:
    """Sign a complete draft; it then lies with the person, who has `window_days` working days to decide.

    Raises Invalid with the first thing that is missing, NotAllowed without a registration in date or where a
    physician must sign, Conflict when somebody signed or saved first.
    """
    require(by, "report.write")
    signer = registered_clinician(by)
    draft = _locked_draft(by, report, revision)
    outcome = _check_complete(draft)
    if (needed := outcome.extra.get("signed_by")) and signer.profession != needed:
        raise NotAllowed(f"Only a {needed} can sign “{outcome.label}”. Ask one to sign it.")
    window = window_content()
    draft.signed_at, draft.signed_by = clock.now(), signer.user_id
    draft.written_by_name = author(signer)
    draft.decide_by = end_of_window(draft, window_days)
    draft.content_versions = [*(catalogue.version(name) for name in CATALOGUES), window.rule_version]
    draft.save()
    if draft.consent_at_consultation:
        _record_consent_at_consultation(draft, by, str(window["words_version"]))
    move(draft, "with-person", lifecycle=REPORT, step=ReportStep, by=by)
    if draft.replaces is not None and draft.replaces.state != "released":
        move(draft.replaces, "replaced", lifecycle=REPORT, step=ReportStep, by=by)
    _tell("report.waiting-for-person", draft)
    return draft


@action("report.kept-as-written")
def keep_as_written(*, by: Actor, report: UUID, window_days: int | None = None) -> Report:
    """Answer a wish for correction by leaving the report as it is: it would mislead otherwise.

    The person's words stay attached to it, and they have their whole window again.
    """
    require(by, "report.write")
    found = visible_to(by).select_for_update(of=("self",)).get(pk=report)
    if found.state != "correction-asked":
        raise Conflict("Nobody is waiting for a correction of this report.")
    found.person_comment_sealed = record.seal(found, "person_comment", record.unseal(found, "correction"))
    found.decide_by = end_of_window(found, window_days)
    found.save(update_fields=["person_comment_sealed", "decide_by"])
    move(found, "with-person", lifecycle=REPORT, step=ReportStep, by=by, reason="kept-as-written")
    _tell("report.waiting-for-person", found)
    return found


def author(clinician: Clinician) -> str:
    """Name, qualification and registration, as a report must state them."""
    registration = f"{clinician.registration_body} {clinician.registration_number}".strip()
    return ", ".join(part for part in (clinician.name, clinician.qualification, registration) if part)


def _locked_draft(by: Actor, report: UUID, revision: int) -> Report:
    found = visible_to(by).select_for_update(of=("self",)).get(pk=report)
    if found.state != "draft":
        raise Conflict("Somebody has already signed this report. Look at it again.")
    if found.revision != revision:
        raise Conflict("Somebody else has changed this report since you opened it. Look at it again.")
    return found


def _check_complete(draft: Report) -> catalogue.Code:
    advice = record.read(draft)
    requires: Sequence[str] = ()
    if advice.outcome:
        requires = cast(Sequence[str], catalogue.code("fitness-outcome", advice.outcome).extra["requires"])
    if lacking := rules.problems(advice, requires, clock.today()):
        raise Invalid(lacking[0].sentence, field=lacking[0].field)
    return catalogue.code("fitness-outcome", advice.outcome)


def _with_known_codes(advice: rules.Advice) -> rules.Advice:
    """The advice itself; raises Invalid at the first code that is not in its catalogue."""
    single: Mapping[str, str] = {
        "outcome": "fitness-outcome", "equality_opinion": "equality-opinion", "work_related": "work-relatedness",
        "prognosis": "prognosis", "unable_reason": "unable-reason", "consent_at_consultation": "release-consent",
    }  # fmt: skip
    for name, of in single.items():
        if chosen := getattr(advice, name):
            catalogue.checked(of, [chosen], field=name)
    catalogue.checked("restriction", (each.code for each in advice.restrictions), field="restrictions")
    catalogue.checked("adjustment", (each.code for each in advice.recommendations), field="recommendations")
    catalogue.checked("referral-question", advice.answers, field="answers")
    return replace(advice, words=advice.words.strip())


def _record_consent_at_consultation(report: Report, by: Actor, words_version: str) -> None:
    Decision.objects.create(
        person_id=report.person_id, employer_id=report.employer_id, provider_id=report.provider_id,
        case_id=report.case_id, about_id=report.id, kind=Decision.Kind.RELEASE_REPORT,
        state=report.consent_at_consultation, words_version=words_version, recorded_by=by.name,
    )  # fmt: skip


def _tell(kind: str, report: Report) -> None:
    facts.append(
        kind, report.id, employer=report.employer_id, provider=report.provider_id, person=report.person_id,
        data={"decide_by": report.decide_by.isoformat() if report.decide_by else None,
              "case": str(report.case_id)},
    )  # fmt: skip
