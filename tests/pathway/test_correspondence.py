"""Messages between a manager and occupational health: about what is theirs alone, and read by the person."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import ProgrammingError
from django.test import Client

from openoh.foundation.core import facts
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.pathway.correspondence import actions
from openoh.pathway.correspondence.models import ManagerMessage
from openoh.pathway.correspondence.queries import about_me, thread, unanswered
from openoh.pathway.referrals import actions as referrals
from openoh.pathway.referrals.models import Referral
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports.released import ReleasedReport
from openoh.pathway.requests.actions import send
from tests.pathway.diary import request_of
from tests.signing_in import client_of
from tests.stories import copies, refer, released

pytestmark = pytest.mark.django_db
WORDS = "Can she begin on the late shift?"


def written(world, referral) -> ManagerMessage:
    return actions.write(by=world.as_ben, referral_id=referral.id, words=WORDS)


def test_a_message_is_answered_once_and_the_person_reads_both(world):
    referral = refer(world)
    asked = written(world, referral)
    nurse = world.as_nurse
    with within(nurse.scope):
        assert list(unanswered(nurse)) == [asked]
    actions.answer(by=nurse, message_id=asked.pk, words="Ask her which shift suits.")
    with pytest.raises(Conflict):
        actions.close(by=world.as_physician, message_id=asked.pk)
    facts.consume()
    ben, amara = world.as_ben, world.as_amara
    with within(ben.scope):
        assert [each.words for each in thread(ben, referral=referral.id)] == [
            WORDS,
            "Ask her which shift suits.",
        ]
    with within(amara.scope):
        assert [each.from_manager for each in about_me(amara)] == [False, True]
    with within(world.as_worker.scope):
        told = Message.objects.get(template="sign-in-needed")
    assert told.engagement_id == world.engagements["ben"].pk


def test_about_a_released_report_while_it_stands(world):
    report = released(world)
    (copy,) = copies(world.as_ben)
    actions.write(by=world.as_ben, released_id=copy.id, words=WORDS)
    reports.withdraw_consent(by=world.as_amara, report=report.id)
    with pytest.raises(ReleasedReport.DoesNotExist):
        actions.write(by=world.as_ben, released_id=copy.id, words=WORDS)


def test_whether_somebody_asked_for_help_themselves_changes_nothing(world):
    """Without a referral of the manager's there is nothing to write about, and nothing to learn from trying."""
    before = [
        client_of(world, "ben")
        .get(f"/manager/referrals/{request_of(world.as_amara).pk}/messages")
        .status_code
    ]
    request = send(by=world.as_amara, request_id=request_of(world.as_amara).pk)
    with pytest.raises(Referral.DoesNotExist):
        actions.write(by=world.as_ben, referral_id=request.pk, words=WORDS)
    cache.clear()
    assert (
        before
        == [client_of(world, "ben").get(f"/manager/referrals/{request.pk}/messages").status_code]
        == [404]
    )


def test_another_manager_hr_and_another_person_reach_nothing(world):
    referral = refer(world)
    asked = written(world, referral)
    with pytest.raises(Referral.DoesNotExist):
        actions.write(by=world.as_dev, referral_id=referral.id, words=WORDS)
    for actor in (world.as_dev, world.as_hr, world.actor("joe", "employee"), world.as_other_nurse):
        with within(actor.scope):
            assert not ManagerMessage.objects.filter(pk=asked.pk).exists()


def test_a_manager_can_neither_answer_in_the_services_name_nor_change_what_was_written(world):
    asked = written(world, refer(world))
    ben = world.as_ben
    with pytest.raises(ProgrammingError, match="permission denied"), within(ben.scope):
        ManagerMessage.objects.filter(pk=asked.pk).update(words="Something else")
    with pytest.raises(ProgrammingError, match="row-level security"), within(ben.scope):
        ManagerMessage(
            person_id=asked.person_id, employer_id=asked.employer_id, provider_id=asked.provider_id,
            recipient_id=asked.recipient_id, referral_id=asked.referral_id, from_manager=False, author="Nurse",
            words="Invented",
        ).save(force_insert=True)  # fmt: skip


@pytest.mark.parametrize("words", ["", "   ", "x" * 1001])
def test_an_empty_or_endless_message_is_refused(world, words):
    with pytest.raises(Invalid):
        actions.write(by=world.as_ben, referral_id=refer(world).id, words=words)


def test_nothing_is_written_about_a_draft(world):
    made = referrals.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    with pytest.raises(Referral.DoesNotExist):
        actions.write(by=world.as_ben, referral_id=made.id, words=WORDS)


def test_the_pages_of_the_manager_the_clinic_and_the_person(world):
    cache.clear()
    referral = refer(world)
    ben: Client = client_of(world, "ben")
    page = f"/manager/referrals/{referral.id}/messages"
    assert ben.post(page, {"words": ""}).status_code == 422
    shown = ben.post(page, {"words": WORDS}, follow=True).content.decode()
    assert WORDS in shown and "can read everything that you write here" in shown
    nurse = client_of(world, "nia")
    assert WORDS in nurse.get("/clinic/messages").content.decode()
    with within(world.as_worker.scope):
        asked = ManagerMessage.objects.get()
    answered = nurse.post(
        f"/clinic/messages/{asked.pk}/answer", {"words": "Yes, if she agrees."}, follow=True
    )
    assert "No manager waits for an answer" in answered.content.decode()
    assert "Yes, if she agrees." in ben.get(page).content.decode()
    amara = client_of(world, "amara")
    assert "What your manager wrote to us" in amara.get("/me/record").content.decode()
    assert WORDS in amara.get("/me/record/messages").content.decode()
