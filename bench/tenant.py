"""One tenant of many people, made by a few set-based statements as the database's superuser.

    python -m bench.tenant LOGIN_URL SUPERUSER_URL PEOPLE

Everybody has an engagement, a manager, an account and a role; names can be found by any part. Twenty nurses have
diaries: today twelve times of which ten are booked, and free times for the months to come.
"""

from __future__ import annotations

import sys
from typing import Any

import psycopg
from psycopg import sql

NURSES = 20
FREE_TIMES_EACH = 2_000
TEAM = 20  # people of one manager
CASES_A_NURSE = 200
WAITING = 300
SPELLS_A_PERSON = 3


def main() -> None:
    _, superuser, people = sys.argv[1:]
    import django

    django.setup()
    with psycopg.connect(superuser, autocommit=True) as connection:
        Maker(connection, int(people)).make()
        connection.execute("VACUUM ANALYZE")


class Maker:
    """Fills the tables. `seed` is a table that numbers people and holds the identifiers of what belongs to each."""

    def __init__(self, connection: psycopg.Connection[Any], people: int) -> None:
        self.connection, self.people = connection, people

    def make(self) -> None:
        # Foreign keys are right by construction; checking millions of them one by one takes minutes.
        self.connection.execute("SET session_replication_role = replica")
        self._organisations()
        self._people()
        self._nurses()
        self._diaries()
        self._care()
        self._absence()
        self._bare_rows()

    def fill(self, model: Any, source: str, **given: str) -> None:
        """INSERT … SELECT into the model's table: `given` are SQL expressions by column, the rest its defaults."""
        from django.db import connection as django_connection

        columns, values = [], []
        for field in model._meta.local_concrete_fields:
            if field.column in given:
                value = sql.SQL(given[field.column])
            elif field.generated or field.get_internal_type() == "BigAutoField":
                continue
            elif field.primary_key:
                value = sql.SQL("oh_new_id()")
            else:
                default = field.get_db_prep_save(field.get_default(), django_connection)
                value = sql.Literal(default)
            columns.append(sql.Identifier(field.column))
            values.append(value)
        self.connection.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
                sql.Identifier(model._meta.db_table), sql.SQL(", ").join(columns),
                sql.SQL(", ").join(values), sql.SQL(source),
            )
        )  # fmt: skip

    def _organisations(self) -> None:
        from openoh.foundation.consent.models import Purpose
        from openoh.foundation.organisations.models import Contract, Employer, Provider, RiskCover
        from openoh.pathway.services.models import Service

        one = "(SELECT 1) one"
        self.fill(Provider, one, name="'Bench Occupational Health'", code="'OHB'")
        self.fill(Employer, one, name="'Bench Trust'", code="'BEN'", kind="'trust'")
        self.connection.execute(
            "CREATE TABLE bench_tenant AS SELECT p.id AS provider, e.id AS employer "
            "FROM organisations_provider p, organisations_employer e"
        )
        mine = {"provider_id": "provider", "employer_id": "employer"}
        services = "ARRAY['self-help', 'physiotherapy', 'psychology', 'nurse', 'physician']"
        self.fill(Contract, "bench_tenant", **mine, starts_on="'2015-01-01'", services=services)
        self.fill(Service, f"bench_tenant, unnest({services}) s", provider_id="provider", code="s")
        self.fill(RiskCover, "bench_tenant", provider_id="provider", kind="'service'",
                  weekdays="ARRAY[1, 2, 3, 4, 5, 6, 7]", starts_at="'00:00'", ends_at="'23:59:59'",
                  name="'Duty nurse'", telephone="'01632 960010'")  # fmt: skip
        self.fill(Purpose, "bench_tenant", employer_id="employer", code="'offers-from-absence'",
                  legal_ground="'Article 6(1)(e)'", notice_version="'1'", notice_sent_on="'2020-01-01'",
                  staff_side_consulted_on="'2020-01-01'", impact_assessment="'1'",
                  reason_groups="ARRAY['S10', 'S11', 'S12']", valid_from="'2020-01-01'")  # fmt: skip

    def _people(self) -> None:
        from openoh.demo.names import FAMILY, GIVEN
        from openoh.foundation.access.models import RoleAssignment
        from openoh.foundation.accounts.models import User
        from openoh.foundation.people.models import Engagement, Person
        from openoh.foundation.people.trigrams import INDEX

        self.connection.execute("SELECT setseed(0.5)")
        self.connection.execute(
            "CREATE TABLE bench_seed AS SELECT n, provider, employer, oh_new_id() AS person, "
            "oh_new_id() AS engagement, oh_new_id() AS account, "
            "(%(given)s::text[])[1 + floor(random() * %(givens)s)::int] AS given, "
            "(%(family)s::text[])[1 + floor(random() * %(families)s)::int] AS family, "
            "date '1960-01-01' + floor(random() * 16000)::int AS born "
            "FROM bench_tenant, generate_series(1, %(people)s) n",
            {"given": GIVEN, "givens": len(GIVEN), "family": FAMILY, "families": len(FAMILY),
             "people": self.people},
        )  # fmt: skip
        self.connection.execute("CREATE UNIQUE INDEX ON bench_seed (n)")
        names = {"given_name": "s.given", "family_name": "s.family", "birth_date": "s.born",
                 "email": "'p' || s.n || '@example.org'"}  # fmt: skip
        self.fill(Person, "bench_seed s", id="s.person", provider_id="s.provider", **names)
        managers = f"bench_seed s LEFT JOIN bench_seed m ON m.n = (s.n - 1) / {TEAM} AND m.n > 0"
        self.fill(
            Engagement, managers, id="s.engagement", employer_id="s.employer", provider_id="s.provider",
            person_id="s.person", number="'B' || s.n", manager_id="m.engagement", title="'Staff nurse'",
            starts_on="'2015-01-01'", **names,
        )  # fmt: skip
        self.fill(User, "bench_seed s", id="s.account", email="'p' || s.n || '@example.org'",
                  name="s.given || ' ' || s.family", password="'!'")  # fmt: skip
        own = {"user_id": "s.account", "employer_id": "s.employer", "engagement_id": "s.engagement",
               "starts_on": "'2015-01-01'"}  # fmt: skip
        self.fill(RoleAssignment, "bench_seed s", role="'employee'", provider_id="s.provider",
                  person_id="s.person", **own)  # fmt: skip
        self.fill(RoleAssignment, f"bench_seed s WHERE s.n <= {self.people // TEAM}", role="'manager'", **own)
        self._index_names(INDEX.replace("p.id = ANY (%(people)s)", "true"))

    def _index_names(self, statement: str) -> None:
        """Rows first, indexes after: they are built in a tenth of the time."""
        indexes = self.connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'people_persontrigram' "
            "AND indexname IN ('find_by_trigram', 'trigrams_of_person')"
        ).fetchall()
        for name, _ in indexes:
            self.connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        self.connection.execute(statement)
        for _, definition in indexes:
            self.connection.execute(definition)

    def _nurses(self) -> None:
        """Nurses, a service manager and somebody from HR, who are nobody's patients or staff."""
        from openoh.foundation.access.models import RoleAssignment
        from openoh.foundation.accounts.models import User
        from openoh.pathway.clinics.models import Clinician

        self.connection.execute(
            "CREATE TABLE bench_staff AS SELECT oh_new_id() AS account, provider, employer, name, role FROM "
            "bench_tenant, (SELECT 'nurse' || n AS name, 'oh-nurse' AS role FROM generate_series(1, %s) n "
            "UNION ALL VALUES ('sam', 'service-manager'), ('cara', 'hr'), ('tess', 'oh-administrator'), "
            "('rita', 'clinical-lead')) held",
            [NURSES],
        )
        self.fill(User, "bench_staff s", id="s.account", email="s.name || '@example.org'", name="s.name",
                  password="'!'")  # fmt: skip
        self.fill(
            RoleAssignment, "bench_staff s", user_id="s.account", role="s.role", starts_on="'2015-01-01'",
            employer_id="CASE WHEN s.role = 'hr' THEN s.employer END",
            provider_id="CASE WHEN s.role <> 'hr' THEN s.provider END",
        )  # fmt: skip
        self.fill(
            Clinician, "bench_staff s WHERE s.role IN ('oh-nurse', 'clinical-lead')", provider_id="s.provider",
            user_id="s.account", name="s.name", profession="'nurse'", qualification="'Registered'",
            registration_body="'NMC'", registration_number="s.name", registered_until="current_date + 400",
            services="'[\"nurse\"]'::jsonb",
        )  # fmt: skip

    def _diaries(self) -> None:
        """Today's twelve times from eight o'clock, ten of them booked; free times from tomorrow on."""
        from openoh.pathway.clinics.models import Appointment, Slot

        begin = "(current_date + interval '8 hours' + n * interval '40 minutes')"
        later = "(current_date + interval '1 day' + n * interval '40 minutes')"
        for number, start in ((12, begin), (FREE_TIMES_EACH, later)):
            self.fill(
                Slot, f"clinics_clinician c, generate_series(0, {number - 1}) n", provider_id="c.provider_id",
                clinician_id="c.id", service="'nurse'", mode="'video'", starts_at=start,
                ends_at=f"{start} + interval '40 minutes'",
                during=f"tstzrange({start}, {start} + interval '40 minutes')",
            )  # fmt: skip
        today = (
            "(SELECT s.*, row_number() OVER (ORDER BY s.clinician_id, s.starts_at) AS k, "
            "row_number() OVER (PARTITION BY s.clinician_id ORDER BY s.starts_at) AS r FROM clinics_slot s "
            "WHERE s.starts_at < current_date + 1) t JOIN bench_seed p ON p.n = t.k * 7 WHERE t.r <= 10"
        )
        self.fill(
            Appointment, today, provider_id="p.provider", employer_id="p.employer", person_id="p.person",
            slot_id="t.id", clinician_id="t.clinician_id", service="t.service", mode="t.mode",
            starts_at="t.starts_at", ends_at="t.ends_at", state="'booked'",
        )  # fmt: skip

    def _care(self) -> None:
        """Open cases with owners, and requests that wait for triage."""
        from openoh.pathway.cases.models import Case
        from openoh.pathway.requests.models import HelpRequest

        of_person = {"person_id": "p.person", "employer_id": "p.employer", "provider_id": "p.provider"}
        self.fill(
            Case,
            "(SELECT s.account, s.name, row_number() OVER () AS k FROM bench_staff s, "
            f"generate_series(1, {CASES_A_NURSE}) WHERE s.role = 'oh-nurse') o "
            "JOIN bench_seed p ON p.n = 20000 + o.k",
            **of_person, engagement_id="p.engagement", service="'nurse'", owner="o.account", owner_name="o.name",
            next_step="'review'", next_step_on="current_date + (o.k % 60)::int - 20",
        )  # fmt: skip
        self.fill(
            HelpRequest, f"bench_seed p WHERE p.n BETWEEN 30001 AND {30_000 + WAITING}", **of_person,
            engagement_id="p.engagement", service="'nurse'", needs="ARRAY['musculoskeletal']", state="'sent'",
            safe_now="'yes'", sent_at="now() - p.n * interval '1 second'",
        )  # fmt: skip

    def _absence(self) -> None:
        from openoh.population.absence.models import Spell

        started = "date '2023-01-01' + ((p.n * 37 + k * 301) % 1000)::int"
        self.fill(
            Spell, f"bench_seed p, generate_series(1, {SPELLS_A_PERSON}) k", employer_id="p.employer",
            engagement_id="p.engagement", reference="'A' || p.n || '-' || k", started_on=started,
            ended_on=f"{started} + (p.n % 20)::int",
        )  # fmt: skip

    def _bare_rows(self) -> None:
        """What the bare page shows: a plain table that the login role may read."""
        self.connection.execute(
            "CREATE TABLE bench_bare AS SELECT n AS id, n % 1000 AS organisation, 'Name ' || n AS name, "
            "date '2025-01-01' + n % 500 AS started_on, n % 30 AS days FROM generate_series(1, 100000) n"
        )
        self.connection.execute("CREATE INDEX ON bench_bare (organisation, started_on)")
        self.connection.execute("GRANT SELECT ON bench_bare TO oh_login")


if __name__ == "__main__":
    main()
