"""Steps that several tests take: refer, open a case, write and sign a report. Built on `tests.world`."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases.models import Case, Recipient
from openoh.pathway.referrals import actions as referrals
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import Answers
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.opening import OpenedReport, copies_for
from openoh.pathway.reports.rules import Advice, Recommendation
from tests.world import World


def advice(**changes) -> Advice:
    today = clock.today()
    return Advice(**({
        "outcome": "FIT_ADJ_T", "words": "She can do most of her work.", "review_on": today + timedelta(days=40),
        "answers": {"return-date": "In two weeks, in steps."},
        "recommendations": [
            Recommendation("no-nights", starts_on=today, ends_on=today + timedelta(days=28)),
            Recommendation("extra-breaks", details="Ten minutes every two hours", starts_on=today),
        ],
    } | changes))  # fmt: skip


def refer(world: World) -> Referral:
    """Ben refers Amara, the nurse accepts."""
    made = referrals.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    today = clock.today()
    answers = Answers(
        reasons=["long-term-absence"], questions=["return-date"], absent_since=today - timedelta(days=40),
        shown_on=today, person_agrees=True,
    )  # fmt: skip
    referrals.save(by=world.as_ben, referral=made.id, answers=answers)
    referrals.send(by=world.as_ben, referral=made.id)
    return referrals.accept(by=world.as_nurse, referral=made.id)


def open_case(world: World, *, referred: bool = True, **changes) -> Case:
    referral = refer(world) if referred else None
    with within(world.as_worker.scope):
        return Case.objects.create(
            person=world.amara, employer=world.trust, provider=world.provider,
            engagement=world.engagements["amara"], referral=referral, service="nurse", **changes,
        )  # fmt: skip


def name_recipient(world: World, case: Case, key: str, *, excluded: bool = False) -> None:
    with within(world.as_nurse.scope):
        Recipient.objects.create(
            case=case, employer_id=case.employer_id, provider_id=case.provider_id, person_id=case.person_id,
            engagement=world.engagements[key], excluded=excluded,
        )  # fmt: skip


def signed(world: World, case: Case, *, by=None, replaces: UUID | None = None, **changes) -> Report:
    by = by or world.as_nurse
    draft = reports.begin(by=by, case=case.id, replaces=replaces)
    draft = reports.save(by=by, report=draft.id, revision=draft.revision, advice=advice(**changes))
    return reports.sign(by=by, report=draft.id, revision=draft.revision)


def released(world: World, case: Case | None = None) -> Report:
    report = signed(world, case or open_case(world))
    reports.agree(by=world.as_amara, report=report.id)
    facts.consume()
    return report


def copies(actor) -> list:
    with within(actor.scope):
        return list(copies_for(actor).order_by("released_at", "id"))


def opened(actor, copy) -> OpenedReport:
    return reports.open_released(by=actor, released=copy.id)


def leave(world: World, key: str) -> None:
    with within(world.as_worker.scope):
        Engagement.objects.filter(pk=world.engagements[key].pk).update(
            ends_on=clock.today() - timedelta(days=1)
        )


def state_of(world: World, report: Report) -> str:
    with within(world.as_worker.scope):
        return Report.objects.get(pk=report.pk).state
