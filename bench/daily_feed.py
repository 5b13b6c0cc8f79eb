"""A day's feed of 10,000 absences, from the file to the offers in the outbox.

    nice .venv/bin/python bench/daily_feed.py [rows]

Prints one ratio: seconds from the start of the import to the last offer handed to the outbox, over the 30 seconds
that are allowed; and when the first offer was there. Runs on a database of its own in the checkout's test cluster,
on people of whom a third are absent with a reason that a rule is for. The clock is held at ten on a working day.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))
ALLOWED_SECONDS = 30
GROUPS = ("S13", "S11", "S25", "S10", "S16", "S12", "S98", "S13", "S28")


def main(rows: int) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "openoh.config.settings", "OPENOH_SECRET_KEY": "bench" * 10,
        "OPENOH_MASTER_KEY": "22" * 32, "OPENOH_VAR": tempfile.mkdtemp(),
    }  # fmt: skip
    from openoh.foundation.core import database, launcher

    cluster = launcher.cluster(CHECKOUT / "var" / "test" / "postgres", durable=False)
    cluster.start()
    name = "bench_daily_feed"
    database.drop(cluster, name)
    database.prepare(cluster, name)
    database.migrate(cluster.url("oh_owner", name))
    os.environ["DATABASE_URL"] = cluster.url("oh_login", name)
    import django

    django.setup()
    try:
        _measure(rows)
    finally:
        from django.db import connection

        connection.close()
        database.drop(cluster, name)


def _measure(rows: int) -> None:
    from openoh.exchange.hr_feed import actions
    from openoh.foundation.core import clock, facts
    from openoh.foundation.core.actors import system_actor
    from openoh.foundation.core.scope import within
    from openoh.foundation.notifications.models import Message
    from tests.world import build_world

    with clock.held_at(datetime(2026, 6, 15, 10, tzinfo=clock.UK)):
        world = build_world()
        _hire(world, rows)
        by = system_actor("bench", employers=(world.trust.id,), provider=world.provider.id)
        lines = [f"B{n},B{n},15/06/2026,,,{GROUPS[n % len(GROUPS)]}," for n in range(rows)]
        content = "\n".join(
            ["number,reference,started_on,ended_on,hours,reason,retracted", *lines, ""]
        ).encode()
        began = time.perf_counter()
        received = actions.receive(
            by=by, employer=world.trust, kind="absence", file=io.BytesIO(content), file_name="day.csv",
            mapping="openoh-absence", full_extract=False,
        )  # fmt: skip
        run = actions.run(by=by, run=received)
        imported = time.perf_counter() - began
        facts.consume(2)  # the decision, and the first batch
        first = time.perf_counter() - began
        facts.consume()
        whole = time.perf_counter() - began
        print(
            f"{run.rows_new} rows imported in {imported:.1f} s; first offers in the outbox after {first:.1f} s"
        )
        print(f"{_count(by, within, Message)} offers in the outbox after {whole:.1f} s")
        print(f"ratio to the {ALLOWED_SECONDS} s allowed: {whole / ALLOWED_SECONDS:.2f}")


def _count(by, within, model, **conditions) -> int:
    with within(by.scope):
        return model.objects.filter(**conditions).count()


def _hire(world, rows: int) -> None:
    """One person and one engagement for each row."""
    from openoh.foundation.core.scope import within
    from openoh.foundation.people.models import Engagement, Person

    with within(world.as_worker.scope):
        people = Person.objects.bulk_create(
            [Person(provider=world.provider, given_name="P", family_name=str(n)) for n in range(rows)]
        )
        Engagement.objects.bulk_create([
            Engagement(employer=world.trust, provider=world.provider, person=person, number=f"B{n}",
                       given_name="P", family_name=str(n), starts_on="2020-01-01")
            for n, person in enumerate(people)
        ])  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
