"""Risk: which answers raise a flag, who answers when, by when, and the only way in which it ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.core import clock, facts, ticks
from openoh.foundation.core.actors import system_actor
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.clock import UK
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import RiskCover
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.questionnaires import actions as questionnaires
from openoh.pathway.risk import actions, rules
from openoh.pathway.risk.access import visible_to
from openoh.pathway.risk.models import RiskFlag, RiskStep
from openoh.pathway.risk.queries import (
    CoverNotDeclared,
    NobodyAnswers,
    cover_at,
    note_of,
    open_flags,
    overdue,
    people_at_risk,
    plan_of,
)
from openoh.pathway.risk.rules import DeclaredCover
from tests.pathway.diary import WEDNESDAY, read, session

ENGLAND = WorkingDays("england")
PLAN = "Spoke with her; safe tonight with her sister; GP tomorrow; I ring on Friday."


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def at(day, hour, minute=0):
    return datetime(2026, day[0], day[1], hour, minute, tzinfo=UK)


def answered(world, value, *, finish=False, by=None):
    by = by or world.as_amara
    begun = questionnaires.begin(by=by, instrument="PHQ-9")
    questionnaires.save_answers(by=by, answer_set_id=begun.id, answers={"9": value})
    return questionnaires.complete(by=by, answer_set_id=begun.id) if finish else begun


def flags(world):
    with within(world.as_worker.scope):
        return list(RiskFlag.objects.order_by("raised_at", "id"))


def raised(world, value=1):
    answered(world, value)
    return flags(world)[-1]


def steps(world, flag):
    with within(world.as_worker.scope):
        return [(s.state, s.reason) for s in RiskStep.objects.filter(subject=flag.pk).order_by("at", "id")]


# Which answers


@pytest.mark.parametrize(
    ("questionnaire", "answers", "finished", "expected"),
    [
        ("PHQ-9", {"9": 0}, True, []),
        ("PHQ-9", {"9": 1}, False, [("PHQ-9/9", 1)]),
        ("PHQ-9", {"9": 2}, False, [("PHQ-9/9", 2)]),
        ("PHQ-9", {"9": 3}, False, [("PHQ-9/9", 2)]),
        ("PHQ-9", {"1": 3}, False, []),
        ("PHQ-9", {"1": 3}, True, [("PHQ-9/9", 1)]),  # finished and left out: silence is not a no
        ("CORE-10", {"6": 1}, False, [("CORE-10/6", 2)]),
        ("needs-assessment", {"safe-now": "yes"}, False, []),
        ("needs-assessment", {"safe-now": "unsure"}, False, [("needs-assessment/safe-now", 1)]),
        ("needs-assessment", {"safe-now": "no"}, False, [("needs-assessment/safe-now", 2)]),
        ("GAD-7", {"7": 3}, True, []),
    ],
)
def test_which_answers_call_for_a_clinician(questionnaire, answers, finished, expected):
    found = rules.signals(questionnaire, answers, finished=finished)
    assert [(signal.source, signal.severity) for signal in found] == expected


@pytest.mark.parametrize(
    ("code", "asks"),
    [("PHQ-9", True), ("needs-assessment", True), ("PHQ-2", False), ("msk-self-triage", False)],
)
def test_which_forms_ask_about_risk(code, asks):
    assert rules.asks_about_risk(code) is asks


def test_every_risk_item_of_the_published_instruments_is_watched():
    """An instrument's own content says which items flag self-harm; none of them may be missing here."""
    from openoh.methods import instruments

    for instrument in instruments.catalogue():
        for flag in instrument.flags:
            if flag.code == "self-harm":
                for item in flag.items:
                    assert rules.signals(instrument.code, {str(item): flag.at_least}, finished=False)


# Who answers


DAYTIME = DeclaredCover("service", (1, 2, 3, 4, 5), time(8), time(18), "Duty nurse")
NIGHTS = DeclaredCover("partner", (1, 2, 3, 4), time(18), time(8), "Night partner")
NOBODY = DeclaredCover("nobody", (6, 7), time(0), time(23, 59, 59), "Nobody")
COVERS = [DAYTIME, NIGHTS, NOBODY]


@pytest.mark.parametrize(
    ("instant", "kind"),
    [
        (at((1, 14), 8), "service"),
        (at((1, 14), 17, 59), "service"),
        (at((1, 14), 7, 59), "partner"),
        (at((1, 14), 23), "partner"),
        (at((1, 16), 3), "partner"),  # the night that began on Thursday
        (at((1, 16), 19), "nobody"),  # Friday evening: no night is declared
        (at((1, 17), 12), "nobody"),
        (at((7, 1), 8), "service"),  # local time in summer
        (at((3, 30), 8), "service"),  # the Monday after the clocks went forward
        (at((10, 26), 8), "service"),
    ],
)
def test_who_answers_at_an_hour(instant, kind):
    assert rules.cover_at(COVERS, instant.astimezone(UTC)).kind == kind


def test_a_service_that_declares_nothing_has_no_answer():
    with pytest.raises(ValueError, match="no risk cover"):
        rules.cover_at([], WEDNESDAY)


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        (at((1, 16), 19), at((1, 19), 8)),
        (at((1, 17), 12), at((1, 19), 8)),
        (at((1, 14), 7), at((1, 14), 8)),
    ],
)
def test_when_a_closed_form_opens(instant, opens):
    assert rules.opens_next(COVERS, instant) == opens


def test_a_service_that_nobody_ever_answers_never_opens():
    assert rules.opens_next([NOBODY], WEDNESDAY) is None


# By when


@pytest.mark.parametrize(
    ("severity", "raised_at", "covered", "acknowledge_by", "due_at"),
    [
        (1, at((1, 14), 10), True, at((1, 14), 11), at((1, 14), 17)),
        (1, at((1, 14), 16, 30), True, at((1, 14), 17, 30), at((1, 14), 17, 30)),
        (1, at((1, 14), 20), True, at((1, 14), 21), at((1, 15), 0)),
        (1, at((1, 17), 10), True, at((1, 17), 11), at((1, 17), 14)),
        (2, at((1, 14), 10), True, at((1, 14), 10, 15), at((1, 14), 11)),
        (2, at((1, 17), 3), True, at((1, 17), 3, 15), at((1, 17), 4)),
        (1, at((1, 16), 22), False, at((1, 19), 11), at((1, 19), 17)),
        (2, at((1, 16), 22), False, at((1, 19), 10, 15), at((1, 19), 11)),
        (2, at((4, 2), 22), False, at((4, 7), 10, 15), at((4, 7), 11)),  # Maundy Thursday: Tuesday is next
        (1, at((1, 15), 2), False, at((1, 15), 11), at((1, 15), 17)),
    ],
)
def test_by_when_somebody_is_contacted(severity, raised_at, covered, acknowledge_by, due_at):
    times = rules.deadlines(severity, raised_at, covered=covered, calendar=ENGLAND)
    assert times.acknowledge_by == acknowledge_by
    assert times.due_at == due_at


@given(
    st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2027, 12, 1), timezones=st.just(UTC)),
    st.sampled_from([1, 2]),
)
def test_a_covered_risk_is_never_due_later_than_the_same_working_day(instant, severity):
    times = rules.deadlines(severity, instant, covered=True, calendar=ENGLAND)
    assert instant < times.acknowledge_by <= instant + timedelta(hours=1)
    assert instant < times.due_at <= instant + timedelta(hours=17)
    if severity == 2:
        assert times.due_at == instant + timedelta(hours=1)


# Raising


def test_the_flag_is_there_with_the_answer_and_before_the_form_is_finished(world):
    begun = answered(world, 1)
    (flag,) = flags(world)
    assert (flag.source, flag.severity, flag.state, flag.cover) == ("PHQ-9/9", 1, "raised", "Duty nurse")
    assert (flag.person_id, flag.answer_set_id) == (world.amara.id, begun.id)
    assert flag.due_at == at((1, 14), 17)
    assert flag.rule_version == "risk/severity/1"
    with within(world.as_worker.scope):
        fact = Fact.objects.get(kind="risk.raised")
    assert (fact.subject, fact.data["severity"]) == (str(flag.pk), 1)


def test_answering_again_raises_nothing_new_unless_it_became_worse(world):
    amara = world.as_amara
    begun = answered(world, 1)
    for value, count in ((1, 1), (0, 1), (1, 1), (3, 2), (2, 2)):
        questionnaires.save_answers(by=amara, answer_set_id=begun.id, answers={"9": value})
        assert len(flags(world)) == count, value
    questionnaires.complete(by=amara, answer_set_id=begun.id)
    assert [flag.severity for flag in flags(world)] == [1, 2]


def test_a_left_out_question_about_self_harm_is_flagged_when_the_form_is_finished(world):
    amara = world.as_amara
    begun = questionnaires.begin(by=amara, instrument="PHQ-9")
    questionnaires.save_answers(by=amara, answer_set_id=begun.id, answers={str(n): 0 for n in range(1, 9)})
    assert flags(world) == []
    done = questionnaires.complete(by=amara, answer_set_id=begun.id)
    assert done.flags == ["self-harm-unanswered"]
    assert [flag.severity for flag in flags(world)] == [1]


def test_when_the_answer_is_rolled_back_so_is_the_flag_and_never_one_without_the_other(world, monkeypatch):
    amara = world.as_amara
    begun = questionnaires.begin(by=amara, instrument="PHQ-9")

    def break_the_disk(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(facts, "append", break_the_disk)
    with pytest.raises(OSError, match="disk full"):
        questionnaires.save_answers(by=amara, answer_set_id=begun.id, answers={"9": 3})
    assert flags(world) == []
    assert read(amara, begun).answers_sealed is None


def test_a_clinician_who_hears_a_plan_raises_a_flag_at_once(world):
    flag = actions.raise_concern(
        by=world.as_physiotherapist, person_id=world.amara.id, employer_id=world.trust.id,
        concern="plan-means-intent", note="Has collected tablets.",
    )  # fmt: skip
    assert (flag.severity, flag.due_at) == (2, WEDNESDAY + timedelta(hours=1))
    with within(world.as_nurse.scope):
        assert note_of(flag) == "Has collected tablets."


# Forms and cover


def cover(world, **changes):
    with within(world.as_worker.scope):
        if changes:
            RiskCover.objects.filter(provider=world.provider).update(**changes)
        else:
            RiskCover.objects.filter(provider=world.provider).update(provider=world.other_provider)


def test_cover_is_read_from_what_the_provider_declared(world):
    with within(world.as_amara.scope):
        assert cover_at(world.provider.id, world.trust.id, WEDNESDAY).name == "Duty nurse"
        assert cover_at(world.provider.id, world.trust.id, at((1, 14), 22)).name == "Night crisis partner"


def test_a_provider_that_declared_nothing_asks_nobody_about_risk(world):
    cover(world)
    with pytest.raises(CoverNotDeclared, match="999"):
        questionnaires.begin(by=world.as_amara, instrument="PHQ-9")
    assert questionnaires.begin(by=world.as_amara, instrument="PHQ-2").instrument == "PHQ-2"


def test_with_nobody_there_the_form_says_so_and_when_it_opens(world):
    cover(world, kind="nobody")
    with pytest.raises(NobodyAnswers, match=r"Nobody reads this form at this hour.*116 123"):
        questionnaires.begin(by=world.as_amara, instrument="PHQ-9")
    cover(world, kind="service", starts_at=time(8), ends_at=time(9))
    with pytest.raises(NobodyAnswers) as closed:
        questionnaires.begin(by=world.as_amara, instrument="PHQ-9")
    assert closed.value.opens_at == at((1, 15), 8)


def test_an_answer_that_comes_in_when_nobody_is_there_is_kept_all_the_same(world):
    begun = questionnaires.begin(by=world.as_amara, instrument="PHQ-9")
    cover(world, kind="nobody")
    questionnaires.save_answers(by=world.as_amara, answer_set_id=begun.id, answers={"9": 3})
    (flag,) = flags(world)
    assert flag.due_at == at((1, 15), 11)
    cover(world)
    questionnaires.complete(by=world.as_amara, answer_set_id=begun.id)
    assert len(flags(world)) == 1


# Handling


def test_the_whole_way_of_a_flag(world):
    flag = raised(world)
    nurse = world.as_nurse
    actions.acknowledge(by=nurse, flag_id=flag.id)
    actions.record_contact(by=nurse, flag_id=flag.id, reached=False)
    actions.record_contact(by=nurse, flag_id=flag.id, reached=True, note="Spoke for twenty minutes.")
    closed = actions.close(by=nurse, flag_id=flag.id, plan=PLAN)
    assert (closed.state, closed.closed_by, closed.owner) == ("closed", nurse.user, nurse.user)
    assert [state for state, _ in steps(world, flag)] == [
        "raised", "acknowledged", "contact-tried", "contacted", "closed",
    ]  # fmt: skip
    kept = read(nurse, flag)
    with within(nurse.scope):
        assert plan_of(kept) == PLAN
        assert note_of(kept) == "Spoke for twenty minutes."
        assert open_flags(nurse) == []


def test_a_second_clinician_is_told_who_has_it_and_may_take_over_on_purpose(world):
    flag = raised(world)
    actions.acknowledge(by=world.as_nurse, flag_id=flag.id)
    with pytest.raises(Conflict, match="Nia Bevan has this"):
        actions.acknowledge(by=world.as_physician, flag_id=flag.id)
    taken = actions.acknowledge(by=world.as_physician, flag_id=flag.id, take_over=True)
    assert taken.owner_name == "Omar Haddad"


def test_nothing_closes_without_a_contact(world):
    flag = raised(world)
    actions.acknowledge(by=world.as_nurse, flag_id=flag.id)
    with pytest.raises(Conflict, match="must have spoken"):
        actions.close(by=world.as_nurse, flag_id=flag.id, plan=PLAN)
    actions.record_contact(by=world.as_nurse, flag_id=flag.id, reached=False)
    with pytest.raises(Conflict, match="must have spoken"):
        actions.close(by=world.as_nurse, flag_id=flag.id, plan=PLAN)


def contacted(world):
    flag = raised(world)
    actions.acknowledge(by=world.as_nurse, flag_id=flag.id)
    return actions.record_contact(by=world.as_nurse, flag_id=flag.id, reached=True, note="Spoke.")


@pytest.mark.parametrize("plan", ["", "   \n"])
def test_nothing_closes_without_a_plan(world, plan):
    flag = contacted(world)
    with pytest.raises(Invalid, match="Write the plan"):
        actions.close(by=world.as_nurse, flag_id=flag.id, plan=plan)


def test_a_contact_says_what_was_said(world):
    flag = raised(world)
    actions.acknowledge(by=world.as_nurse, flag_id=flag.id)
    with pytest.raises(Invalid):
        actions.record_contact(by=world.as_nurse, flag_id=flag.id, reached=True)


def test_no_part_of_the_system_acknowledges_or_closes(world):
    flag = contacted(world)
    robot = system_actor("tidy up", provider=world.provider.id, employers=(world.trust.id,))
    for act in (
        lambda: actions.acknowledge(by=robot, flag_id=flag.id),
        lambda: actions.close(by=robot, flag_id=flag.id, plan=PLAN),
        lambda: actions.record_contact(by=robot, flag_id=flag.id, reached=True, note="Robot."),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_clinician_off_the_register_does_not_close(world):
    flag = contacted(world)
    with within(world.as_worker.scope):
        world.clinicians["nia"].registered_until = date(2026, 1, 13)
        world.clinicians["nia"].save()
    with pytest.raises(NotAllowed, match="registration"):
        actions.close(by=world.as_nurse, flag_id=flag.id, plan=PLAN)


def test_a_person_does_not_close_their_own_flag(world):
    flag = contacted(world)
    with pytest.raises(NotAllowed):
        actions.close(by=world.as_amara, flag_id=flag.id, plan=PLAN)


@pytest.mark.parametrize("missing", ["closed_at", "closed_by", "plan_sealed", "contacted_at"])
def test_the_database_refuses_a_closed_flag_without_contact_plan_and_who(world, missing):
    flag = raised(world)
    complete = {
        "state": "closed", "owner": world.as_nurse.user, "closed_at": WEDNESDAY, "closed_by": world.as_nurse.user,
        "plan_sealed": b"plan", "contacted_at": WEDNESDAY,
    }  # fmt: skip
    with within(world.as_worker.scope):
        with pytest.raises(IntegrityError, match="risk_closed"), transaction.atomic():
            RiskFlag.objects.filter(pk=flag.pk).update(**complete | {missing: None})
        assert RiskFlag.objects.filter(pk=flag.pk).update(**complete) == 1


# Not attending


def missed(world):
    (slot,) = session(world, clinician="nia", service="nurse", hours=1)
    booked = clinics.book(by=world.as_amara, slot_id=slot.id)
    with clock.held_at(slot.starts_at + timedelta(minutes=20)):
        clinics.mark_did_not_attend(by=world.as_nurse, appointment_id=booked.id)
        facts.consume()


def test_not_attending_closes_nothing_and_brings_the_contact_forward(world):
    flag = contacted(world)
    with within(world.as_worker.scope):
        RiskFlag.objects.filter(pk=flag.pk).update(due_at=at((2, 1), 12))
    missed(world)
    kept = read(world.as_nurse, flag)
    assert kept.state == "contacted"
    assert kept.closed_at is None
    assert kept.due_at == at((1, 15), 17), "today, and not in two weeks"
    assert steps(world, flag)[-1] == ("contacted", "did-not-attend")


def test_not_attending_does_not_make_an_overdue_risk_less_urgent_than_today(world):
    flag = raised(world)
    missed(world)
    kept = read(world.as_nurse, flag)
    assert (kept.state, kept.due_at) == ("raised", at((1, 15), 17))


# Escalation


def test_what_nobody_acknowledges_goes_to_the_next_again_and_again(world):
    flag = raised(world)
    watch = system_actor("watch")
    assert actions.escalate_overdue(by=watch) == 0
    with clock.held_at(at((1, 14), 11, 1)):
        assert actions.escalate_overdue(by=watch) == 1
        assert actions.escalate_overdue(by=watch) == 0, "the next one has their time first"
    with clock.held_at(at((1, 14), 19)):
        assert actions.escalate_overdue(by=watch) == 1
    kept = read(world.as_nurse, flag)
    assert (kept.escalations, kept.state, kept.cover) == (2, "raised", "Night crisis partner")
    assert [reason for _, reason in steps(world, flag)] == ["PHQ-9/9", "not-acknowledged", "not-acknowledged"]


def test_an_acknowledged_flag_escalates_only_when_the_person_was_not_reached_in_time(world):
    flag = raised(world)
    actions.acknowledge(by=world.as_nurse, flag_id=flag.id)
    with clock.held_at(at((1, 14), 16, 59)):
        assert actions.escalate_overdue(by=system_actor("watch")) == 0
    with clock.held_at(at((1, 14), 17, 1)):
        assert actions.escalate_overdue(by=system_actor("watch")) == 1
    assert steps(world, flag)[-1] == ("acknowledged", "overdue")


def test_two_tries_on_one_day_in_vain_escalate(world):
    flag = raised(world)
    nurse = world.as_nurse
    actions.acknowledge(by=nurse, flag_id=flag.id)
    assert actions.record_contact(by=nurse, flag_id=flag.id, reached=False).escalations == 0
    with clock.held_at(WEDNESDAY + timedelta(hours=2)):
        assert actions.record_contact(by=nurse, flag_id=flag.id, reached=False).escalations == 1
    assert steps(world, flag)[-1] == ("contact-tried", "not-reached")


def test_one_try_on_each_of_two_days_does_not_count_as_two_tries(world):
    flag = raised(world)
    nurse = world.as_nurse
    actions.acknowledge(by=nurse, flag_id=flag.id)
    actions.record_contact(by=nurse, flag_id=flag.id, reached=False)
    with clock.held_at(WEDNESDAY + timedelta(days=1)):
        assert actions.record_contact(by=nurse, flag_id=flag.id, reached=False).escalations == 0


def test_the_worker_looks_for_overdue_risks_every_minute():
    (tick,) = [tick for tick in ticks.registered() if tick.name == "overdue risks"]
    assert tick.every_seconds == 60


# Who sees


def test_risks_are_seen_by_clinicians_in_care_of_the_person(world):
    flag = raised(world)
    for actor, sees in (
        (world.as_nurse, True),
        (world.as_lead, True),
        (world.as_amara, True),
        (world.actor("joe", "employee"), False),
        (world.as_other_nurse, False),
    ):
        with within(actor.scope):
            assert visible_to(actor).filter(pk=flag.pk).exists() is sees, actor.name
    with pytest.raises(RiskFlag.DoesNotExist):
        actions.acknowledge(by=world.as_other_nurse, flag_id=flag.id)


def test_marks_beside_names_and_the_overdue_list(world):
    raised(world)
    nurse = world.as_nurse
    with within(nurse.scope):
        assert people_at_risk(nurse, [world.amara.id, world.joe.id]) == {world.amara.id}
        assert overdue(nurse) == []
        with clock.held_at(at((1, 14), 11, 30)):
            assert len(overdue(nurse)) == 1
