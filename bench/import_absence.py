"""An absence feed end to end, beside COPY of the same rows into a plain table with the same indexes.

Run: python -m bench.import_absence [ROWS]. End to end is receiving, sealing, parsing, validating, matching,
de-duplicating, writing, auditing, and whatever the consumers of the run's fact decide from it.
"""

from __future__ import annotations

import csv
import os
import random
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "bench"
LIMIT = 8
PEOPLE_A_ROW = 1 / 20
GROUPS = ["S10", "S11", "S12", "S13", "S15", "S16", "S25", "S28", "S30", "S98", "S99"]
INDEXES = (
    "CREATE UNIQUE INDEX ON plain (employer, reference)",
    "CREATE INDEX ON plain (engagement, started_on DESC)",
    "CREATE INDEX ON plain (employer, started_on)",
)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    login, owner = prepared_database(f"import_{os.getpid()}")
    os.environ.update(
        DATABASE_URL=login, OPENOH_SECRET_KEY="bench" * 10, OPENOH_MASTER_KEY="22" * 32,
        OPENOH_VAR=str(HOME / "files"), DJANGO_SETTINGS_MODULE="openoh.config.settings",
    )  # fmt: skip
    import django

    django.setup()
    from django.db import connection

    people = max(int(rows * PEOPLE_A_ROW), 30)
    employer = world(people)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "absence.csv"
        write(path, rows, people)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        run = imported(employer, path)
        ours = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert run.rows_new == rows, (run.state, run.refusal, run.rows_new)
    connection.close()
    plain = copied(owner)
    print(f"{rows:,} rows: import {ours:.1f} s, COPY {plain:.1f} s, memory peak {peak // 1024} MiB "
          f"(before {before // 1024} MiB)")  # fmt: skip
    drop(f"import_{os.getpid()}")
    print(f"import-absence: ratio {ours / plain:.2f} (limit {LIMIT})")


def cluster():
    from openoh.foundation.core import launcher

    return launcher.cluster(HOME / "postgres")


def prepared_database(name: str) -> tuple[str, str]:
    """A migrated database of the benchmark's own; the login's address and the owner's."""
    from openoh.foundation.core import database

    os.environ.setdefault("OPENOH_SECRET_KEY", "bench" * 10)
    running = cluster()
    running.start()
    database.prepare(running, name)
    owner = running.url(database.OWNER, name)
    database.migrate(owner)
    return running.url(database.LOGIN, name), owner


def drop(name: str) -> None:
    from openoh.foundation.core import database

    database.drop(cluster(), name)
    cluster().stop()


def world(people: int):
    """One employer with a provider, a purpose in force, and its people."""
    from openoh.foundation.consent.models import Purpose
    from openoh.foundation.core.actors import Audience, Scope
    from openoh.foundation.core.scope import within
    from openoh.foundation.core.staging import execute
    from openoh.foundation.organisations.models import Contract, Employer, Provider

    with within(Scope(Audience.WORKER)):
        provider = Provider.objects.create(name="Bench OH", code="OHB")
        employer = Employer.objects.create(name="Bench Trust", code="BEN", kind="trust")
        Contract.objects.create(provider=provider, employer=employer, starts_on=date(2015, 1, 1))
        Purpose.objects.create(
            employer=employer, code="offers-from-absence", legal_ground="Article 6(1)(e)", notice_version="1",
            notice_sent_on=date(2020, 1, 1), staff_side_consulted_on=date(2020, 1, 1), impact_assessment="1",
            reason_groups=["S10", "S11", "S12", "S28", "S30"], valid_from=date(2020, 1, 1),
        )  # fmt: skip
        execute(
            "INSERT INTO people_person (id, provider_id, given_name, family_name, known_as, email, mobile, address, "
            "channel, interpreter, protected_identity, made_at) SELECT oh_new_id(), %(provider)s, 'Given', n::text, "
            "'', '', '', '', 'email', '', false, now() FROM generate_series(1, %(people)s) n",
            {"provider": provider.pk, "people": people},
        )
        execute(
            "INSERT INTO people_engagement (id, employer_id, provider_id, person_id, number, person_number, "
            "given_name, family_name, email, mobile, kind, title, staff_group, band, fte, shifts, suspended, "
            "starts_on) "
            "SELECT oh_new_id(), %(employer)s, %(provider)s, id, family_name, '', 'Given', family_name, '', '', "
            "'employee', '', '', '', 1, '', false, '2015-01-01' FROM people_person",
            {"employer": employer.pk, "provider": provider.pk},
        )
    return employer


def write(path: Path, rows: int, people: int) -> None:
    chance = random.Random(1)
    first = date(2022, 1, 1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["Absence reference", "Employee number", "Start date", "End date", "Reason", "Work related"]
        )
        for row in range(rows):
            started = first + timedelta(days=chance.randrange(1_000))
            ended = started + timedelta(days=min(int(chance.expovariate(0.1)), 300))
            writer.writerow([f"A{row:08d}", chance.randrange(people) + 1, started, "" if row % 100 == 0 else ended,
                             chance.choice(GROUPS), "N"])  # fmt: skip


def imported(employer, path: Path):
    from openoh.exchange.hr_feed import actions
    from openoh.foundation.core import facts
    from openoh.foundation.core.actors import system_actor

    by = system_actor("bench", employers=(employer.pk,))
    with path.open("rb") as file:
        received = actions.receive(
            by=by, employer=employer, kind="absence", file=file, file_name=path.name, mapping="openoh-absence"
        )
    run = actions.run(by=by, run=received)
    facts.consume()
    return run


def copied(owner: str) -> float:
    """Seconds that COPY of the same rows takes into a plain table with the same indexes."""
    import psycopg

    columns = ("id", "employer_id", "engagement_id", "reference", "started_on", "ended_on", "hours", "work_related",
               "disability_related", "pregnancy_related", "retracted_at", "recorded_at", "run_id")  # fmt: skip
    with psycopg.connect(owner, autocommit=True) as connection, tempfile.TemporaryFile() as file:
        connection.execute("ALTER TABLE absence_spell NO FORCE ROW LEVEL SECURITY")
        connection.execute(
            "CREATE TABLE plain (id bigint PRIMARY KEY, employer uuid, engagement uuid, reference varchar(60), "
            "started_on date, ended_on date, hours numeric(7,2), work_related boolean, disability_related boolean, "
            "pregnancy_related boolean, retracted_at timestamptz, recorded_at timestamptz, run_id uuid)"
        )
        for statement in INDEXES:
            connection.execute(statement)
        with connection.cursor().copy(f"COPY absence_spell ({', '.join(columns)}) TO STDOUT") as out:
            for block in out:
                file.write(block)
        file.seek(0)
        began = time.perf_counter()
        with connection.cursor().copy("COPY plain FROM STDIN") as into:
            while block := file.read(1 << 20):
                into.write(block)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
