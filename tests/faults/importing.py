"""What an import leaves in the database, and importers to be killed: shared by the tests that kill them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

from openoh.exchange.hr_feed import actions
from openoh.exchange.hr_feed.models import ImportRun
from openoh.foundation.core import database
from openoh.foundation.core.actors import Audience, Scope, system_actor
from openoh.foundation.core.scope import within
from openoh.foundation.core.staging import fetch
from openoh.population.absence import reasons
from tests.conftest import copy_of, point_django_at
from tests.faults.processes import Doomed
from tests.world import World, build_world

WORKER = Scope(Audience.WORKER)
State = dict[str, list[tuple[object, ...]]]

# What must be the same however often it was killed; identifiers and instants are another matter.
STATE = {
    "engagements": "SELECT e.number, e.given_name, e.fte, e.starts_on, e.ends_on, m.number, e.person_id IS NOT NULL "
    "FROM people_engagement e LEFT JOIN people_engagement m ON m.id = e.manager_id",
    "versions": "SELECT e.number, v.effective_on, v.fte, v.ends_on FROM people_engagementversion v "
    "JOIN people_engagement e ON e.id = v.engagement_id",
    "persons": "SELECT given_name, family_name, email FROM people_person",
    "trigrams": "SELECT p.family_name, t.trigram FROM people_persontrigram t "
    "JOIN people_person p ON p.id = t.person_id",
    "accounts": "SELECT u.email FROM accounts_user u",
    "roles": "SELECT u.email, r.role, r.starts_on, r.ends_on FROM access_roleassignment r "
    "JOIN accounts_user u ON u.id = r.user_id",
    "spells": "SELECT s.reference, e.number, s.started_on, s.ended_on, s.hours, s.retracted_at IS NULL "
    "FROM absence_spell s JOIN people_engagement e ON e.id = s.engagement_id",
    "spell versions": "SELECT s.reference, v.started_on, v.ended_on, v.retracted FROM absence_spellversion v "
    "JOIN absence_spell s ON s.id = v.spell_id",
    "kept reasons": "SELECT s.reference FROM absence_spellreason r JOIN absence_spell s ON s.id = r.spell_id",
    "plain reasons": "SELECT s.reference, r.reason_group FROM absence_run_reason r "
    "JOIN absence_spell s ON s.id = r.spell_id",
    "facts": "SELECT kind, count(*) FROM core_fact GROUP BY kind",
    "quarantine": 'SELECT line, "column", value, reason FROM hr_feed_quarantinedrow',
    "runs": "SELECT kind, state, rows_read, rows_new, rows_changed, rows_same, rows_ended, rows_quarantined "
    "FROM hr_feed_importrun",
}


def state() -> State:
    with within(WORKER):
        for run in ImportRun.objects.filter(kind="absence", state="done"):
            reasons.refill(run.pk)
        return {name: sorted(fetch(query), key=repr) for name, query in STATE.items()}


def import_file(world: World, kind: str, path: Path) -> ImportRun:
    """Receive and run the file as the watched folder does; the same file again goes on with its run."""
    by = system_actor("importer", employers=(world.trust.pk,))
    with path.open("rb") as file:
        received = actions.receive(
            by=by, employer=world.trust, kind=kind, file=file, file_name=path.name, mapping=f"openoh-{kind}"
        )
    return actions.run(by=by, run=received)


def importer(world: World, kind: str, path: Path) -> Doomed:
    """A process that imports the file."""
    return Doomed(lambda _: import_file(world, kind, path))


@contextmanager
def another_world(cluster, template: str, name: str) -> Iterator[World]:
    """The world once more, in a database of its own, while Django is pointed there."""
    before = os.environ["DATABASE_URL"]
    point_django_at(copy_of(cluster, template, name))
    try:
        yield build_world()
    finally:
        connections.close_all()
        point_django_at(before)
        database.drop(cluster, name)
