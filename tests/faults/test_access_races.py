"""What somebody may do ends while they do it: what has begun is finished and written down, the next is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from openoh.foundation.access import actions as access
from openoh.foundation.access.models import Delegation, RoleAssignment
from openoh.foundation.access.queries import grants_of
from openoh.foundation.audit.models import Event
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.pathway.cases import actions as cases
from openoh.pathway.cases.models import Case
from tests.faults.test_races import race
from tests.signing_in import client_of

pytestmark = pytest.mark.faults
WORKER = Scope(Audience.WORKER)


def test_two_delegations_made_at_once_do_not_add_up_to_more_than_one_may_have(committed_world):
    world = committed_world
    ben, dev, amara = world.as_ben, world.engagements["dev"].id, world.engagements["amara"].id
    today = clock.today()
    stretches = [
        (today, today + timedelta(days=27)),
        (today + timedelta(days=28), today + timedelta(days=50)),
    ]
    made = race(*[
        lambda first=first, last=last: access.delegate(
            by=ben, deputy=dev, people=[amara], starts_on=first, ends_on=last
        )
        for first, last in stretches
    ])  # fmt: skip
    assert sum(isinstance(each, Delegation) for each in made) == 1
    with within(WORKER):
        assert Delegation.objects.count() == 1


def test_a_role_that_ends_in_the_middle_of_a_request_ends_with_that_request(committed_world):
    world = committed_world
    client, nurse = client_of(world, "nia"), world.as_nurse
    assert client.get("/clinic").status_code == 200
    with within(WORKER):
        role = RoleAssignment.objects.get(user=world.users["nia"], role="oh-nurse")

    def ended():
        return access.end_role(by=world.as_service_manager, assignment=role.pk)

    def acted():
        return cases.open_case(
            by=nurse, person_id=world.amara.id, employer_id=world.trust.id, service="nurse"
        )

    _, case = race(ended, acted)
    assert not isinstance(case, Exception)
    with within(WORKER):
        (event,) = Event.objects.filter(verb="case.opened")
        assert Case.objects.get().pk == case.pk
    assert (event.user_id, event.role) == (world.users["nia"].id, "oh-nurse")
    assert grants_of(world.users["nia"].id, "") == []
    assert client.get("/clinic").status_code == 404
