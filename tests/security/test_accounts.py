"""Names and addresses of accounts, and how they want to be told, are no business of other services and employers."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from openoh.foundation.access.colleagues import let_in
from openoh.foundation.accounts.models import User
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.actions import keep_preference
from openoh.foundation.notifications.models import Preference

pytestmark = pytest.mark.django_db


def seen(actor) -> set[str]:
    with within(actor.scope):
        return {user.email.partition("@")[0] for user in User.objects.all()}


@pytest.mark.parametrize(
    ("who", "own"), [("as_hr", "cara"), ("as_ben", "ben"), ("as_amara", "amara"), ("as_femi", "femi")]
)
def test_employers_and_people_see_their_own_account_only(world, who, own):
    assert seen(getattr(world, who)) == {own}


@pytest.mark.parametrize("who", ["as_nurse", "as_lead", "as_service_manager"])
def test_a_service_sees_the_accounts_of_those_who_hold_a_role_in_it_and_of_no_other(world, who):
    found = seen(getattr(world, who))
    assert {"nia", "omar", "rita", "sam", "amara"} <= found
    assert not found & {"uma", "femi", "hal"}


def test_another_services_account_can_be_let_in_without_having_been_seen(world):
    sam = world.as_service_manager
    assert "uma" not in seen(sam)
    assigned = let_in(by=sam, email="UMA@example.org", name="Anybody", role="oh-nurse")
    assert assigned.user_id == world.users["uma"].id
    with within(sam.scope):
        assert User.objects.get(email="uma@example.org").name == "Uma Patel"


def test_a_new_colleague_is_let_in(world):
    assigned = let_in(by=world.as_service_manager, email="new@example.org", name="New Nurse", role="oh-nurse")
    assert "new" in seen(world.as_nurse)
    assert assigned.user.name == "New Nurse"


@pytest.mark.parametrize("who", ["as_hr", "as_ben", "as_amara", "as_nurse", "as_service_manager"])
def test_how_somebody_wants_to_be_told_is_read_and_written_by_themselves_only(world, who):
    keep_preference(by=world.as_femi, digest=True)
    actor = getattr(world, who)
    keep_preference(by=actor, digest=True)
    with within(actor.scope):
        assert [each.user_id for each in Preference.objects.all()] == [actor.user]
        assert not Preference.objects.filter(user=world.users["femi"]).update(digest=False)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Preference.objects.create(user=world.users["uma"])


def test_no_table_of_a_queue_is_left_and_no_audience_may_touch_a_librarys_table(world):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'procrastinate%'"
        )
        assert cursor.fetchall() == []
    for audience in Audience:
        for table in ("django_session", "mfa_authenticator", "account_emailaddress"):
            with (
                within(Scope(audience)),
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"SELECT 1 FROM {table}")
