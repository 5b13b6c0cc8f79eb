"""Files of every kind in any order, sent twice, broken off and run again: the books are as the rules say.

Hypothesis sends the files; `feed_model` says in plain dictionaries what must come of them.
"""

from __future__ import annotations

import copy
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from openoh.exchange.hr_feed import actions, by_hand, round_of_feeds
from openoh.exchange.hr_feed.models import ImportRun, QuarantinedRow
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.queries import grants_of
from openoh.foundation.consent.models import Purpose
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor, Audience, Scope
from openoh.foundation.core.errors import Invalid
from openoh.foundation.core.scope import within
from openoh.foundation.core.staging import fetch
from openoh.foundation.organisations.models import Contract, Employer
from openoh.population.absence import reasons
from openoh.population.absence.models import SpellReason
from openoh.population.offers import consumers
from tests.exchange.feed import csv_of
from tests.exchange.feed_model import (
    ALWAYS,
    FAMILY,
    GIVEN,
    Asks,
    Books,
    Counts,
    PersonRow,
    SpellRow,
    email,
    given,
    human,
    table,
)
from tests.world import LONG_AGO, REASON_GROUPS, SERVICES, _account

pytestmark = pytest.mark.django_db
WORKER = Scope(Audience.WORKER)
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday, in contact hours
TODAY = NOON.date()
BEGUN = TODAY - timedelta(days=900)
STEADY = range(100, 126)  # so many that reasons may be taken; they are in every full extract
OPTIONAL = ("fte", "manager_number", "ends_on", "effective_on")
SPELL = ("number", "reference", "started_on", "ended_on", "reason", "retracted")
Row = PersonRow | SpellRow


class Killed(BaseException):
    """The process is gone: nothing may catch it."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """Break off before the statement with this number, as a kill does; what was not committed is undone."""
    left = [statement]

    def count_down(execute, sql, params, many, context):
        if not str(sql).startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            left[0] -= 1
            if left[0] == 0:
                raise Killed
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(count_down):
            yield
    except Killed:
        pass


@dataclass
class Sent:
    """One file, with what became of it."""

    kind: str
    full: bool
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    state: str = ""
    run: UUID | None = None

    def content(self) -> bytes:
        header, *rows = table(self.columns, self.rows)
        return csv_of(map(str, header), rows)

    def is_like(self, other: Sent) -> bool:
        return (self.kind, self.full) == (other.kind, other.full)

    def digest(self) -> str:
        return sha256(self.content()).hexdigest()


@dataclass
class Waiting:
    """A row in quarantine, with the columns that its file had."""

    run: UUID
    line: int
    column: str
    row: Row
    columns: tuple[str, ...]


@dataclass
class House:
    """One employer with its books, its files and its quarantine."""

    employer: Employer
    hr: Actor
    books: Books
    sent: list[Sent] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)


def house(world, name: str, kept: frozenset[str]) -> House:
    with within(WORKER):
        employer = Employer.objects.create(name=name.title(), code=name.upper(), kind="trust")
        Contract.objects.create(
            provider=world.provider, employer=employer, starts_on=LONG_AGO, services=SERVICES, levels={}
        )
        Purpose.objects.create(
            employer=employer, code="offers-from-absence", legal_ground="Article 6(1)(e), Article 9(2)(h)",
            notice_version="1", notice_sent_on=LONG_AGO, staff_side_consulted_on=LONG_AGO,
            impact_assessment="DPIA 7", reason_groups=REASON_GROUPS, valid_from=LONG_AGO,
        )  # fmt: skip
        user = _account(world, f"hr-{name}", f"HR of {name}")
        RoleAssignment.objects.create(user=user, role="hr", employer=employer, starts_on=LONG_AGO)
    [grant] = grants_of(user.id, user.name)
    return House(employer, grant.actor, Books(kept))


def receive_and_run(place: House, file: Sent) -> ImportRun:
    """As the watched folder does: a file that came before gives its run, and a run that was broken off goes on."""
    received = actions.receive(
        by=place.hr, employer=place.employer, kind=file.kind, file=io.BytesIO(file.content()),
        file_name="extract.csv", mapping=f"openoh-{file.kind}", full_extract=file.full,
    )  # fmt: skip
    return actions.run(by=place.hr, run=received)


def counts_of(run: ImportRun) -> tuple[int, ...]:
    taken = (run.rows_new, run.rows_changed, run.rows_same, run.rows_ended, run.rows_quarantined)
    return (run.rows_read, *taken)


def expected(counts: Counts) -> tuple[int, ...]:
    return (counts.read, counts.new, counts.changed, counts.same, counts.ended, len(counts.problems))


# What Hypothesis may send

people_rows = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from(["1", "0.6", "0.4"]),
        st.sampled_from([None, None, 0, 1, 2, 3, 4, 99]),
        st.sampled_from([-900, -900, -900, -30, 0, 10]),
        st.sampled_from([None, None, None, -40, -1, 0, 12]),
        st.sampled_from([None, None, -20, 5, 15]),
        st.sampled_from(["", "", "", "", "", "", "bad", "wrong"]),
    ),
    min_size=1,
    max_size=5,
)
spell_rows = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, 3, 4, 8, 50]),
        st.integers(0, 9),
        st.sampled_from([-400, -60, -30, -10, -2, 0]),
        st.sampled_from([None, None, 0, 4, 40]),
        st.sampled_from(["S11", "S10", "S13", ""]),
        st.sampled_from(["", "", "", "", "", "bad", "retracted"]),
    ),
    min_size=1,
    max_size=6,
)
column_choices = st.sampled_from(
    [OPTIONAL, OPTIONAL, OPTIONAL[:3], ("fte",), ("manager_number", "fte"), ("ends_on",)]
)
broken = st.one_of(st.none(), st.none(), st.integers(1, 140))
places = st.sampled_from(["north", "north", "south"])


def machine_of(world, built: dict[str, House]):
    """The machine for this world; each example rolls back what it did."""

    class Feeds(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.now = NOON
            self.rollback = transaction.atomic()
            self.rollback.__enter__()
            self.houses = copy.deepcopy(built)
            self.offered: dict[tuple[object, object], tuple[object, ...]] = {}
            self.left: dict[tuple[str, int], date] = {}

        def teardown(self) -> None:
            if hasattr(self, "rollback"):
                transaction.set_rollback(True)
                self.rollback.__exit__(None, None, None)

        @property
        def today(self) -> date:
            return self.now.date()

        def day(self, offset: int | None) -> date | None:
            return None if offset is None else self.today + timedelta(days=offset)

        @contextmanager
        def a_minute_later(self) -> Iterator[None]:
            self.now += timedelta(minutes=1)
            with clock.held_at(self.now):
                yield

        # Files

        def people(self, drawn) -> list[PersonRow]:
            return [
                PersonRow(
                    number, human(number) if flaw != "wrong" else (human(number) + 3) % len(GIVEN), fte, manager,
                    None if flaw == "bad" else (BEGUN if starts == -900 else self.day(starts)), self.day(ends),
                    self.day(effective),
                )
                for number, fte, manager, starts, ends, effective, flaw in drawn
            ]  # fmt: skip

        def spells(self, drawn) -> list[SpellRow]:
            return [
                SpellRow(
                    number, reference, None if flaw == "bad" else self.day(started),
                    None if lasted is None else self.day(started + lasted - (lasted > started + 400)),
                    reason, flaw == "retracted",
                )
                for number, reference, started, lasted, reason, flaw in drawn
            ]  # fmt: skip

        def send(self, place: House, file: Sent, kill: int | None) -> None:
            """Send a file, killed first where that was drawn, and compare what became of it."""
            with self.a_minute_later():
                if kill:
                    with killed_at(kill):
                        receive_and_run(place, file)
                        facts.consume()
                run = receive_and_run(place, file)
                facts.consume()
            earlier = self.earlier(place, file)
            if earlier:
                assert (run.pk, run.state) == (earlier.run, earlier.state)
                return
            assert run.pk not in {sent.run for sent in place.sent}
            file.run = run.pk
            place.sent.append(file)
            self.settle(place, file, run, may=False)

        def settle(self, place: House, file: Sent, run: ImportRun, *, may: bool) -> None:
            try:
                counts = place.books.take(file.rows, file.columns, self.today, full=file.full, may=may)
            except Asks:
                assert (run.state, bool(run.question)) == ("asking", True)
                file.state = "asking"
                return
            assert (run.state, counts_of(run)) == ("done", expected(counts))
            file.state = "done"
            place.waiting += [
                Waiting(run.pk, line, column, file.rows[line - 2], file.columns)
                for line, column in counts.problems
            ]

        @staticmethod
        def earlier(place: House, file: Sent) -> Sent | None:
            alike = [sent for sent in reversed(place.sent) if sent.is_like(file) and sent.state != "refused"]
            if file.full:
                alike = alike[:1]
            return next((sent for sent in alike if sent.digest() == file.digest()), None)

        @rule(where=places, drawn=people_rows, columns=column_choices, kill=broken)
        def people_changed(self, where, drawn, columns, kill):
            file = Sent("people", False, (*ALWAYS, *columns), tuple(self.people(drawn)))
            self.send(self.houses[where], file, kill)

        @rule(where=places, drawn=people_rows, columns=column_choices, kill=broken,
              missing=st.one_of(st.sets(st.integers(0, 9), max_size=2), st.sets(st.integers(0, 9))))  # fmt: skip
        def everybody(self, where, drawn, columns, kill, missing):
            """A full extract: everybody known as they are, but for some who are missing and some who are new."""
            place, others = self.houses[where], self.people(drawn)
            told = {row.number for row in others}
            known = [
                PersonRow(number, post.who, post.fte, post.manager, post.starts, post.ends)
                for number, post in place.books.posts.items()
                if number not in told and number not in missing and (post.active(self.today) or number % 2)
            ]
            file = Sent("people", True, (*ALWAYS, *columns), (*known, *others))
            self.send(place, file, kill)
            if file.state == "done":
                gone = set(place.books.posts) - {row.number for row in known} - told
                self.left |= {(where, number): self.today for number in gone}

        @rule(where=places, drawn=spell_rows, kill=broken)
        def absences_changed(self, where, drawn, kill):
            self.send(self.houses[where], Sent("absence", False, SPELL, tuple(self.spells(drawn))), kill)

        @rule(where=places, drawn=spell_rows, kill=broken, missing=st.sets(st.integers(0, 9), max_size=3))
        def every_absence(self, where, drawn, kill, missing):
            place, others = self.houses[where], self.spells(drawn)
            told = {row.reference for row in others}
            known = [
                SpellRow(spell.number, reference, spell.started, spell.ended, spell.reason)
                for reference, spell in place.books.spells.items()
                if not spell.retracted and reference not in told and reference not in missing
            ]
            self.send(place, Sent("absence", True, SPELL, (*known, *others)), kill)

        @rule(where=places, which=st.integers(0, 30), kill=broken, blank=st.booleans())
        def an_old_file_again(self, where, which, kill, blank):
            """The very same file changes nothing; the same rows in another file come out of their order."""
            place = self.houses[where]
            if place.sent:
                old = place.sent[which % len(place.sent)]
                rows = (*old.rows, *old.rows[:1]) if blank else old.rows
                self.send(place, Sent(old.kind, old.full, old.columns, rows), kill)

        @rule(where=places, yes=st.booleans())
        def answer(self, where, yes):
            place = self.houses[where]
            for file in [sent for sent in place.sent if sent.state == "asking"][:1]:
                with self.a_minute_later():
                    asked = ImportRun(pk=file.run, employer=place.employer)
                    run = actions.answer(by=place.hr, run=asked, proceed=yes)
                    if yes:
                        run = actions.run(by=place.hr, run=run)
                    facts.consume()
                if yes:
                    self.settle(place, file, run, may=True)
                else:
                    assert run.state == "refused"
                    file.state = "refused"

        @rule(where=places, which=st.integers(0, 30), right=st.booleans())
        def replay(self, where, which, right):
            """A row in quarantine is taken again, corrected or as it was."""
            place = self.houses[where]
            if place.waiting:
                waiting = place.waiting[which % len(place.waiting)]
                row, corrections = self.corrected(waiting) if right else (waiting.row, {})
                columns = waiting.columns
                trial = copy.deepcopy(place.books)
                wrong = trial.take([row], columns, self.today, full=False).problems
                with self.a_minute_later():
                    kept = self.quarantined(waiting)
                    if wrong:
                        with pytest.raises(Invalid):
                            actions.replay(by=place.hr, row=kept, corrections=corrections)
                    else:
                        actions.replay(by=place.hr, row=kept, corrections=corrections)
                        place.books = trial
                        place.waiting.remove(waiting)
                    facts.consume()

        def corrected(self, waiting: Waiting) -> tuple[Row, dict[str, str]]:
            row = waiting.row
            if waiting.column in ("starts_on", "started_on"):
                name = "starts" if isinstance(row, PersonRow) else "started"
                return replace(row, **{name: BEGUN}), {waiting.column: str(BEGUN)}
            if waiting.column == "ends_on":
                return replace(row, ends=None), {"ends_on": ""}
            if waiting.column == "ended_on":
                return replace(row, ended=None), {"ended_on": ""}
            if waiting.column == "manager_number":
                return replace(row, manager=None), {"manager_number": ""}
            if waiting.column == "number" and isinstance(row, PersonRow):
                return replace(row, number=row.who), {"number": f"E{row.who}"}
            if waiting.column == "number":
                return replace(row, number=0), {"number": "E0"}
            return replace(row, reference=9), {"reference": "R9"}

        def quarantined(self, waiting: Waiting) -> QuarantinedRow:
            with within(WORKER):
                return QuarantinedRow.objects.get(
                    run=waiting.run, line=waiting.line, replayed_at=None, column=waiting.column
                )

        @rule(where=places, number=st.integers(0, 9), last=st.sampled_from([-20, -1, 0, 7]))
        def leaves_by_hand(self, where, number, last):
            place = self.houses[where]
            post, day = place.books.posts.get(number), self.today + timedelta(days=last)
            if post and day >= post.starts:
                with self.a_minute_later():
                    found = by_number(place, number)
                    by_hand.record_leaver(by=place.hr, engagement=found, last_day=day)
                    facts.consume()
                row = PersonRow(number, post.who, starts=post.starts, ends=day)
                place.books.take([row], (*ALWAYS, "ends_on"), self.today, full=False)

        @rule(passed=st.sampled_from([1, 1, 6, 14, 36]))
        def days_pass(self, passed):
            self.now += timedelta(days=passed)
            with clock.held_at(self.now):
                round_of_feeds.renew_standing_roles()
                consumers.nightly()
            for place in self.houses.values():
                place.books.night(self.today)

        # What must be so after every step

        @invariant()
        def the_books_are_kept(self):
            for place in self.houses.values():
                assert engagements(place) == {
                    f"E{number}": (
                        given(post.who), float(post.fte), None if post.manager is None else f"E{post.manager}",
                        post.starts, post.ends,
                    )
                    for number, post in place.books.posts.items()
                }  # fmt: skip
                assert versions(place) == Counter(
                    (f"E{number}", says.effective, float(says.fte), says.ends, says.left_out)
                    for number, post in place.books.posts.items()
                    for says in post.said
                )
                assert spells(place) == {
                    f"R{reference}": (
                        f"E{spell.number}",
                        spell.started,
                        spell.ended,
                        spell.retracted,
                        spell.earlier,
                    )
                    for reference, spell in place.books.spells.items()
                }
                assert kept_reasons(place, world) == {
                    f"R{reference}": spell.reason
                    for reference, spell in place.books.spells.items()
                    if spell.reason
                }

        @invariant()
        def the_quarantine_is_kept(self):
            for place in self.houses.values():
                assert quarantine(place) == Counter(
                    (waiting.run, waiting.line, waiting.column) for waiting in place.waiting
                )

        @invariant()
        def nobody_is_doubled(self):
            """Each human is one person with one account, wherever they work and however often they came."""
            for name, number in fetch_as_worker(
                "SELECT given_name || ' ' || family_name, count(*) FROM people_person GROUP BY 1"
            ):
                assert number == 1, name
            for address, number in fetch_as_worker("SELECT email, count(*) FROM accounts_user GROUP BY 1"):
                assert number == 1, address
            for name, address in zip(GIVEN, FAMILY, strict=True):
                found = fetch_as_worker(
                    "SELECT count(DISTINCT person_id), count(*) FILTER (WHERE person_id IS NULL) "
                    "FROM people_engagement WHERE given_name = %(given)s AND family_name = %(family)s",
                    {"given": name, "family": address},
                )
                assert found in ([(0, 0)], [(1, 0)]), name

        @invariant()
        def roles_follow_who_works_here(self):
            for place in self.houses.values():
                posts = place.books.posts
                engaged = [
                    number for number, post in posts.items() if post.ends is None or post.ends >= self.today
                ]
                leads = {
                    post.manager
                    for post in posts.values()
                    if post.active(self.today) and post.manager is not None
                }
                assert roles(place, self.today) == Counter(
                    [(f"E{number}", "employee", email(posts[number].who)) for number in engaged]
                    + [
                        (f"E{number}", "manager", email(posts[number].who))
                        for number in leads
                        if number in engaged
                    ]
                )

        @invariant()
        def nobody_leads_themselves_through_others(self):
            for place in self.houses.values():
                assert not fetch_as_worker(LEADS_THEMSELVES, {"employer": place.employer.pk})

        @invariant()
        def an_offer_is_decided_once(self):
            """One decision for a spell and a rule, never taken back or made again; of a topic one offer is open."""
            decided = fetch_as_worker("SELECT spell_id, rule, outcome, decided_at FROM offers_offerdecision")
            assert len({row[:2] for row in decided}) == len(decided)
            offered = {row[:2]: row[2:] for row in decided if row[2] in ("offer", "hold")}
            for about, decision in self.offered.items():
                assert offered.get(about) == decision
            self.offered = offered
            made = fetch_as_worker("SELECT spell_id, rule FROM offers_offer")
            assert Counter(made) == Counter(offered.keys())
            assert not fetch_as_worker(
                "SELECT person_id, topic FROM offers_offer WHERE state IN ('held', 'ready', 'sent') "
                "GROUP BY 1, 2 HAVING count(*) > 1"
            )
            assert not fetch_as_worker(
                "SELECT o.id FROM offers_offer o JOIN absence_spell s ON s.id = o.spell_id "
                "WHERE s.retracted_at IS NOT NULL AND o.state IN ('held', 'ready', 'sent')"
            )
            assert not fetch_as_worker(
                "SELECT reference FROM notifications_message WHERE template = 'offer' "
                "GROUP BY 1 HAVING count(*) > 1"
            )

    return Feeds


LEADS_THEMSELVES = """
WITH RECURSIVE climb (start, reached) AS (
  SELECT id, manager_id FROM people_engagement WHERE employer_id = %(employer)s AND manager_id IS NOT NULL
  UNION SELECT c.start, e.manager_id FROM climb c JOIN people_engagement e ON e.id = c.reached
  WHERE e.manager_id IS NOT NULL
) SELECT start FROM climb WHERE start = reached
"""


def fetch_as_worker(sql: str, parameters: dict[str, object] | None = None) -> list[tuple]:
    with within(WORKER):
        return fetch(sql, parameters)


def by_number(place: House, number: int) -> UUID:
    [[found]] = fetch_as_worker(
        "SELECT id FROM people_engagement WHERE employer_id = %(employer)s AND number = %(number)s",
        {"employer": place.employer.pk, "number": f"E{number}"},
    )
    return found


def engagements(place: House) -> dict[str, tuple]:
    rows = fetch_as_worker(
        "SELECT e.number, e.given_name, e.fte::float, m.number, e.starts_on, e.ends_on FROM people_engagement e "
        "LEFT JOIN people_engagement m ON m.id = e.manager_id WHERE e.employer_id = %(employer)s",
        {"employer": place.employer.pk},
    )
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0]: row[1:] for row in rows}


def versions(place: House) -> Counter[tuple]:
    return Counter(fetch_as_worker(
        "SELECT e.number, v.effective_on, v.fte::float, v.ends_on, v.left_out FROM people_engagementversion v "
        "JOIN people_engagement e ON e.id = v.engagement_id WHERE v.employer_id = %(employer)s",
        {"employer": place.employer.pk},
    ))  # fmt: skip


def spells(place: House) -> dict[str, tuple]:
    rows = fetch_as_worker(
        "SELECT s.reference, e.number, s.started_on, s.ended_on, s.retracted_at IS NOT NULL, "
        "(SELECT count(*) FROM absence_spellversion v WHERE v.spell_id = s.id) FROM absence_spell s "
        "JOIN people_engagement e ON e.id = s.engagement_id WHERE s.employer_id = %(employer)s",
        {"employer": place.employer.pk},
    )
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0]: row[1:] for row in rows}


def kept_reasons(place: House, world) -> dict[str, str]:
    with within(WORKER):
        kept = SpellReason.objects.filter(employer=place.employer).select_related("spell")
        return {each.spell.reference: reasons.unsealed(each, world.provider.pk) for each in kept}


def quarantine(place: House) -> Counter[tuple]:
    return Counter(fetch_as_worker(
        'SELECT run_id, line, "column" FROM hr_feed_quarantinedrow '
        "WHERE employer_id = %(employer)s AND replayed_at IS NULL",
        {"employer": place.employer.pk},
    ))  # fmt: skip


def roles(place: House, today: date) -> Counter[tuple]:
    """Who holds which role because of an engagement, today or from a day to come."""
    return Counter(fetch_as_worker(
        "SELECT e.number, r.role, u.email FROM access_roleassignment r JOIN accounts_user u ON u.id = r.user_id "
        "JOIN people_engagement e ON e.id = r.engagement_id "
        "WHERE e.employer_id = %(employer)s AND (r.ends_on IS NULL OR r.ends_on >= %(today)s)",
        {"employer": place.employer.pk, "today": today},
    ))  # fmt: skip


@pytest.fixture
def houses(world, settings, tmp_path) -> dict[str, House]:
    """A trust of some size, with people who stay, and a small one that somebody may move to."""
    settings.VAR = tmp_path
    with clock.held_at(NOON - timedelta(days=1)):
        built = {
            "north": house(world, "north", frozenset(REASON_GROUPS)),
            "south": house(world, "south", frozenset()),
        }
        rows = tuple(PersonRow(number, number, starts=BEGUN) for number in STEADY)
        file = Sent("people", False, (*ALWAYS, "fte"), rows, "done")
        file.run = receive_and_run(built["north"], file).pk
        facts.consume()
    built["north"].books.take(rows, file.columns, TODAY - timedelta(days=1), full=False)
    built["north"].sent.append(file)
    return built


def tell(world, houses: dict[str, House], *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        lambda: machine_of(world, houses)(),
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate], report_multiple_bugs=False,
        ),
    )  # fmt: skip


def test_any_files_in_any_order_leave_what_the_rules_say(world, houses):
    tell(world, houses, examples=25, steps=14)


@pytest.mark.long
def test_many_more_files_in_any_order_leave_what_the_rules_say(world, houses):
    tell(world, houses, examples=30, steps=30)
