"""A report from the person's own doctor: consent for each, seeing it first, the days, the waits, and the wall."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openoh.foundation.consent.queries import current_decision
from openoh.foundation.core import clock, facts, keys
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.documents.models import Document
from openoh.foundation.documents.queries import open_document
from openoh.foundation.notifications.models import Message
from openoh.pathway.cases.models import Case
from openoh.pathway.clocks.actions import start as start_clock
from openoh.pathway.clocks.models import Clock
from openoh.pathway.medical_reports import actions, rules
from openoh.pathway.medical_reports.models import MedicalReport, MedicalReportStep
from openoh.pathway.medical_reports.queries import opened
from openoh.pathway.medical_reports.rules import Access, may_be_supplied
from openoh.pathway.medical_reports.states import MEDICAL_REPORT, WITH_DOCTOR
from tests.stories import open_case
from tests.world import World

pytestmark = pytest.mark.django_db
LETTER = b"Dear colleague, she has had two episodes. Yours, Dr Gray"
WHO, WHAT = "Dr Gray, Mill Surgery, NS1 1AA", "Since when, and what is planned?"


def asked(world: World, case: Case | None = None) -> MedicalReport:
    case = case or open_case(world)
    return actions.ask(by=world.as_nurse, case=case.id, practitioner="gp", who=WHO, questions=WHAT)


def sent(world: World, *, see_first: bool = False) -> MedicalReport:
    made = asked(world)
    actions.agree(by=world.as_amara, request=made.id, see_first=see_first)
    return actions.send(by=world.as_nurse, request=made.id)


def receive(world: World, made: MedicalReport, **more) -> MedicalReport:
    return actions.receive(
        by=world.as_nurse, request=made.id, name="report.txt", media_type="text/plain", content=LETTER, **more
    )


def stored(world: World, made: MedicalReport) -> MedicalReport:
    with within(world.as_worker.scope):
        return MedicalReport.objects.get(pk=made.pk)


# The rule


TODAY = date(2026, 3, 30)
LATER = TODAY + timedelta(days=22)


@pytest.mark.parametrize(
    ("access", "today", "allowed"),
    [
        (Access(False, None), TODAY, True),
        (Access(True, None), TODAY, False),
        (Access(False, TODAY), TODAY, False),
        (Access(False, TODAY), TODAY + timedelta(days=21), False),
        (Access(False, TODAY), LATER, True),
        (Access(False, TODAY, arranged_on=TODAY), LATER, False),
        (Access(False, TODAY, arranged_on=TODAY, agreed_on=TODAY), TODAY, True),
        (Access(True, TODAY, arranged_on=TODAY, agreed_on=TODAY), LATER, False),
        (Access(True, TODAY), LATER, False),
    ],
)
def test_when_a_report_may_be_supplied(access, today, allowed):
    found = may_be_supplied(access, today)
    assert found.allowed is allowed
    assert found.rule_version == "medical_reports/rights/1"


@given(
    st.booleans(), st.none() | st.integers(0, 60), st.none() | st.integers(0, 60), st.none() | st.integers(0, 60),
    st.integers(0, 90),
)  # fmt: skip
def test_a_refusal_always_blocks_and_seeing_is_never_agreement(refused, notice, arranged, agreed, now):
    def on(days):
        return None if days is None else TODAY + timedelta(days=days)

    access = Access(refused, on(notice), on(arranged), on(agreed))
    allowed = may_be_supplied(access, TODAY + timedelta(days=now)).allowed
    if refused:
        assert not allowed
    elif notice is not None and agreed is None:
        assert allowed is (arranged is None and now > notice + 21)
    else:
        assert allowed


def test_the_law_is_that_of_the_nation():
    assert rules.law("scotland") == rules.law("england") == "Access to Medical Reports Act 1988"
    assert "Northern Ireland" in rules.law("northern-ireland")


def test_the_days_that_people_are_told_are_those_of_the_rule():
    told = " ".join(right["words"] for right in rules.content()["rights"])
    assert told.count(f"{rules.days_to_see()} days") == 2
    assert rules.content()["months_of_access"] == 6
    assert "six months" in told


# Asking and deciding


def test_no_letter_goes_without_agreement(world):
    made = asked(world)
    with pytest.raises(Conflict):
        actions.send(by=world.as_nurse, request=made.id)
    with pytest.raises(Conflict):
        receive(world, made)
    actions.agree(by=world.as_amara, request=made.id, see_first=False)
    assert actions.send(by=world.as_nurse, request=made.id).applied_on == clock.today()
    with pytest.raises(Conflict):
        actions.send(by=world.as_nurse, request=made.id)


def test_each_decision_is_kept_with_the_words_that_were_read(world):
    case = open_case(world)
    made, seen = asked(world, case), []
    for see_first in (True, False, True):
        actions.agree(by=world.as_amara, request=made.id, see_first=see_first)
        seen.append(decision(world, made))
    actions.refuse(by=world.as_amara, request=made.id)
    assert [*seen, decision(world, made)] == ["given-see-first", "given", "given-see-first", "withdrawn"]
    found = stored(world, made)
    assert found.rights_version == "medical_reports/rights/1"
    other = asked(world, case)
    actions.refuse(by=world.as_amara, request=other.id)
    assert decision(world, other) == "declined"


def decision(world: World, made: MedicalReport) -> str:
    actor = world.as_amara
    with within(actor.scope):
        found = current_decision(actor, person_id=world.amara.id, kind="medical-report", about_id=made.id)
        assert found.words_version == "medical_reports/rights/1"
        return found.state


def test_consent_for_one_report_is_none_for_another(world):
    case = open_case(world)
    first, second = asked(world, case), asked(world, case)
    actions.agree(by=world.as_amara, request=first.id, see_first=False)
    with pytest.raises(Conflict):
        actions.send(by=world.as_nurse, request=second.id)


def test_nobody_but_the_person_decides(world):
    made = asked(world)
    for act in (
        lambda by: actions.agree(by=by, request=made.id, see_first=False),
        lambda by: actions.refuse(by=by, request=made.id),
        lambda by: actions.want_to_see(by=by, request=made.id),
        lambda by: actions.say_arranged(by=by, request=made.id),
        lambda by: actions.agree_to_supply(by=by, request=made.id),
    ):
        with pytest.raises(NotAllowed):
            act(world.as_nurse)
        with pytest.raises(MedicalReport.DoesNotExist):
            act(world.as_femi)


def test_only_clinicians_in_care_ask_and_what_is_missing_is_named(world):
    case = open_case(world)
    with pytest.raises(NotAllowed):
        actions.ask(by=world.as_amara, case=case.id, practitioner="gp", who=WHO, questions=WHAT)
    with pytest.raises(Case.DoesNotExist):
        actions.ask(by=world.as_other_nurse, case=case.id, practitioner="gp", who=WHO, questions=WHAT)
    for wrong, field in (({"practitioner": "uncle"}, "practitioner"), ({"who": " "}, "who"),
                         ({"questions": ""}, "questions"), ({"questions": "x" * 2001}, "questions")):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            asks = {"practitioner": "gp", "who": WHO, "questions": WHAT} | wrong
            actions.ask(by=world.as_nurse, case=case.id, **asks)
        assert refused.value.field == field


# On paper, by telephone


PAPER = actions.Paper("signed.txt", "text/plain", b"I agree. A. Okafor")


def said(world: World, made: MedicalReport, what: str, paper: actions.Paper | None = None) -> MedicalReport:
    return actions.record(by=world.as_nurse, request=made.id, said=what, paper=paper)


def test_who_has_no_device_agrees_on_signed_paper_that_is_kept(world):
    made = asked(world)
    for what in ("agree", "see-first"):
        with pytest.raises(Invalid, match="in writing"):
            said(world, made, what)
    said(world, made, "see-first", PAPER)
    assert (stored(world, made).state, stored(world, made).decided_on_paper) == ("agreed-see-first", True)
    assert decision(world, made) == "given-see-first"
    with within(world.as_amara.scope):
        kept = Document.objects.get(kind="consent")
    assert (kept.case_id, kept.shared_with_person) == (made.case_id, True)
    actions.send(by=world.as_nurse, request=made.id)
    with pytest.raises(Invalid, match="in writing"):
        said(world, made, "supply")
    said(world, made, "supply", PAPER)
    assert receive(world, made).state == "received"


def test_what_protects_the_person_is_taken_by_telephone(world):
    made = sent(world)
    said(world, made, "want-to-see")
    said(world, made, "arranged")
    with clock.held_at(clock.now() + timedelta(days=60)), pytest.raises(Conflict):
        receive(world, made)
    said(world, made, "refuse")
    assert stored(world, made).state == "refused"
    with within(world.as_worker.scope):
        reasons = list(MedicalReportStep.objects.filter(subject=made).values_list("reason", flat=True))
    assert reasons.count("by-telephone") == 3


def test_what_cannot_be_said_now_or_is_no_saying_is_refused_and_nothing_is_kept(world):
    made = asked(world)
    with pytest.raises(Conflict):
        said(world, made, "supply", PAPER)
    with pytest.raises(Invalid):
        said(world, made, "maybe", PAPER)
    with pytest.raises(MedicalReport.DoesNotExist):
        actions.record(by=world.as_other_nurse, request=made.id, said="agree", paper=PAPER)
    for actor in (world.as_amara, world.as_service_manager):
        with pytest.raises(NotAllowed):
            actions.record(by=actor, request=made.id, said="agree", paper=PAPER)
    with within(world.as_worker.scope):
        assert not Document.objects.exists()


# Seeing it first


def test_without_seeing_first_it_may_come_at_once(world):
    made = receive(world, sent(world))
    assert (made.state, made.received_on) == ("received", clock.today())


def test_with_seeing_first_it_is_not_taken_before_agreement_or_the_days(world):
    made = sent(world, see_first=True)
    with pytest.raises(Conflict, match="Do not read this report"):
        receive(world, made)
    with clock.held_at(clock.now() + timedelta(days=21)), pytest.raises(Conflict):
        receive(world, made)
    with within(world.as_nurse.scope):
        assert not Document.objects.exists()
    with clock.held_at(clock.now() + timedelta(days=22)):
        assert receive(world, made).state == "received"


def test_who_has_seen_it_must_still_agree(world):
    made = sent(world, see_first=True)
    actions.say_arranged(by=world.as_amara, request=made.id)
    with clock.held_at(clock.now() + timedelta(days=60)):
        with pytest.raises(Conflict, match="not agreed yet"):
            receive(world, made)
        actions.agree_to_supply(by=world.as_amara, request=made.id)
        assert receive(world, made).state == "received"


def test_who_asks_later_has_the_days_from_then(world):
    made = sent(world)
    later = clock.now() + timedelta(days=15)
    with clock.held_at(later):
        actions.want_to_see(by=world.as_amara, request=made.id)
    with clock.held_at(later + timedelta(days=21)), pytest.raises(Conflict):
        receive(world, made)
    with clock.held_at(later + timedelta(days=22)):
        receive(world, made)


def test_a_no_blocks_whenever_it_comes(world):
    for reach in (asked, sent, lambda world: sent(world, see_first=True)):
        made = reach(world)
        actions.refuse(by=world.as_amara, request=made.id)
        with clock.held_at(clock.now() + timedelta(days=90)), pytest.raises(Conflict):
            receive(world, made)
        with pytest.raises(Conflict):
            actions.agree(by=world.as_amara, request=made.id, see_first=False)


def test_a_report_that_came_can_no_longer_be_refused_or_withdrawn(world):
    made = receive(world, sent(world))
    for name in ("refuse", "want", "withdraw", "receive"):
        with pytest.raises(Conflict):
            ACTS[name](world, made)


# The report


def test_the_report_is_sealed_in_the_case_and_open_to_the_person(world):
    made = receive(world, sent(world))
    with within(world.as_worker.scope):
        document = Document.objects.get(pk=made.document_id)
    assert (document.case_id, document.kind, document.shared_with_person) == (
        made.case_id,
        "medical-report",
        True,
    )
    assert LETTER not in bytes(document.content_sealed)
    for actor in (world.as_amara, world.as_nurse):
        with within(actor.scope):
            assert open_document(actor, document.id).content == LETTER


def test_a_report_that_would_harm_is_kept_back_with_the_reason(world):
    made = sent(world)
    with pytest.raises(Invalid):
        receive(world, made, kept_back="embarrassing")
    made = receive(world, made, kept_back="serious-harm")
    assert made.kept_back == "serious-harm"
    amara = world.as_amara
    with within(amara.scope), pytest.raises(Document.DoesNotExist):
        open_document(amara, made.document_id)
    with within(world.as_worker.scope):
        assert MedicalReportStep.objects.get(subject=made, state="received").reason == "serious-harm"


def test_who_and_what_are_sealed(world):
    made = asked(world)
    with within(world.as_worker.scope):
        row = MedicalReport.objects.filter(pk=made.pk).values().get()
    assert not any(b"Gray" in bytes(value) or b"episodes" in bytes(value)
                   for value in row.values() if isinstance(value, bytes | memoryview))  # fmt: skip
    assert not any(isinstance(value, str) and "Gray" in value for value in row.values())
    nurse = world.as_nurse
    with within(nurse.scope):
        assert (opened(nurse, made.id).practitioner, opened(nurse, made.id).questions) == (WHO, WHAT)
        with pytest.raises(keys.Unreadable):
            keys.unseal(row["practitioner_sealed"], owner=world.joe.id, provider=world.provider.id,
                        field="medical_reports.practitioner")  # fmt: skip


# Waits, messages, next steps


def turn(world: World, running: Clock) -> list[tuple[str, str, bool]]:
    with within(world.as_worker.scope):
        found = running.pauses.order_by("from_at", "id")
        return [(pause.owner, pause.reason, pause.until_at is None) for pause in found]


def test_the_waits_of_the_case_say_whose_turn_it_is(world):
    case = open_case(world)
    running = start_clock(by=world.as_nurse, kind="first-nurse", subject_id=case.id, employer=world.trust,
                          provider_id=world.provider.id, person_id=world.amara.id)  # fmt: skip
    made = asked(world, case)
    assert turn(world, running) == [("person", "awaiting-person", True)]
    actions.agree(by=world.as_amara, request=made.id, see_first=False)
    assert turn(world, running)[-1] == ("person", "awaiting-person", False)
    actions.send(by=world.as_nurse, request=made.id)
    assert turn(world, running)[-1] == ("outside", "awaiting-gp", True)
    second = asked(world, case)
    assert turn(world, running)[-1] == ("outside", "awaiting-gp", True)
    receive(world, made)
    assert turn(world, running)[-1] == ("person", "awaiting-person", True)
    actions.withdraw(by=world.as_nurse, request=second.id)
    assert [still for *_, still in turn(world, running)] == [False] * 3


def test_the_letter_plans_when_to_look_again_and_a_no_asks_to_tell_the_practice(world):
    made = sent(world)
    with within(world.as_worker.scope):
        case = Case.objects.get(pk=made.case_id)
    assert (case.next_step, case.next_step_on) == ("await-information", clock.today() + timedelta(days=28))
    actions.refuse(by=world.as_amara, request=made.id)
    facts.consume()
    with within(world.as_worker.scope):
        case.refresh_from_db()
    assert (case.next_step, case.next_step_on) == ("tell-practice", clock.today())


def test_the_person_hears_without_a_word_about_health_and_nobody_else_hears(world):
    made = asked(world)
    facts.consume()
    with within(world.as_worker.scope):
        [message] = Message.objects.filter(reference__startswith="medical-report")
    assert (message.person_id, message.template) == (world.amara.id, "sign-in-needed")
    assert message.values["link"].endswith(f"/me/letters/{made.id}")
    for word in ("doctor", "medical", "report", "gp"):
        assert word not in message.values["link"].replace(str(made.id), "").lower()


# Any order of acts


ACTS = {
    "agree": lambda world, made: actions.agree(by=world.as_amara, request=made.id, see_first=False),
    "see-first": lambda world, made: actions.agree(by=world.as_amara, request=made.id, see_first=True),
    "refuse": lambda world, made: actions.refuse(by=world.as_amara, request=made.id),
    "want": lambda world, made: actions.want_to_see(by=world.as_amara, request=made.id),
    "arranged": lambda world, made: actions.say_arranged(by=world.as_amara, request=made.id),
    "supply": lambda world, made: actions.agree_to_supply(by=world.as_amara, request=made.id),
    "send": lambda world, made: actions.send(by=world.as_nurse, request=made.id),
    "receive": receive,
    "withdraw": lambda world, made: actions.withdraw(by=world.as_nurse, request=made.id),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(list(ACTS)), st.integers(0, 15)), max_size=12))
def test_whatever_the_order_no_report_comes_against_the_person(world, acts):
    """Somebody acts at random, on later and later days. A report that came had a letter, an agreement, and no refusal;
    with seeing first it had agreement after seeing, or more than 21 days without an arrangement."""
    with transaction.atomic():
        made, now = asked(world), clock.now()
        for name, days in acts:
            now += timedelta(days=days)
            with clock.held_at(now), suppress(Conflict):
                ACTS[name](world, made)
        found = stored(world, made)
        with within(world.as_worker.scope):
            states = list(found.steps.order_by("at", "id").values_list("state", flat=True))
        moves = [state for state, before in zip(states[1:], states, strict=False) if state != before]
        for before, after in zip(["asked", *moves], moves, strict=False):
            assert MEDICAL_REPORT.allows(before, after)
        assert found.state == (moves[-1] if moves else "asked")
        if found.state == "received":
            assert set(states) & set(WITH_DOCTOR)
            assert "refused" not in states
            if "sent-see-first" in states and found.agreed_on is None:
                assert found.arranged_on is None
                assert found.received_on > found.notice_on + timedelta(days=21)
        transaction.set_rollback(True)


# What somebody tries


def test_the_employers_role_is_denied_the_tables(world):
    receive(world, sent(world))
    for audience in ("oh_employer", "oh_service", "oh_insight"):
        scope = Scope(Audience(audience), employers=(world.trust.id,), provider=world.provider.id)
        for model in (MedicalReport, MedicalReportStep, Document):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                within(scope),
            ):
                model.objects.count()


def test_another_provider_and_another_person_see_nothing(world):
    made = receive(world, sent(world))
    for actor in (world.as_other_nurse, world.as_femi, world.actor("joe", "employee")):
        with within(actor.scope):
            assert not MedicalReport.objects.exists()
            with pytest.raises(MedicalReport.DoesNotExist):
                opened(actor, made.id)
