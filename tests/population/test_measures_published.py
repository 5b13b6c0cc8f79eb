"""Figures of the service itself: counted in SQL, protected before they are written, steady once a month is closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.scope import within
from openoh.foundation.core.staging import fetch
from openoh.foundation.people.models import Engagement
from openoh.methods import disclosure
from openoh.population.absence.models import Spell
from openoh.population.measures import counting, figures, protection, queries, sources
from openoh.population.measures.actions import import_published
from openoh.population.measures.benchmark import benchmark, own_year
from openoh.population.measures.catalogue import PEOPLE, SHARE, measures
from openoh.population.measures.models import MeasureValue
from openoh.population.measures.protection import Count, Figure
from openoh.population.measures.publishing import publish
from openoh.population.measures.queries import Period
from tests.outside_data import outside_data
from tests.population.figures_world import absent, asked_for_help, book, staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
ORGANISATIONS = outside_data("nhs-sickness-absence", "nhs_sickness_by_organisation_2024-04_2025-03.csv")


@pytest.fixture(autouse=True)
def a_day_in_november():
    with clock.held_at(NOW):
        yield


def of_service(world, code="new-absences"):
    actor = world.as_service_manager
    with within(actor.scope):
        return figures.history(actor, code)


def groups(world, code="new-absences", month=OCTOBER):
    actor = world.as_service_manager
    with within(actor.scope):
        return {v.employer.name if v.employer else v.line: v for v in figures.by_employer(actor, code, month)}


def test_a_closed_month_counts_people_once_and_leaves_retracted_absences_out(world):
    trust = staff(world, world.trust, 40)
    absent(trust[:12], OCTOBER)
    absent(trust[:12], OCTOBER + timedelta(days=10))
    absent(trust[12:14], date(2026, 9, 30))
    absent(trust[20:30], OCTOBER)
    with within(Scope(Audience.WORKER)):
        Spell.objects.filter(engagement__in=trust[20:30]).update(retracted_at=NOW)
    publish()
    assert [(v.first, v.value) for v in of_service(world).closed] == [
        (date(2026, 9, 1), None), (OCTOBER, 12),
    ]  # fmt: skip


def test_a_month_is_closed_five_days_after_its_end_and_then_stands_for_good(world):
    trust = staff(world, world.trust, 40)
    absent(trust[:10], OCTOBER)
    with clock.held_at(datetime(2026, 11, 5, 12, tzinfo=UTC)):
        publish()
        assert of_service(world).closed == ()
        assert [v.first for v in of_service(world).live] == [OCTOBER, date(2026, 11, 1)]
    with clock.held_at(datetime(2026, 11, 6, 12, tzinfo=UTC)):
        publish()
    assert [v.value for v in of_service(world).closed] == [10]
    absent(trust[10:20], OCTOBER)  # somebody types an old absence late
    publish()
    assert [v.value for v in of_service(world).closed] == [10]


def test_running_it_again_changes_nothing(world):
    absent(staff(world, world.trust, 40)[:12], OCTOBER)
    publish()
    with within(Scope(Audience.WORKER)):
        before = list(MeasureValue.objects.order_by("id").values())
    assert publish() == 0
    with within(Scope(Audience.WORKER)):
        assert list(MeasureValue.objects.order_by("id").values()) == before


def test_a_live_figure_never_moves_by_so_few_that_one_could_be_watched(world):
    trust = staff(world, world.trust, 60)
    absent(trust[:20], clock.today())
    publish()
    assert of_service(world).so_far.value == 20
    for more, seen in ((21, 20), (24, 20), (25, 25), (29, 25), (40, 40)):
        known = more - 1 if more in (21, 25) else more - {24: 3, 29: 4, 40: 11}[more]
        absent(trust[known:more], clock.today())
        publish()
        assert of_service(world).so_far.value == seen


def test_a_small_employer_cannot_be_had_by_subtracting_the_others(world):
    """The trust has 12 people absent, the practice 2: who knows the whole and the trust must not learn of the 2."""
    absent(staff(world, world.trust, 40)[:12], OCTOBER)
    absent(staff(world, world.practice, 3)[:2], OCTOBER)
    publish()
    shown = groups(world)
    assert set(shown) == {"Northshire Trust", "small"}
    assert shown["small"].value is None
    whole = of_service(world).closed[-1]
    assert whole.value is None or shown["Northshire Trust"].value is None


def test_employers_under_25_people_are_never_shown_alone(world):
    absent(staff(world, world.trust, 40)[:12], OCTOBER)
    absent(staff(world, world.practice, 20)[:9], OCTOBER)
    publish()
    assert {name: v.value for name, v in groups(world).items()} == {"Northshire Trust": 12, "small": 9}
    assert of_service(world).closed[-1].value == 21


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6),
    st.sampled_from([PEOPLE, SHARE]),
)
def test_no_published_table_gives_a_small_number_away(pairs, kind):
    """An attacker who knows that counts are whole numbers finds no hidden one, by our own linear programme."""
    counts = [Count(good, good + rest) for good, rest in pairs]
    shown, whole = protection.table(kind, counts)
    for figure, count in zip(
        [*shown, whole],
        [*counts, Count(sum(c.good for c in counts), sum(c.people for c in counts))],
        strict=True,
    ):
        parts = [count.people] if kind == PEOPLE else [count.good, count.people - count.good]
        told = [figure.numerator] if kind == PEOPLE else [
            figure.numerator,
            None if None in (figure.numerator, figure.denominator) else figure.denominator - figure.numerator,
        ]  # fmt: skip
        assert all(said in (None, part) for said, part in zip(told, parts, strict=True))
        assert not any(said is not None and 0 < said < 5 for said in told)
    cells = [[f.numerator] if kind == PEOPLE else [f.numerator, _rest(f)] for f in shown]
    sums = [f.numerator if kind == PEOPLE else f.denominator for f in shown]
    columns = [whole.numerator] if kind == PEOPLE else [whole.numerator, _rest(whole)]
    total = whole.numerator if kind == PEOPLE else whole.denominator
    outside = disclosure.published(
        _whole(cells), row_totals=_row(sums), column_totals=_row(columns), total=_row([total])[0]
    )
    assert [each for each in disclosure.attack(outside) if 0 < each.value < 5] == []


def _rest(figure):
    return None if None in (figure.numerator, figure.denominator) else figure.denominator - figure.numerator


def _row(numbers):
    return [None if number is None else int(number) for number in numbers]


def _whole(rows):
    return [_row(row) for row in rows]


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_live_figure_may_follow_only_after_five_people_or_none(before, after):
    def single(count):
        return protection.single(PEOPLE, Count(count, count))

    allowed = protection.may_replace(PEOPLE, single(before), single(after))
    both_shown = single(before).value is not None and single(after).value is not None
    assert allowed is not (both_shown and 0 < abs(before - after) < 5)


def test_attendance_is_a_share_of_people_and_says_nothing_of_a_few(world):
    people = staff(world, world.trust, 40)
    first = datetime(2026, 10, 5, 9, tzinfo=UTC)
    for number, person in enumerate(people[:20]):
        book(world, person, first + timedelta(hours=number), "attended" if number < 12 else "did-not-attend")
    publish()
    found = of_service(world, "attendance").closed[-1]
    assert (found.numerator, found.denominator, found.value, found.hidden) == (12, 20, 60, False)
    for number, person in enumerate(people[20:22], start=20):
        book(world, person, first + timedelta(hours=number), "cancelled")
    with within(Scope(Audience.WORKER)):
        assert counting.people("attendance", since=OCTOBER, until=date(2026, 11, 1)) == {
            (world.provider.id, OCTOBER): {world.trust.id: Count(12, 20)}
        }


@pytest.mark.parametrize("code", list(measures()))
def test_every_measure_is_counted_somewhere_and_reviewed_after_it_began(world, code):
    measure = measures()[code]
    assert code in sources.EVENTS or measure.kind == "rate"
    assert measure.review_on > date(2026, 4, 1)
    if code in sources.EVENTS:
        with within(Scope(Audience.WORKER)):
            assert counting.people(code, since=date(2025, 1, 1), until=date(2026, 12, 1)) == {}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dates(date(2026, 3, 20), date(2026, 6, 10)), st.integers(0, 30))
def test_working_days_in_sql_are_those_of_the_calendar(world, start, length):
    calendar, end = WorkingDays("england"), start + timedelta(days=length)
    sql = (f"WITH {sources.HOLIDAYS}, x AS (SELECT NULL::uuid AS provider_id, %(a)s::date AS a, %(b)s::date AS b), "
           f"e AS (SELECT 'england' AS nation) SELECT {sources._working_days('x.a', 'x.b')} FROM x, e")  # fmt: skip
    with transaction.atomic(), within(Scope(Audience.WORKER)):
        [[found]] = fetch(sql, counting._parameters() | {"a": start, "b": end})
    assert found == max(0, calendar.between(calendar.add(start, 0), end))


# --- absence rates and the benchmark --------------------------------------------------------------------------


def test_monthly_rates_of_many_employers_are_those_of_one(world):
    trust = staff(world, world.trust, 30)
    absent(trust[:9], date(2026, 9, 25), 20)
    absent(trust[:3], date(2026, 10, 10), 40)
    with within(Scope(Audience.WORKER)):
        Engagement.objects.filter(pk=trust[0].pk).update(fte="0.6")
        Engagement.objects.filter(pk=trust[1].pk).update(ends_on=date(2026, 10, 20))
        found = counting.rates([world.trust.id], since=date(2026, 9, 1), until=date(2026, 11, 1))
        for month, last in ((date(2026, 9, 1), date(2026, 9, 30)), (OCTOBER, date(2026, 10, 31))):
            own = queries.own_rate(world.as_worker, world.trust, Period(month, last))
            assert found[world.trust.id, month].lost == pytest.approx(own.lost)
            assert found[world.trust.id, month].available == pytest.approx(own.available)
        assert found[world.trust.id, OCTOBER].people == 9


def test_a_month_with_one_to_four_people_absent_has_no_rate(world):
    absent(staff(world, world.trust, 30)[:4], OCTOBER)
    publish()
    actor = world.as_service_manager
    with within(actor.scope):
        october = figures.history(actor, "absence-rate", world.trust.pk).closed[-1]
    assert (october.value, october.numerator, october.hidden) == (None, None, True)


def a_year_of_absence(world, lost_days):
    """30 people, ten of them absent for `lost_days` days at the start of each of twelve months."""
    trust = staff(world, world.trust, 30)
    for number in range(12):
        month = date(2025 + (10 + number) // 12, (10 + number) % 12 + 1, 1)
        absent(trust[:10], month, lost_days)
    publish()


def test_the_benchmark_holds_every_organisation_and_englands_rate(world):
    assert import_published(by=world.as_worker, path=ORGANISATIONS).rows == 3394
    a_year_of_absence(world, 9)
    actor = world.as_service_manager
    with within(actor.scope):
        found = benchmark(actor, world.trust, kind="Acute")
    assert round(found.england, 2) == 5.15
    # The trust of the tests' world has five people more, none of them absent: 10 x 9 days of 35 people's days.
    assert found.own.rate == pytest.approx(100 * 12 * 90 / (35 * 365))
    assert len(found.funnel.value) == len(found.organisations) + 1
    assert found.funnel.value[-1] == pytest.approx(found.own.rate / 100)
    rates = sorted([each.rate for each in found.organisations] + [found.own.rate])
    place = 0.25 * (len(rates) - 1)
    quartile = rates[int(place)] + (place % 1) * (rates[int(place) + 1] - rates[int(place)])
    assert found.gain.target_rate == pytest.approx(quartile)
    assert found.gain.hours == pytest.approx(
        (found.own.lost - quartile / 100 * found.own.available) * 37.5 / 7
    )


def test_a_year_with_a_hidden_month_has_no_rate(world):
    trust = staff(world, world.trust, 30)
    absent(trust[:10], OCTOBER)
    publish()
    actor = world.as_service_manager
    with within(actor.scope):
        own, period = own_year(actor, world.trust)
    assert (own.rate, period) == (None, None)
    assert "of the last 12 months" in own.reason


# --- who may read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["oh_employer", "oh_person", "oh_clinical"])
def test_hr_managers_and_clinicians_are_denied_the_table(world, audience):
    publish()
    scope = Scope(Audience(audience), employers=(world.trust.id,), provider=world.provider.id)
    with pytest.raises(ProgrammingError, match="permission denied"), within(scope):
        MeasureValue.objects.count()


def test_a_board_sees_its_own_employer_and_never_the_service_or_another(world):
    absent(staff(world, world.trust, 40)[:12], OCTOBER)
    absent(staff(world, world.practice, 40)[:12], OCTOBER)
    publish()
    board = world.actor("bo", "board")
    with within(board.scope):
        seen = set(MeasureValue.objects.values_list("employer_id", flat=True))
        assert seen == {world.trust.id}
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Spell.objects.count()


def test_another_providers_service_sees_none_of_it(world):
    absent(staff(world, world.trust, 40)[:12], OCTOBER)
    publish()
    with within(Scope(Audience.SERVICE, provider=world.other_provider.id)):
        assert not MeasureValue.objects.filter(employer_id=world.trust.id).exists()


@pytest.mark.parametrize("audience", ["oh_service", "oh_insight"])
def test_nobody_but_the_worker_writes_figures(world, audience):
    publish()
    scope = Scope(Audience(audience), employers=(world.trust.id,), provider=world.provider.id)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        within(scope),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE measures_measurevalue SET value = 1")


def test_waits_are_counted_by_step_and_late_ones_beside(world):
    people = staff(world, world.trust, 20)
    # Monday 16 November is four working days before Sunday 22, Thursday 19 one.
    asked_for_help(world, people[:7], datetime(2026, 11, 16, 10, tzinfo=UTC))
    asked_for_help(world, people[7:], datetime(2026, 11, 19, 10, tzinfo=UTC))
    publish()
    actor = world.as_service_manager
    with within(actor.scope):
        found = {each.step.code: each for each in figures.waiting(actor)}
    assert (found["triage"].people, found["triage"].late) == (20, 7)
    assert found["triage"].step.owner == "service"
    assert (found["adjustment"].people, found["adjustment"].step.owner) == (0, "manager")


def test_a_figure_that_is_hidden_carries_no_number(world):
    figure = protection.single(SHARE, Count(2, 30))
    assert isinstance(figure, Figure)
    assert (figure.numerator, figure.value, figure.hidden) == (None, None, True)
