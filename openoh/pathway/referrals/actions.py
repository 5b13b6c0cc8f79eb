"""Write, send, return and decide referrals: the only writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.lifecycle import begin, move
from openoh.foundation.people.models import Engagement
from openoh.pathway.referrals import rules
from openoh.pathway.referrals.access import may_refer, visible_to
from openoh.pathway.referrals.models import Referral, ReferralStep
from openoh.pathway.referrals.queries import answers_of
from openoh.pathway.referrals.states import REFERRAL

BEING_WRITTEN = ("draft", "returned")


@action("referral.drafted")
def draft(
    *, by: Actor, engagement: UUID, absences: Sequence[rules.Absence] = (), demands: Sequence[str] = ()
) -> Referral:
    """Begin a referral, filled in with what is known; a draft that is already there is given back.

    `absences` are the dates that the employer holds, newest last. Raises DoesNotExist for somebody whom the actor
    may not refer, so that a guessed address tells nothing.
    """
    require(by, "referral.make")
    if by.engagement is None or not may_refer(by, engagement):
        raise Engagement.DoesNotExist("Nobody of your people.")
    post = Engagement.objects.get(pk=engagement)
    if post.person_id is None or post.provider_id is None:
        raise Invalid("Occupational health does not have this person's details yet. Ask HR, or try tomorrow.")
    going_on = [absence.first for absence in absences if absence.last is None]
    made, is_new = Referral.objects.get_or_create(
        recipient_id=by.engagement, engagement=post, state="draft",
        defaults={
            "person_id": post.person_id, "employer_id": post.employer_id, "provider_id": post.provider_id,
            "demands": catalogue.checked("role-demand", demands, field="demands"),
            "absences": _pairs(absences), "absent_since": min(going_on) if going_on else None,
        },
    )  # fmt: skip
    if is_new:
        begin(made, step=ReferralStep, by=by)
    return made


@action("referral.saved")
def save(*, by: Actor, referral: UUID, answers: rules.Answers) -> Referral:
    """Keep what the manager has filled in so far. Raises Invalid for an unknown code or too many words."""
    found = _being_written(by, referral)
    found.reasons = catalogue.checked("referral-reason", answers.reasons, field="reasons")
    found.demands = catalogue.checked("role-demand", answers.demands, field="demands")
    found.questions = catalogue.checked("referral-question", answers.questions, field="questions")
    found.tried = catalogue.checked("already-tried", answers.tried, field="tried")
    if answers.formal_stage:
        catalogue.checked("formal-stage", [answers.formal_stage], field="formal_stage")
    if answers.urgency not in Referral.Urgency.values:
        raise Invalid("Choose how urgent it is.", field="urgency")
    found.own_questions, found.background = _own_words(answers)
    found.absences = _pairs(answers.absences)
    found.urgency, found.urgency_reason = answers.urgency, answers.urgency_reason.strip()[:300]
    for name in ("absent_since", "hearing_on", "formal_stage", "shown_on", "person_agrees"):
        setattr(found, name, getattr(answers, name))
    found.save()
    return found


@action("referral.sent")
def send(*, by: Actor, referral: UUID) -> Referral:
    """Send a draft to occupational health. Raises Invalid with the first thing that is missing."""
    return _send(by, referral, "draft", "referral.sent")


@action("referral.resent")
def resend(*, by: Actor, referral: UUID) -> Referral:
    """Send a returned referral again, with what was asked for. Raises Invalid as `send` does."""
    return _send(by, referral, "returned", "referral.resent")


@action("referral.withdrawn")
def withdraw(*, by: Actor, referral: UUID) -> Referral:
    """Take a referral back before occupational health has accepted it."""
    require(by, "referral.make")
    return _move(visible_to(by).get(pk=referral), "withdrawn", by=by)


@action("referral.returned")
def return_for_information(*, by: Actor, referral: UUID, reasons: Sequence[str], words: str = "") -> Referral:
    """A clinician asks the manager for more; `reasons` are codes, `words` without clinical detail."""
    require(by, "triage.decide")
    found = visible_to(by).get(pk=referral)
    found.returned_for = catalogue.checked("return-reason", reasons, field="reasons")
    if not found.returned_for:
        raise Invalid("Say what you need from the manager.", field="reasons")
    found.returned_with = words.strip()[:500]
    found.save(update_fields=["returned_for", "returned_with"])
    return _move(found, "returned", by=by)


@action("referral.accepted")
def accept(*, by: Actor, referral: UUID) -> Referral:
    """A clinician takes the referral on."""
    require(by, "triage.decide")
    return _move(visible_to(by).get(pk=referral), "accepted", by=by)


@action("referral.rejected")
def reject(*, by: Actor, referral: UUID, reason: str = "") -> Referral:
    """A clinician decides that it is not for occupational health; `reason` is a code of triage."""
    require(by, "triage.decide")
    return _move(visible_to(by).get(pk=referral), "rejected", by=by, reason=reason)


@action("referral.concluded")
def conclude(*, by: Actor, referral: UUID, advised: bool) -> Referral:
    """Say whether there is advice, whatever the cause when there is none. Nothing to do is not an error."""
    require(by, "report.write")
    found = visible_to(by).get(pk=referral)
    to = "advised" if advised else "no-advice"
    if found.state != to and REFERRAL.allows(found.state, to):
        move(found, to, lifecycle=REFERRAL, step=ReferralStep, by=by)
    return found


def _being_written(by: Actor, referral: UUID) -> Referral:
    require(by, "referral.make")
    found = visible_to(by).select_for_update(of=("self",)).get(pk=referral)
    if found.state not in BEING_WRITTEN:
        raise Conflict(
            "This referral has been sent, so it cannot be changed. Occupational health can return it."
        )
    return found


def _send(by: Actor, referral: UUID, expected: str, verb: str) -> Referral:
    found = _being_written(by, referral)
    if found.state != expected:
        raise Conflict("This referral is no longer as you saw it. Look at it again.")
    if not may_refer(by, found.engagement_id):
        raise NotAllowed("This person is no longer in your team, so you cannot refer them.")
    if lacking := rules.missing(answers_of(found), clock.today()):
        raise Invalid(lacking[0].sentence, field=lacking[0].field)
    found.sent_at = clock.now()
    found.save(update_fields=["sent_at"])
    return _move(found, "sent", by=by, fact=verb)


def _move(found: Referral, to: str, *, by: Actor, reason: str = "", fact: str = "") -> Referral:
    was_sent = found.sent_at is not None
    move(found, to, lifecycle=REFERRAL, step=ReferralStep, by=by, reason=reason)
    if was_sent or to == "sent":
        facts.append(
            fact or f"referral.{to}", found.id, employer=found.employer_id, provider=found.provider_id,
            person=found.person_id, data={"urgency": found.urgency, "recipient": str(found.recipient_id)},
        )  # fmt: skip
    return found


def _own_words(answers: rules.Answers) -> tuple[list[str], str]:
    form = load(__package__ or "openoh.pathway.referrals", "form")
    questions = [question.strip() for question in answers.own_questions if question.strip()]
    if len(questions) > cast(int, form["most_own_questions"]):
        raise Invalid(
            f"Ask at most {form['most_own_questions']} questions of your own.", field="own_questions"
        )
    if any(len(question) > cast(int, form["longest_question"]) for question in questions):
        raise Invalid(f"Keep a question under {form['longest_question']} letters.", field="own_questions")
    if len(answers.background) > cast(int, form["longest_background"]):
        raise Invalid(f"Keep this under {form['longest_background']} letters.", field="background")
    return questions, answers.background.strip()


def _pairs(absences: Sequence[rules.Absence]) -> list[list[str | None]]:
    return [
        [absence.first.isoformat(), absence.last.isoformat() if absence.last else None]
        for absence in absences
    ]
