"""Two at once, over two real connections: one wins, the other is told in words, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from functools import partial
from itertools import pairwise
from threading import Barrier

import pytest
from django.db import connection

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, OpenOHError
from openoh.foundation.core.scope import within
from openoh.pathway.cases import actions as cases
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.models import Appointment, Clinician, Slot
from openoh.pathway.clinics.registering import Entry, register_clinician
from openoh.pathway.clinics.rules import Registration
from openoh.pathway.consultations import actions as consultations
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.diaries.actions import make_times, take_back
from openoh.pathway.diaries.queries import week
from openoh.pathway.diaries.rules import Pattern
from openoh.pathway.questionnaires import actions as questionnaires
from openoh.pathway.requests import actions as requests
from openoh.pathway.risk import actions as risk
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.triage import actions as triage
from openoh.pathway.triage.models import TriageDecision
from tests.pathway.diary import request_of, session

pytestmark = pytest.mark.faults


def race(*acts):
    """Run each act in a thread with a connection of its own, begun together; what each returned or was told."""
    together = Barrier(len(acts))

    def run(act):
        try:
            together.wait(timeout=20)
            return act()
        except OpenOHError as told:
            return told
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [future.result(timeout=60) for future in [threads.submit(run, act) for act in acts]]


def one_winner(outcomes):
    """The winner; the others were told plainly."""
    told = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    won = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert len(won) == 1, outcomes
    assert len(told) == len(outcomes) - 1, outcomes
    assert all(str(each) for each in told)
    return won[0]


def rows(world, model, **conditions):
    with within(world.as_worker.scope):
        return list(model.objects.filter(**conditions))


@pytest.mark.parametrize("names", [("amara", "joe"), ("amara", "joe", "ben", "dev", "gita")])
def test_the_last_time_is_given_once(committed_world, names):
    world = committed_world
    (slot,) = session(world, hours=1)
    people = [world.actor(name, "employee") for name in names]
    winner = one_winner(race(*[lambda who=who: clinics.book(by=who, slot_id=slot.id) for who in people]))
    (kept,) = rows(world, Appointment)
    assert kept.person_id == winner.person_id


def test_the_last_time_is_given_once_to_requests_sent_at_once(committed_world):
    world = committed_world
    (slot,) = session(world, hours=1)
    people = [world.actor(name, "employee") for name in ("amara", "joe")]
    sent = [(who, request_of(who, service="physiotherapy")) for who in people]
    winner = one_winner(
        race(*[lambda w=w, r=r: requests.send(by=w, request_id=r.id, slot_id=slot.id) for w, r in sent])
    )
    states = {
        request.id: row.state for _, request in sent for row in rows(world, type(request), pk=request.id)
    }
    assert states[winner.id] == "booked"
    assert sorted(states.values()) == ["booked", "started"]


def test_two_administrators_who_make_overlapping_times_at_once_make_each_time_once(committed_world):
    world = committed_world
    who, first = world.actor("tess", "oh-administrator"), clock.today() + timedelta(days=1)

    def make(begins, minutes):
        return make_times(
            by=who, clinician_id=world.clinicians["pat"].pk, service="physiotherapy", mode="video",
            pattern=Pattern(
                frozenset(range(1, 8)), begins, time(17), first, first + timedelta(days=20), minutes=minutes
            ),
        )  # fmt: skip

    outcomes = race(lambda: make(time(9), 45), lambda: make(time(9, 15), 30), lambda: make(time(9), 45))
    made = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert made, outcomes
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if isinstance(outcome, Exception)), (
        outcomes
    )
    kept = sorted(rows(world, Slot), key=lambda each: each.starts_at)
    assert sum(len(each.slots) for each in made) == len(kept), "everybody was told exactly what they made"
    assert all(one.ends_at <= after.starts_at for one, after in pairwise(kept))
    for each in made:
        asked = each.proposal.plan.times
        assert len(each.slots) + len(each.clashing) == len(asked)


def test_whoever_books_a_time_while_it_is_taken_back_is_among_those_to_be_moved(committed_world):
    world = committed_world
    slots = session(world, hours=6)
    on, tess = slots[0].starts_at.astimezone(clock.UK).date(), world.actor("tess", "oh-administrator")
    names = ("amara", "joe", "ben")
    outcomes = race(
        lambda: take_back(
            by=tess, clinician_id=world.clinicians["pat"].pk, first=on, last=on + timedelta(days=1)
        ),
        *[
            lambda who=who, slot=slot: clinics.book(by=world.actor(who, "employee"), slot_id=slot.pk)
            for who, slot in zip(names, slots, strict=False)
        ],
    )
    booked = {outcome.pk for outcome in outcomes[1:] if not isinstance(outcome, Exception)}
    assert all(each.withdrawn for each in rows(world, Slot))
    with within(tess.scope):
        assert {each.pk for each in week(tess, on, [world.clinicians["pat"].pk]).moving} == booked


def test_two_who_record_one_clinician_at_once_make_one_entry(committed_world):
    world = committed_world
    with within(world.as_worker.scope):
        user = User.objects.create_user("vera@example.org", "Vera Lang")
        RoleAssignment.objects.create(user=user, role="oh-nurse", provider=world.provider)
    entry = Entry("Vera Lang", Registration("nurse", "NMC", "1", clock.today() + timedelta(days=90)))
    act = partial(register_clinician, by=world.as_service_manager, user=user.pk, entry=entry)
    one_winner(race(act, act))
    assert len(rows(world, Clinician, user=user)) == 1


def test_two_who_move_to_one_time_do_not_both_get_it(committed_world):
    world = committed_world
    first, second, wanted = session(world, hours=3)
    people = [world.actor(name, "employee") for name in ("amara", "joe")]
    held = [
        (who, clinics.book(by=who, slot_id=slot.id))
        for who, slot in zip(people, (first, second), strict=True)
    ]
    one_winner(
        race(*[lambda w=w, a=a: clinics.move(by=w, appointment_id=a.id, slot_id=wanted.id) for w, a in held])
    )
    assert len({row.slot_id for row in rows(world, Appointment)}) == 2


def test_two_nurses_triage_one_request_once(committed_world):
    world = committed_world
    request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    one_winner(
        race(
            lambda: triage.accept(by=world.as_nurse, request_id=request.id, route="nurse"),
            lambda: triage.accept(by=world.as_physician, request_id=request.id, route="physician"),
            lambda: triage.reject(by=world.as_lead, request_id=request.id, reason="Not ours."),
        )
    )
    assert len(rows(world, TriageDecision)) == 1
    assert len(rows(world, Case)) <= 1


def test_one_request_opens_one_case(committed_world):
    world = committed_world
    request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)

    def open_case(who):
        return cases.open_case(
            by=who,
            person_id=world.amara.id,
            employer_id=world.trust.id,
            service="nurse",
            request_id=request.id,
        )

    winner = one_winner(race(lambda: open_case(world.as_nurse), lambda: open_case(world.as_physician)))
    assert [case.pk for case in rows(world, Case)] == [winner.pk]


def test_a_consultation_is_signed_once(committed_world):
    world = committed_world
    begin = clock.now() + timedelta(days=1)
    (slot,) = session(world, hours=1)
    booked = clinics.book(by=world.as_amara, slot_id=slot.id)
    pat = world.as_physiotherapist
    with clock.held_at(begin + timedelta(minutes=5)):
        begun = consultations.begin(by=pat, appointment_id=booked.id)
        saved = consultations.save(
            by=pat, consultation_id=begun.id, revision=0, note="Well.",
            values={"where_now": "Home", "who_is_there": "Nobody", "problems": ["skin"], "work_related": "unclear",
                    "prognosis": "days", "risk_asked": True},
        )  # fmt: skip
        clinics.mark_attended(by=pat, appointment_id=booked.id)

    def sign(who):
        return consultations.sign(by=who, consultation_id=saved.id, revision=1)

    signed = one_winner(race(lambda: sign(pat), lambda: sign(pat), lambda: sign(world.as_nurse)))
    (kept,) = rows(world, Consultation)
    assert kept.signed_by == signed.signed_by == world.users["pat"].id


def test_of_two_who_save_one_revision_the_second_is_told(committed_world):
    world = committed_world
    (slot,) = session(world, hours=1)
    booked = clinics.book(by=world.as_amara, slot_id=slot.id)
    pat = world.as_physiotherapist
    begun = consultations.begin(by=pat, appointment_id=booked.id)
    winner = one_winner(
        race(
            *[
                lambda p=p: consultations.save(
                    by=pat, consultation_id=begun.id, revision=0, values={"prognosis": p}
                )
                for p in ("days", "weeks", "months")
            ]
        )
    )
    (kept,) = rows(world, Consultation)
    assert (kept.prognosis, kept.revision) == (winner.prognosis, 1)


def test_a_risk_is_acknowledged_by_one(committed_world):
    world = committed_world
    begun = questionnaires.begin(by=world.as_amara, instrument="PHQ-9")
    questionnaires.save_answers(by=world.as_amara, answer_set_id=begun.id, answers={"9": 1})
    (flag,) = rows(world, RiskFlag)
    winner = one_winner(
        race(
            lambda: risk.acknowledge(by=world.as_nurse, flag_id=flag.id),
            lambda: risk.acknowledge(by=world.as_physician, flag_id=flag.id),
        )
    )
    (kept,) = rows(world, RiskFlag)
    assert kept.owner == winner.owner


def test_the_same_risky_answer_from_two_windows_raises_one_flag(committed_world):
    world = committed_world
    amara = world.as_amara
    begun = questionnaires.begin(by=amara, instrument="PHQ-9")
    outcomes = race(
        *[
            lambda: questionnaires.save_answers(by=amara, answer_set_id=begun.id, answers={"9": 3})
            for _ in range(3)
        ]
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(rows(world, RiskFlag)) == 1
