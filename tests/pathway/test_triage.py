"""Triage: proposals, the queue, and decisions that are kept with their case or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openoh.foundation.codes.catalogue import codes
from openoh.foundation.core import clock, keys
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.pathway.cases.models import Case
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests import actions as requests
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.queries import question_of
from openoh.pathway.risk import actions as risk
from openoh.pathway.services.actions import set_service
from openoh.pathway.triage import actions, ports
from openoh.pathway.triage.models import TriageDecision
from openoh.pathway.triage.queries import known_of, queue
from openoh.pathway.triage.rules import Known, routes, suggest
from tests.pathway.diary import WEDNESDAY, read, request_of


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def sent(world, name="amara", **answers):
    actor = world.actor(name, "employee")
    return requests.send(by=actor, request_id=request_of(actor, **answers).id)


def referred(world, name="joe", manager="dev", **changes):
    with within(world.as_worker.scope):
        return Referral.objects.create(
            person=world.people[name], employer=world.trust, provider=world.provider,
            engagement=world.engagements[name], recipient=world.engagements[manager], reasons=["long-term-absence"],
            state="sent", sent_at=clock.now(), shown_on=date(2026, 1, 13), **changes,
        )  # fmt: skip


def waiting(actor, **more):
    with within(actor.scope):
        return queue(actor, **more)


# Proposals


def known(**lists):
    return Known(
        **{name: frozenset(value) if isinstance(value, list) else value for name, value in lists.items()}
    )


@pytest.mark.parametrize(
    ("lists", "route"),
    [
        ({}, "nurse"),
        ({"needs": ["back"]}, "physiotherapy"),
        ({"needs": ["stress"]}, "psychology"),
        ({"needs": ["back"], "bands": ["msk-self-triage:self-help"]}, "self-help"),
        ({"needs": ["back"], "flags": ["cauda-equina"]}, "physician"),
        ({"needs": ["sleep"], "bands": ["PHQ-9:severe"]}, "psychology"),
        ({"needs": ["sleep"], "bands": ["PHQ-9:mild"]}, "nurse"),
        ({"reasons": ["ill-health-retirement"]}, "physician"),
        ({"reasons": ["work-stress"]}, "psychology"),
        ({"reasons": ["long-term-absence"]}, "nurse"),
        ({"needs": ["back"], "risk": True}, "nurse"),
    ],
)
def test_which_route_is_proposed(lists, route):
    decision = suggest(known(**lists))
    assert decision.outcome == route
    assert decision.reason
    assert decision.rule_version == "triage/suggestions/1"


def test_every_code_of_the_proposals_exists():
    for row in load("openoh.pathway.triage", "suggestions")["rules"]:
        assert row["route"] in routes()
        assert set(row.get("needs", ())) <= set(codes("need"))
        assert set(row.get("reasons", ())) <= set(codes("referral-reason"))


# Decisions


def test_accepting_opens_the_case_with_the_decision(world):
    request = sent(world)
    decision = actions.accept(
        by=world.as_nurse, request_id=request.id, route="physiotherapy", urgency="soon",
        owner=world.users["pat"].id, reason="Clear picture.",
    )  # fmt: skip
    assert (decision.suggested, decision.decided_by_name) == ("physiotherapy", "Nia Bevan")
    nurse = world.as_nurse
    with within(nurse.scope):
        case = Case.objects.get(request=request.id)
        assert (case.service, case.owner_name, case.needs, case.state) == (
            "physiotherapy", "Pat Novak", ["back"], "open",
        )  # fmt: skip
        kept = HelpRequest.objects.get(pk=request.id)
        assert (kept.state, kept.case_id) == ("accepted", case.id)
        assert b"Clear" not in bytes(decision.reason_sealed)
        assert keys.unseal(
            decision.reason_sealed, owner=world.amara.id, provider=world.provider.id, field="triage.reason"
        ) == "Clear picture."  # fmt: skip
    with within(world.as_worker.scope):
        assert Fact.objects.get(kind="case.opened").subject == str(case.id)


def test_a_service_that_was_stopped_takes_nobody_in(world):
    set_service(by=world.as_service_manager, code="nurse", active=False)
    sent = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).pk)
    with pytest.raises(Invalid, match="does not offer this any more") as refused:
        actions.accept(by=world.as_nurse, request_id=sent.pk, route="nurse")
    assert refused.value.field == "route"
    assert read(world.as_nurse, sent).state == "sent"


def test_when_the_case_cannot_be_opened_nothing_was_decided(world, monkeypatch):
    request = sent(world)

    def break_the_disk(decision, owner, by):
        raise OSError("disk full")

    monkeypatch.setattr(ports.open_case, "_work", break_the_disk)
    with pytest.raises(OSError, match="disk full"):
        actions.accept(by=world.as_nurse, request_id=request.id, route="nurse")
    with within(world.as_worker.scope):
        assert HelpRequest.objects.get(pk=request.id).state == "sent"
        assert not TriageDecision.objects.exists()
        assert not Case.objects.exists()


def test_an_owner_who_is_no_clinician_of_the_service_decides_nothing(world):
    request = sent(world)
    with pytest.raises(Invalid, match="clinician of this service"):
        actions.accept(by=world.as_nurse, request_id=request.id, route="nurse", owner=world.users["uma"].id)
    assert read(world.as_nurse, request).state == "sent"


def test_the_second_decision_is_told_about_the_first(world):
    request = sent(world)
    actions.accept(by=world.as_nurse, request_id=request.id, route="nurse")
    for act in (
        lambda: actions.accept(by=world.as_physician, request_id=request.id, route="physician"),
        lambda: actions.reject(by=world.as_physician, request_id=request.id, reason="No."),
        lambda: actions.ask(by=world.as_physician, request_id=request.id, question="Where?"),
    ):
        with pytest.raises(Conflict, match="already"):
            act()


def test_asking_a_person_gives_them_the_turn_and_their_answer_gives_it_back(world):
    request = sent(world)
    actions.ask(by=world.as_nurse, request_id=request.id, question="Which days suit you?")
    amara = world.as_amara
    asked = read(amara, request)
    assert asked.state == "asked"
    with within(amara.scope):
        assert question_of(asked) == "Which days suit you?"
    assert [(row.turn, row.id) for row in waiting(world.as_nurse)] == [("theirs", request.id)]
    requests.save(by=amara, request_id=request.id, answers={"words": "Mondays."})
    again = requests.send(by=amara, request_id=request.id)
    assert (again.state, again.sent_at) == ("sent", request.sent_at), "the wait runs from the first sending"


def test_a_referral_is_asked_accepted_and_rejected_too(world):
    referral = referred(world)
    actions.ask(by=world.as_nurse, referral_id=referral.id, question="Which tasks does the role have?")
    kept = read(world.as_nurse, referral)
    assert (kept.state, kept.returned_with) == ("returned", "Which tasks does the role have?")
    assert kept.returned_for == ["other"]
    other = referred(world)
    actions.accept(by=world.as_nurse, referral_id=other.id, route="written-advice")
    with within(world.as_worker.scope):
        assert Case.objects.get(referral=other.id).engagement_id == world.engagements["joe"].id
    third = referred(world)
    actions.reject(by=world.as_nurse, referral_id=third.id, reason="About conduct only.")
    assert read(world.as_nurse, third).state == "rejected"


def test_nobody_at_risk_is_turned_away(world):
    request = sent(world, **{"safe-now": "unsure"})
    with pytest.raises(NotAllowed, match="open risk"):
        actions.reject(by=world.as_nurse, request_id=request.id, reason="Not ours.")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [({"route": "astrology"}, "route"), ({"route": "nurse", "urgency": "whenever"}, "urgency")],
)
def test_unknown_codes_are_refused(world, arguments, field):
    request = sent(world)
    with pytest.raises(Invalid) as refused:
        actions.accept(by=world.as_nurse, request_id=request.id, **arguments)
    assert refused.value.field == field


def test_decisions_are_the_clinicians_of_this_provider(world):
    request = sent(world)
    with pytest.raises(HelpRequest.DoesNotExist):
        actions.accept(by=world.as_other_nurse, request_id=request.id, route="nurse")
    for actor in (world.as_amara, world.as_ben, world.as_service_manager):
        with pytest.raises(NotAllowed):
            actions.accept(by=actor, request_id=request.id, route="nurse")


def test_a_clinician_off_the_register_does_not_triage(world):
    request = sent(world)
    with within(world.as_worker.scope):
        world.clinicians["nia"].registered_until = date(2026, 1, 13)
        world.clinicians["nia"].save()
    with pytest.raises(NotAllowed, match="registration"):
        actions.accept(by=world.as_nurse, request_id=request.id, route="nurse")


# The queue


def test_the_queue_is_ours_first_then_risk_and_urgency_then_the_longest_wait(world):
    order = {}
    for hour, (key, make) in enumerate(
        [
            ("routine", lambda: sent(world, "amara")),
            ("later", lambda: sent(world, "gita")),
            ("soon", lambda: sent(world, "ben", effects=["off-work"])),
            ("urgent referral", lambda: referred(world, "dev", "gita", urgency="urgent")),
            ("risk", lambda: sent(world, "ella", **{"safe-now": "no"})),
            ("waiting for the manager", lambda: referred(world, urgency="urgent")),
        ]
    ):
        with clock.held_at(WEDNESDAY + timedelta(minutes=hour)):
            order[key] = make().id
    actions.ask(by=world.as_nurse, referral_id=order["waiting for the manager"], question="Since when?")
    wanted = ["urgent referral", "risk", "soon", "routine", "later", "waiting for the manager"]
    rows = waiting(world.as_nurse)
    assert [row.id for row in rows] == [order[key] for key in wanted]
    assert [row.at_risk for row in rows] == [False, True, False, False, False, False]
    assert rows[0].person_name == "Dev Shah"


def test_pages_of_the_queue_leave_nothing_out_and_repeat_nothing(world):
    for name in ("amara", "gita", "ben", "dev"):
        sent(world, name)
    sent(world, "ella", **{"safe-now": "no"})
    referred(world)
    everything = [row.id for row in waiting(world.as_nurse)]
    paged, after = [], None
    while page := waiting(world.as_nurse, after=after, limit=2):
        paged += [row.id for row in page]
        after = page[-1].place
    assert paged == everything
    assert len(everything) == 6


def test_a_page_of_the_queue_takes_one_query(world):
    sent(world)
    nurse = world.as_nurse
    with within(nurse.scope), CaptureQueriesContext(connection) as queries:
        assert len(queue(nurse)) == 1
    assert len(queries) == 1


def test_another_provider_sees_none_of_the_queue(world):
    sent(world)
    assert waiting(world.as_other_nurse) == []


def test_the_proposal_knows_scores_and_risk(world):
    request = sent(world, **{"safe-now": "no"})
    nurse = world.as_nurse
    with within(nurse.scope):
        assert known_of(request) == Known(needs=frozenset({"back"}), risk=True)


def test_a_risk_that_shows_after_sending_puts_a_routine_request_first(world):
    with clock.held_at(WEDNESDAY - timedelta(hours=1)):
        sent(world, "ben", effects=["off-work"])
    request = sent(world)
    concern = {"concern": "any-thought", "note": "Rang in tears."}
    risk.raise_concern(
        by=world.as_nurse, person_id=world.amara.id, employer_id=world.trust.id, **concern
    )  # fmt: skip
    first = waiting(world.as_nurse)[0]
    assert (first.id, first.urgency, first.at_risk) == (request.id, "routine", True)
