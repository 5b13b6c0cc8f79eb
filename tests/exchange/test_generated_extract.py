"""The invented extract, spoilt as real extracts are, goes in whole but for the rows that were spoilt."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime

import pytest

from openoh.demo.generate import generate
from openoh.exchange.hr_feed import actions
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope, system_actor
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer
from openoh.foundation.people.models import Engagement
from openoh.population.absence.models import Spell

pytestmark = pytest.mark.django_db
WORKER = Scope(Audience.WORKER)


def imported(employer: Employer, kind: str, path):
    by = system_actor("tests", employers=(employer.pk,))
    with path.open("rb") as file:
        run = actions.receive(
            by=by, employer=employer, kind=kind, file=file, file_name=path.name, mapping=f"openoh-{kind}",
            full_extract=kind == "people",
        )  # fmt: skip
    return actions.run(by=by, run=run)


@pytest.mark.parametrize("dirt", [False, True])
def test_every_row_is_taken_or_in_quarantine_and_clean_rows_are_taken(db, tmp_path, dirt):
    largest = next(
        iter(generate(tmp_path, staff=1_500, years=1, seed=3, until=date(2025, 12, 31), dirt=dirt))
    )
    with within(WORKER):
        employer = Employer.objects.create(name="Invented", code=largest.employer.code, kind="trust")
    with clock.held_at(datetime(2026, 1, 1, tzinfo=UTC)):
        people = imported(employer, "people", largest.people)
        absence = imported(employer, "absence", largest.absence)
    assert (people.state, absence.state) == ("done", "done")
    for run, path in ((people, largest.people), (absence, largest.absence)):
        with path.open() as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        assert run.rows_read == rows
        assert run.rows_new + run.rows_quarantined >= rows
        assert (run.rows_quarantined > 0) is dirt
        assert run.rows_quarantined < rows * 0.05
    with within(WORKER):
        assert Engagement.objects.filter(employer=employer).count() == people.rows_new
        assert Spell.objects.filter(employer=employer).count() == absence.rows_new
        assert Engagement.objects.filter(employer=employer, manager__isnull=False).exists()
