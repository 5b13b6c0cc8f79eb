"""A birth that cannot be costs its own row and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from openoh.foundation.core import clock
from tests.exchange.feed import PEOPLE, engagement, feed, quarantined, table

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("birth", ["1890-01-01", "31/02/1980", "tomorrow"])
def test_nobody_is_taken_with_a_birth_that_cannot_be(world, birth):
    day = (clock.today() + timedelta(days=1)).isoformat() if birth == "tomorrow" else birth
    run = feed(
        world.as_hr,
        world.trust,
        table(PEOPLE, f"E1,P1,Ann,Lee,{day},,1,,2020-01-06,", "E2,P2,Bo,Ray,1980-02-03,,1,,2020-01-06,"),
    )
    (row,) = quarantined(world.as_hr, run)
    assert (row.line, row.column, row.value) == (2, "birth_date", day)
    assert row.reason
    assert (run.rows_new, run.rows_quarantined) == (1, 1)
    assert engagement(world.as_hr, "E2").given_name == "Bo"
