"""A passport shared by a link: what it shows, for how long, and who is seen to have opened it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import ProgrammingError
from django.test import Client

from openoh.exchange.passports import actions, rules
from openoh.exchange.passports.models import PassportOpening, PassportShare
from openoh.exchange.passports.opening import open_shared
from openoh.exchange.passports.queries import shares_of
from openoh.foundation.audit.models import Event
from openoh.foundation.audit.queries import readings_of_own_record
from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.scope import within
from openoh.pathway.adjustments import actions as adjustments
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.rules import Answer
from tests.stories import released

pytestmark = pytest.mark.django_db
NONCE = re.compile(rb'nonce="[^"]*"')


def shared(world, days: int = 7) -> actions.Shared:
    return actions.share(by=world.as_amara, for_whom="My new manager", days=days)


def in_force(world, code: str = "extra-breaks") -> None:
    released(world)
    with within(world.as_worker.scope):
        adjustment = Adjustment.objects.get(code=code)
    adjustments.answer(by=world.as_ben, adjustment=adjustment.pk, answer=Answer("done", on=clock.today()))


def test_the_link_shows_what_is_in_force_in_coded_words_and_nothing_else(world):
    in_force(world)
    made = shared(world)
    page = Client().post(f"/shared/{made.code}", {"opened_by": "Kim, ward manager"}).content.decode()
    assert "Extra or longer breaks" in page and "Amara Okafor" in page
    # Neither what is only recommended, nor a clinician's own words, nor who advised.
    for unsaid in ("No night shifts", "Ten minutes every two hours", "Nia Bevan", "most of her work"):
        assert unsaid not in page


def test_before_somebody_says_who_they_are_nothing_is_told(world):
    in_force(world)
    made = shared(world)
    client = Client()
    assert "Amara" not in client.get(f"/shared/{made.code}").content.decode()
    refused = client.post(f"/shared/{made.code}", {"opened_by": "  "})
    assert refused.status_code == 422 and "Amara" not in refused.content.decode()
    with within(world.as_worker.scope):
        assert not PassportOpening.objects.exists()


def test_the_person_sees_who_opened_it_and_when(world):
    made = shared(world)
    open_shared(made.code, "Kim, ward manager")
    amara = world.as_amara
    with within(amara.scope):
        (share,) = shares_of(amara)
        assert [each.opened_by for each in share.openings.all()] == ["Kim, ward manager"]
        assert [each.actor for each in readings_of_own_record(amara)] == [
            "Kim, ward manager, by a link of yours"
        ]
    with within(world.as_worker.scope):
        assert set(Event.objects.filter(verb__startswith="passport.").values_list("verb", flat=True)) == {
            "passport.shared", "passport.opened"
        }  # fmt: skip


def test_a_link_that_is_over_or_taken_back_looks_like_one_that_never_was(world):
    made, taken = shared(world, days=1), shared(world, days=28)
    actions.revoke(by=world.as_amara, share_id=taken.pk)
    with clock.held_at(clock.now() + timedelta(days=1, minutes=1)):
        answers = {
            (response.status_code, NONCE.sub(b"", response.content))
            for code in (made.code, taken.code, "never-was")
            for response in [
                Client().get(f"/shared/{code}"),
                Client().post(f"/shared/{code}", {"opened_by": "Kim"}),
            ]
        }
    assert [status for status, _ in answers] == [404]
    with pytest.raises(Conflict):
        actions.revoke(by=world.as_amara, share_id=taken.pk)


def test_the_code_is_kept_nowhere(world):
    made = shared(world)
    with within(world.as_worker.scope):
        row = PassportShare.objects.values().get()
        events = list(Event.objects.values())
    assert bytes(row["code_digest"]) == rules.digest(made.code)
    assert made.code not in f"{row} {events} {made!r}"


def test_somebody_who_tries_one_link_after_another_is_stopped(world):
    cache.clear()
    made = shared(world)
    client = Client()
    tries = int(rules.sharing()["tries_allowed"])
    assert {client.get(f"/shared/guess-{number}").status_code for number in range(tries)} == {404}
    assert client.get(f"/shared/{made.code}").status_code == 429
    cache.clear()


def test_nobody_else_takes_a_link_back_or_sees_it(world):
    made = shared(world)
    joe = world.actor("joe", "employee")
    with pytest.raises(PassportShare.DoesNotExist):
        actions.revoke(by=joe, share_id=made.pk)
    with within(joe.scope):
        assert not PassportShare.objects.exists()
    for actor in (world.as_ben, world.as_hr, world.as_nurse):
        with pytest.raises(ProgrammingError, match="permission denied"), within(actor.scope):
            PassportShare.objects.exists()


@pytest.mark.parametrize(("for_whom", "days"), [("", 7), ("x" * 81, 7), ("Kim", 5000), ("Kim", 0)])
def test_without_a_name_or_a_known_length_no_link_is_made(world, for_whom, days):
    with pytest.raises(Invalid):
        actions.share(by=world.as_amara, for_whom=for_whom, days=days)


def test_the_link_is_told_once_on_the_page_and_can_be_taken_back_there(world):
    cache.clear()
    client = Client(HTTP_HOST="localhost")
    client.force_login(world.users["amara"])
    sent = client.post("/me/passport/share", {"for_whom": "My new manager", "days": "7"}, follow=True)
    assert "/shared/" in sent.content.decode()
    again = client.get("/me/passport").content.decode()
    assert "/shared/" not in again and "My new manager" in again and "Nobody has opened it" in again
    with within(world.as_worker.scope):
        share = PassportShare.objects.get()
    taken = client.post(f"/me/passport/shares/{share.pk}/revoke", follow=True).content.decode()
    assert "You took this link back" in taken
