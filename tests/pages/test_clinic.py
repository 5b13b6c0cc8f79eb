"""Pages of clinicians: what stands on them, what they refuse, who does not get in."""

from __future__ import annotations

import pytest

from openoh.foundation.core import clock
from tests.pages.clinic_stories import accepted, booked, few_queries, sent, signed_in, words
from tests.pathway.diary import WEDNESDAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def test_few_queries_however_much_there_is(world):
    client = signed_in(world, "nia")
    case = accepted(world, "joe")
    sent(world, **{"safe-now": "unsure"})
    booked(world, "joe")
    booked(world, "amara", minutes_from_now=90)
    for path in ("/clinic", "/clinic/triage", "/clinic/caseload", f"/clinic/cases/{case.pk}"):
        assert client.get(path).status_code == 200
        with few_queries():
            response = client.get(path)
        assert "Joe" in words(response) or "Amara" in words(response)
