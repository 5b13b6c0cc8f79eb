"""Asking for help: safety first, complete before sent, booked directly or read by a clinician."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction

from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import RiskCover
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.questionnaires import actions as questionnaires
from openoh.pathway.questionnaires.definitions import definition
from openoh.pathway.requests import actions
from openoh.pathway.requests.access import visible_to
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.queries import requests_of, words_of
from openoh.pathway.requests.rules import Asked, may_book_directly, missing, urgency
from openoh.pathway.risk.models import RiskFlag
from tests.pathway.diary import WEDNESDAY, read, request_of, session


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def asked(**changes):
    return Asked(
        **({"safe_now": "yes", "needs": ("back",), "effects": ("some-tasks",), "reach_by": "email"} | changes)
    )


def flags(world):
    with within(world.as_worker.scope):
        return list(RiskFlag.objects.order_by("raised_at", "id"))


# Rules


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "routine"),
        ({"effects": ("off-work",)}, "soon"),
        ({"effects": ("safety",)}, "soon"),
        ({"flags": frozenset({"possible-cancer"})}, "soon"),
        ({"flags": frozenset({"cauda-equina"})}, "urgent"),
        ({"needs": ("needlestick",)}, "urgent"),
        ({"risk": True}, "urgent"),
        ({"risk": True, "effects": ("off-work",)}, "urgent"),
    ],
)
def test_how_urgent_a_request_is(changes, expected):
    decision = urgency(asked(**changes))
    assert decision.outcome == expected
    assert decision.reason
    assert decision.rule_version == "requests/urgency/1"


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"safe_now": "unsure"}, False),
        ({"safe_now": "no"}, False),
        ({"risk": True}, False),
        ({"flags": frozenset({"fever"})}, False),
    ],
)
def test_who_may_book_without_a_clinicians_look(changes, allowed):
    assert may_book_directly(asked(**changes), direct_book=True).allowed is allowed
    assert not may_book_directly(asked(**changes), direct_book=False).allowed


def test_what_is_missing_is_asked_in_the_order_of_the_form():
    order = [item.id for item in definition("needs-assessment").items]
    everything = missing(Asked("", (), (), ""))
    assert everything == sorted(everything, key=order.index)
    assert everything[0] == "safe-now"
    assert missing(asked()) == []


# Asking


def test_a_request_is_kept_step_by_step_and_sealed_where_it_is_prose(world):
    amara = world.as_amara
    begun = actions.start(by=amara)
    actions.save(by=amara, request_id=begun.id, answers={"safe-now": "yes"})
    actions.save(
        by=amara, request_id=begun.id, answers={"needs": ["stress", "sleep"], "words": "It is my ward."}
    )
    kept = read(amara, begun)
    assert (kept.safe_now, kept.needs, kept.state) == ("yes", ["stress", "sleep"], "started")
    assert b"ward" not in bytes(kept.words_sealed)
    with within(amara.scope):
        assert words_of(kept) == "It is my ward."
        assert [request.id for request in requests_of(amara)] == [begun.id]


def test_not_safe_raises_a_flag_before_anything_is_sent(world):
    amara = world.as_amara
    begun = actions.start(by=amara)
    actions.save(by=amara, request_id=begun.id, answers={"safe-now": "no"})
    (flag,) = flags(world)
    assert (flag.request_id, flag.severity, flag.source) == (begun.id, 2, "needs-assessment/safe-now")
    assert flag.due_at > clock.now()


def test_a_wrong_answer_in_the_same_step_does_not_lose_the_risky_one(world):
    """The page is refused as a whole, so the person is shown it again; a second try keeps both."""
    amara = world.as_amara
    begun = actions.start(by=amara)
    with pytest.raises(Invalid):
        actions.save(by=amara, request_id=begun.id, answers={"safe-now": "no", "needs": ["nonsense"]})
    assert flags(world) == []
    actions.save(by=amara, request_id=begun.id, answers={"safe-now": "no", "needs": ["stress"]})
    assert len(flags(world)) == 1


def test_sending_names_the_first_open_question(world):
    amara = world.as_amara
    begun = actions.start(by=amara)
    for answers, field in (
        ({}, "safe-now"),
        ({"safe-now": "yes"}, "needs"),
        ({"needs": ["sleep"]}, "effects"),
        ({"effects": ["hours"]}, "reach-by"),
    ):
        actions.save(by=amara, request_id=begun.id, answers=answers)
        with pytest.raises(Invalid) as refused:
            actions.send(by=amara, request_id=begun.id)
        assert refused.value.field == field
    actions.save(by=amara, request_id=begun.id, answers={"reach-by": "sms"})
    assert actions.send(by=amara, request_id=begun.id).state == "sent"


def test_a_sent_request_tells_later_packages_and_cannot_be_edited(world):
    sent = actions.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    with within(world.as_worker.scope):
        fact = Fact.objects.get(kind="request.sent")
    assert (fact.subject, fact.person_id, fact.data["urgency"]) == (str(sent.id), world.amara.id, "routine")
    with pytest.raises(Conflict):
        actions.save(by=world.as_amara, request_id=sent.id, answers={"safe-now": "no"})
    with pytest.raises(Conflict):
        actions.send(by=world.as_amara, request_id=sent.id)


def test_the_same_offer_leads_back_to_the_same_request(world):
    offer = new_id()
    first = actions.start(by=world.as_amara, offer_id=offer)
    assert actions.start(by=world.as_amara, offer_id=offer).id == first.id
    actions.withdraw(by=world.as_amara, request_id=first.id)
    assert actions.start(by=world.as_amara, offer_id=offer).id != first.id


def test_nobody_begins_while_nobody_reads(world):
    with within(world.as_worker.scope):
        RiskCover.objects.filter(provider=world.provider).update(kind="nobody")
    with pytest.raises(NotAllowed, match="999"):
        actions.start(by=world.as_amara)


# Direct booking


def test_a_direct_service_leads_to_a_time_without_triage(world):
    slot, _ = session(world)
    request = request_of(world.as_amara, service="physiotherapy")
    booked = actions.send(by=world.as_amara, request_id=request.id, slot_id=slot.id, needs=("step-free",))
    assert booked.state == "booked"
    with within(world.as_amara.scope):
        appointment = Appointment.objects.get(request_id=request.id)
    assert (appointment.slot_id, appointment.needs) == (slot.id, ["step-free"])


@pytest.mark.parametrize(("answers", "reason"), [({"safe-now": "unsure"}, "closer look")])
def test_a_risky_request_is_read_by_a_clinician_first(world, answers, reason):
    slot, _ = session(world)
    request = request_of(world.as_amara, service="physiotherapy", **answers)
    with pytest.raises(NotAllowed, match=reason):
        actions.send(by=world.as_amara, request_id=request.id, slot_id=slot.id)
    assert len(flags(world)) == 1, "the flag stays although the booking was refused"
    sent = actions.send(by=world.as_amara, request_id=request.id)
    assert (sent.state, sent.urgency) == ("sent", "urgent")


def test_red_flags_of_the_self_triage_are_read_by_a_clinician_first(world):
    slot, _ = session(world)
    amara = world.as_amara
    request = request_of(amara, service="physiotherapy")
    triage = questionnaires.begin(by=amara, instrument="msk-self-triage", request_id=request.id)
    red = {item.id: "no" for item in definition("msk-self-triage").items if item.flag} | {
        "saddle-numbness": "yes"
    }
    rest = {"where": ["back"], "duration": "under-2-weeks", "course": "same", "work": "some"}
    questionnaires.save_answers(by=amara, answer_set_id=triage.id, answers=red | rest)
    questionnaires.complete(by=amara, answer_set_id=triage.id)
    with pytest.raises(NotAllowed):
        actions.send(by=amara, request_id=request.id, slot_id=slot.id)
    assert actions.send(by=amara, request_id=request.id).urgency == "urgent"


def test_a_service_that_needs_triage_is_not_booked_directly(world):
    slot, _ = session(world, clinician="nia", service="nurse")
    request = request_of(world.as_amara, service="nurse")
    with pytest.raises(NotAllowed, match="nurse reads this first"):
        actions.send(by=world.as_amara, request_id=request.id, slot_id=slot.id)


def test_a_time_that_has_gone_leaves_the_request_as_it_was(world):
    slot, other = session(world)
    joe = world.actor("joe", "employee")
    theirs = request_of(joe, service="physiotherapy")
    mine = request_of(world.as_amara, service="physiotherapy")
    actions.send(by=joe, request_id=theirs.id, slot_id=slot.id)
    with pytest.raises(Conflict, match="just taken"):
        actions.send(by=world.as_amara, request_id=mine.id, slot_id=slot.id)
    assert read(world.as_amara, mine).state == "started"
    assert actions.send(by=world.as_amara, request_id=mine.id, slot_id=other.id).state == "booked"


def test_taking_back_gives_the_time_back_and_closes_no_risk(world):
    slot, _ = session(world)
    request = request_of(world.as_amara, service="physiotherapy")
    actions.send(by=world.as_amara, request_id=request.id, slot_id=slot.id)
    risky = actions.start(by=world.as_amara)
    actions.save(by=world.as_amara, request_id=risky.id, answers={"safe-now": "no"})
    for each in (request, risky):
        assert actions.withdraw(by=world.as_amara, request_id=each.id).state == "withdrawn"
    with within(world.as_amara.scope):
        assert Appointment.objects.get(request_id=request.id).state == "cancelled"
    assert [flag.state for flag in flags(world)] == ["raised"]


# Who


def test_nobody_outside_care_learns_that_somebody_asked(world):
    sent = actions.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    for actor, sees in (
        (world.as_amara, True),
        (world.actor("joe", "employee"), False),
        (world.as_nurse, True),
        (world.as_other_nurse, False),
    ):
        with within(actor.scope):
            assert visible_to(actor).filter(pk=sent.pk).exists() is sees, actor.name
    for actor in (world.as_ben, world.as_hr, world.as_service_manager):
        with (
            within(actor.scope),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
        ):
            HelpRequest.objects.exists()


def test_a_manager_or_a_nurse_does_not_ask_in_somebodys_name(world):
    for actor in (world.as_ben, world.as_nurse):
        with pytest.raises(NotAllowed):
            actions.start(by=actor)
    request = request_of(world.as_amara)
    with pytest.raises(NotAllowed):
        actions.send(by=world.as_nurse, request_id=request.id)
    with pytest.raises(HelpRequest.DoesNotExist):
        actions.send(by=world.actor("joe", "employee"), request_id=request.id)
