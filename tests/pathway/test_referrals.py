"""A manager refers somebody they lead, who was shown the referral first; others do not know that it exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.access.actions import delegate
from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.pathway.referrals import actions, queries
from openoh.pathway.referrals.access import visible_to
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import NO_ADVICE, Absence, Answers, missing

TODAY = date(2026, 3, 2)
COMPLETE = Answers(
    reasons=["long-term-absence"], questions=["return-date", "fit-for-role"], absent_since=date(2026, 1, 5),
    shown_on=date(2026, 3, 1), person_agrees=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"reasons": []}, ["reasons"]),
        ({"questions": []}, ["questions"]),
        ({"questions": [], "own_questions": ["May she drive?"]}, []),
        ({"absent_since": None}, ["absent_since"]),
        ({"absent_since": None, "reasons": ["pregnancy"]}, []),
        ({"absent_since": date(2026, 3, 3)}, ["absent_since"]),
        ({"absences": [Absence(date(2026, 1, 9), date(2026, 1, 5))]}, ["absences"]),
        ({"formal_stage": "hearing"}, ["hearing_on"]),
        ({"urgency": "urgent", "urgency_reason": " "}, ["urgency_reason"]),
        ({"shown_on": None}, ["shown_on"]),
        ({"shown_on": date(2026, 3, 3)}, ["shown_on"]),
        ({"shown_on": date(2026, 3, 2)}, []),
        ({"person_agrees": None}, ["person_agrees"]),
        ({"person_agrees": False}, []),
    ],
)
def test_what_must_be_filled_in_before_sending(change, fields):
    assert [lacking.field for lacking in missing(replace(COMPLETE, **change), TODAY)] == fields


@given(st.sets(st.sampled_from(["reasons", "questions", "absent_since", "shown_on", "person_agrees"])))
def test_every_gap_is_named_once_and_all_at_once(gaps):
    empty = {"reasons": [], "questions": [], "absent_since": None, "shown_on": None, "person_agrees": None}
    lacking = missing(replace(COMPLETE, **{name: empty[name] for name in gaps}), TODAY)
    expected = gaps - (
        {"absent_since"} if "reasons" in gaps else set()
    )  # only long-term absence needs the day
    assert {each.field for each in lacking} == expected
    assert len(lacking) == len(expected)


pytestmark = pytest.mark.django_db


def complete() -> Answers:
    today = clock.today()
    return replace(COMPLETE, absent_since=today - timedelta(days=40), shown_on=today)


def sent(world, by=None) -> Referral:
    by = by or world.as_ben
    made = actions.draft(by=by, engagement=world.engagements["amara"].id)
    actions.save(by=by, referral=made.id, answers=complete())
    return actions.send(by=by, referral=made.id)


def seen_by(actor) -> set:
    with within(actor.scope):
        return set(visible_to(actor).values_list("id", flat=True))


def test_a_draft_is_filled_in_with_the_absence_and_written_once(world):
    ids = {"by": world.as_ben, "engagement": world.engagements["amara"].id}
    spells = [Absence(date(2026, 1, 5), date(2026, 1, 9)), Absence(date(2026, 2, 9))]
    first = actions.draft(**ids, absences=spells, demands=["nights"])
    again = actions.draft(**ids)
    assert first.id == again.id
    assert again.absent_since == date(2026, 2, 9)
    assert queries.answers_of(again).absences == spells
    with within(world.as_ben.scope):
        known = queries.prefilled(world.as_ben, world.engagements["amara"].id)
    assert (known.title, known.weekly_hours, known.earlier) == ("Staff nurse", 37.5, ())


def test_the_next_referral_knows_the_demands_of_the_last(world):
    made = actions.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    actions.save(by=world.as_ben, referral=made.id, answers=replace(complete(), demands=["nights"]))
    actions.send(by=world.as_ben, referral=made.id)
    with within(world.as_ben.scope):
        known = queries.prefilled(world.as_ben, world.engagements["amara"].id)
    assert known.demands == ("nights",)
    assert known.earlier == ((clock.today(), "With occupational health"),)


def test_a_draft_is_nobody_elses_and_a_sent_one_is_the_persons_and_the_clinicians(world):
    made = actions.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    assert seen_by(world.as_ben) == {made.id}
    assert seen_by(world.as_amara) == seen_by(world.as_nurse) == set()
    with within(world.as_nurse.scope):
        assert not Referral.objects.exists()  # the row policy says so, not only the query
    actions.save(by=world.as_ben, referral=made.id, answers=complete())
    actions.send(by=world.as_ben, referral=made.id)
    assert seen_by(world.as_amara) == seen_by(world.as_nurse) == {made.id}


def test_nobody_else_sees_a_sent_referral(world):
    sent(world)
    for actor in (
        world.as_dev,
        world.actor("gita", "manager"),
        world.as_hr,
        world.as_other_nurse,
        world.as_femi,
    ):
        assert seen_by(actor) == set()
    with within(world.as_dev.scope):
        assert not Referral.objects.exists()


def test_another_managers_person_does_not_exist(world):
    for actor in (world.as_dev, world.actor("gita", "manager")):
        with pytest.raises(Engagement.DoesNotExist):
            actions.draft(by=actor, engagement=world.engagements["amara"].id)
    with pytest.raises(NotAllowed):
        actions.draft(by=world.as_hr, engagement=world.engagements["amara"].id)


def test_a_deputy_may_refer_the_named_people_while_it_lasts(world):
    delegate(
        by=world.as_ben, deputy=world.engagements["dev"].id, people=[world.engagements["amara"].id],
        starts_on=clock.today(), ends_on=clock.today(),
    )  # fmt: skip
    assert sent(world, by=world.as_dev).recipient_id == world.engagements["dev"].id
    with clock.held_at(clock.now() + timedelta(days=1)), pytest.raises(Engagement.DoesNotExist):
        actions.draft(by=world.as_dev, engagement=world.engagements["amara"].id)


def test_a_departed_manager_sees_nothing(world):
    made = sent(world)
    with within(world.as_worker.scope):
        Engagement.objects.filter(pk=made.recipient_id).update(ends_on=clock.today() - timedelta(days=1))
    assert seen_by(world.as_ben) == set()


def test_a_referral_that_was_not_shown_is_not_sent(world):
    made = actions.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    actions.save(by=world.as_ben, referral=made.id, answers=replace(complete(), shown_on=None))
    with pytest.raises(Invalid, match="Show this referral to the person") as refusal:
        actions.send(by=world.as_ben, referral=made.id)
    assert refusal.value.field == "shown_on"


def test_somebody_who_has_moved_to_another_team_is_not_referred_any_more(world):
    made = actions.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    actions.save(by=world.as_ben, referral=made.id, answers=complete())
    with within(world.as_worker.scope):
        Engagement.objects.filter(pk=made.engagement_id).update(manager=world.engagements["dev"])
    with pytest.raises(NotAllowed, match="no longer in your team"):
        actions.send(by=world.as_ben, referral=made.id)


def test_sending_twice_sends_once(world):
    made = sent(world)
    with pytest.raises(Conflict):
        actions.send(by=world.as_ben, referral=made.id)
    with within(world.as_worker.scope):
        assert Fact.objects.filter(kind="referral.sent", subject=str(made.id)).count() == 1


def test_returned_completed_and_sent_again_then_the_manager_reads_neutral_words(world):
    made = sent(world)
    actions.return_for_information(by=world.as_nurse, referral=made.id, reasons=["question-unclear"])
    actions.save(
        by=world.as_ben, referral=made.id, answers=replace(complete(), own_questions=["May she lift?"])
    )
    actions.resend(by=world.as_ben, referral=made.id)
    actions.accept(by=world.as_nurse, referral=made.id)
    actions.conclude(by=world.as_nurse, referral=made.id, advised=False)
    with within(world.as_ben.scope):
        lines = queries.progress(world.as_ben, made.id)
    assert [line.words for line in lines] == [
        "Waiting for you", "With occupational health", "Waiting for you", "With occupational health", NO_ADVICE,
    ]  # fmt: skip
    assert [line.current for line in lines] == [False] * 4 + [True]


def test_a_manager_takes_back_what_is_not_yet_accepted(world):
    made = sent(world)
    actions.withdraw(by=world.as_ben, referral=made.id)
    with pytest.raises(Conflict):
        actions.accept(by=world.as_nurse, referral=made.id)


def test_only_a_clinician_who_triages_decides(world):
    made = sent(world)
    with pytest.raises(NotAllowed):
        actions.accept(by=world.as_ben, referral=made.id)
    with pytest.raises(Referral.DoesNotExist):
        actions.accept(by=world.as_other_nurse, referral=made.id)


@pytest.mark.parametrize(
    "change",
    [{"reasons": ["boredom"]}, {"questions": ["diagnosis"]}, {"urgency": "now"}, {"formal_stage": "stage-9"},
     {"own_questions": ["a", "b", "c", "d"]}, {"background": "x" * 2001}],
)  # fmt: skip
def test_strange_codes_and_long_letters_are_answered(world, change):
    made = actions.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    with pytest.raises(Invalid):
        actions.save(by=world.as_ben, referral=made.id, answers=replace(complete(), **change))
