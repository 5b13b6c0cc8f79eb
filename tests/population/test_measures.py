"""Published figures, and the employer's own rate beside them."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openoh.cli import published
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement, EngagementVersion
from openoh.population.absence.models import Spell
from openoh.population.measures import queries, rules
from openoh.population.measures.actions import import_published
from openoh.population.measures.models import PublishedAbsence, PublishedRate
from openoh.population.measures.queries import Period
from tests.outside_data import outside_data

NHS = "nhs-sickness-absence"
ORGANISATIONS = outside_data(NHS, "nhs_sickness_by_organisation_2024-04_2025-03.csv")
SERIES = outside_data(NHS, "nhs_england_monthly_rate_2009-04_2025-10.csv")
DIRTY = outside_data(NHS, "nhs_england_monthly_rate_as_found_dirty.csv")
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))


def rows_of_file():
    with ORGANISATIONS.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def take(world, path):
    return import_published(by=world.as_worker, path=path)


@pytest.fixture
def manager(world):
    return world.as_service_manager


def test_the_organisations_give_englands_rate_and_not_the_mean_of_rates(world, manager):
    done = take(world, ORGANISATIONS)
    assert (done.rows, done.refused) == (3394, [])
    with within(manager.scope):
        year = queries.latest_year(manager)
        assert year == Period(date(2024, 4, 1), date(2025, 3, 31))
        assert round(queries.england_rate(manager, year), 2) == 5.15
        assert {o.code for o in queries.organisations(manager, year)} == {
            row["ORG_CODE"] for row in rows_of_file()
        }
        published_mean = PublishedAbsence.objects.values_list("published_rate", flat=True)
        assert round(sum(published_mean) / 3394, 2) == Decimal("4.86"), (
            "the trap that the rate must not fall into"
        )


def test_every_recomputed_rate_agrees_with_the_published_one(world, manager):
    take(world, ORGANISATIONS)
    with within(manager.scope):
        wrong = [
            row.code
            for row in PublishedAbsence.objects.all()
            if abs(rules.rate(row.lost, row.available) - float(row.published_rate)) > 0.00501
        ]
    assert wrong == []


def test_england_by_month_agrees_with_the_published_series(world, manager):
    take(world, ORGANISATIONS)
    take(world, SERIES)
    with within(manager.scope):
        series = dict(queries.england_series(manager))
        for month in (date(2024, n, 1) for n in range(4, 13)):
            found = queries.england_rate(manager, Period(month, rules.last_day(month)))
            assert round(found, 2) == series[month]
        assert len(series) == 199


def test_organisations_of_one_kind_by_name(world, manager):
    take(world, ORGANISATIONS)
    with within(manager.scope):
        kinds = queries.kinds(manager)
        assert len(kinds) == 7
        year = queries.latest_year(manager)
        acute = queries.organisations(manager, year, kind="Acute")
        assert {organisation.kind for organisation in acute} == {"Acute"}
        assert [o.name for o in acute] == sorted(o.name for o in acute)
        rows = [row for row in rows_of_file() if row["ORG_CODE"] == acute[0].code]
        lost = sum(float(row["FTE_DAYS_LOST"]) for row in rows)
        available = sum(float(row["FTE_DAYS_AVAILABLE"]) for row in rows)
        assert acute[0].rate == pytest.approx(100 * lost / available)
        assert acute[0].months == len(rows)


def test_the_file_as_found_names_its_decimal_commas_and_takes_every_other_row(world, manager):
    """199 months, of which two have a comma for a point: lines 79 and 102. The repaired file has 4.0 there."""
    done = take(world, DIRTY)
    assert done.rows == 197
    assert [(row.line, row.value) for row in done.refused] == [
        (79, "September 2015,4,00"), (102, "August 2017,4,00"),
    ]  # fmt: skip
    assert all("3 columns instead of 2" in row.reason for row in done.refused)
    with within(manager.scope):
        as_found = dict(queries.england_series(manager))
    take(world, SERIES)
    with within(manager.scope):
        repaired = dict(queries.england_series(manager))
    assert as_found == {
        month: rate for month, rate in repaired.items() if month not in (date(2015, 9, 1), date(2017, 8, 1))
    }
    assert len(repaired) == 199


def test_the_same_file_twice_changes_nothing(world, manager):
    take(world, DIRTY)
    take(world, DIRTY)
    with within(manager.scope):
        assert PublishedRate.objects.count() == 197


def test_the_command_says_what_it_left_out(world, capsys):
    assert published.take(DIRTY) == 0
    said = capsys.readouterr().out
    assert "197 rows taken" in said
    assert "Line 79 was left out" in said


HEADER = ",".join(rules.ORGANISATIONS)
ROW = "30/04/2024,QZZ,North,QZZ,North,RXX,A Trust,Acute,{lost},{available},{rate}"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (ROW.format(lost="5", available="4", rate="5"), "More days were lost"),
        (ROW.format(lost="-5", available="4", rate="5"), "negative"),
        (ROW.format(lost="nan", available="4", rate="5"), "not a number"),
        (ROW.format(lost="1", available="4", rate="101"), "between 0 and 100"),
        (ROW.format(lost="1", available="4", rate="5").replace("30/04/2024", "31/02/2024"), "month"),
        (ROW.format(lost="1", available="4", rate="5").replace("RXX", ""), "missing"),
        (ROW.format(lost="1,5", available="4", rate="5"), "decimal comma"),
    ],
)
def test_a_bad_row_is_named_and_never_stops_a_good_one(world, tmp_path, line, words):
    good = ROW.format(lost="1", available="40", rate="2.5")
    path = tmp_path / "published.csv"
    path.write_text(f"{HEADER}\n{line}\n{good}\n{good}\n")
    done = take(world, path)
    assert done.rows == 1
    assert [row.line for row in done.refused] == [2, 4]
    assert words in done.refused[0].reason
    assert "Line 3" in done.refused[1].reason


def test_another_file_is_refused_with_what_was_expected(world, tmp_path, capsys):
    path = tmp_path / "holidays.csv"
    path.write_text("day,name\n2026-01-01,New Year\n")
    with pytest.raises(Invalid, match="DATE"):
        take(world, path)
    assert published.take(path) == 1
    assert published.take(tmp_path / "nothing.csv") == 1


def test_only_a_service_manager_takes_figures_in(world):
    with pytest.raises(NotAllowed):
        import_published(by=world.as_hr, path=DIRTY)
    assert import_published(by=world.as_service_manager, path=DIRTY).rows == 197


# --- the employer's own rate --------------------------------------------------------------------------------


def crowd(world, count=30):
    """People of full time, so that one person more makes a known difference."""
    return Engagement.objects.bulk_create([
        Engagement(employer=world.practice, provider=world.provider, number=f"C{n}", given_name="C", family_name="C",
                   starts_on=date(2020, 1, 1))
        for n in range(count)
    ])  # fmt: skip


def absent(engagement, started, ended, **more):
    return Spell.objects.create(employer=engagement.employer, engagement=engagement, reference=str(new_id()),
                                started_on=started, ended_on=ended, **more)  # fmt: skip


def own(world, period=JUNE):
    return queries.own_rate(world.as_worker, world.practice, period)


def test_the_worked_example_of_a_nurse_of_six_tenths(world):
    """0.6 of full time, away from Monday 3 to Friday 14 June: 7.2 of 18 days, by the published method."""
    june = Period(date(2024, 6, 1), date(2024, 6, 30))
    with within(world.as_worker.scope):
        before = own(world, june)
        crowd(world)
        with_crowd = own(world, june)
        nurse = Engagement.objects.create(
            employer=world.practice, number="N", given_name="N", family_name="N", fte=Decimal("0.6"),
            starts_on=date(2020, 1, 1),
        )  # fmt: skip
        absent(nurse, date(2024, 6, 3), date(2024, 6, 14))
        found = own(world, june)
    assert before.rate is None
    assert found.lost == pytest.approx(7.2)
    assert found.available - with_crowd.available == pytest.approx(18.0)
    assert found.rate == pytest.approx(100 * 7.2 / (31 * 30 + 18))


def test_overlaps_count_once_retractions_never_and_open_absences_to_the_end(world):
    with within(world.as_worker.scope):
        first, second, third, *_ = crowd(world)
        absent(first, date(2026, 6, 1), date(2026, 6, 10))
        absent(first, date(2026, 6, 8), date(2026, 6, 12))
        absent(second, date(2026, 6, 1), None)
        absent(third, date(2026, 6, 1), None, retracted_at="2026-06-02T00:00Z")
        assert own(world).lost == pytest.approx(12 + 30)


def test_changed_hours_count_from_their_day(world):
    with within(world.as_worker.scope):
        first, *_ = crowd(world)
        for on, fte in ((date(2020, 1, 1), 1), (date(2026, 6, 16), Decimal("0.5"))):
            EngagementVersion.objects.create(
                engagement=first, employer=world.practice, effective_on=on, fte=fte
            )
        before = own(world)
        absent(first, date(2026, 6, 10), date(2026, 6, 20))
        assert own(world).lost == pytest.approx(6 + 5 * 0.5)
        assert before.available == pytest.approx(30 * 30 + 15 + 7.5)


def test_bank_staff_are_left_out_as_in_the_published_figures(world):
    with within(world.as_worker.scope):
        first, *_ = crowd(world)
        absent(first, date(2026, 6, 1), date(2026, 6, 10))
        Engagement.objects.filter(pk=first.pk).update(kind="bank")
        assert own(world).lost == 0


def test_a_small_employer_gets_no_rate(world):
    with within(world.as_worker.scope):
        crowd(world, 10)
        found = own(world)
    assert (found.rate, found.lost) == (None, 0)
    assert "fewer than 25" in found.reason


def test_who_may_see_the_rate_of_an_employer(world):
    for actor in (world.as_ben, world.as_amara, world.as_nurse):
        with pytest.raises(NotAllowed), within(actor.scope):
            queries.own_rate(actor, world.trust, JUNE)
    hr = world.as_hr
    with within(hr.scope):
        assert queries.own_rate(hr, world.trust, JUNE).rate is None  # the tests' trust is small
        with pytest.raises(NotAllowed):
            queries.own_rate(hr, world.police, JUNE)


class Undo(Exception):  # not an error: it ends one example
    """Rolls one example back."""


days = st.integers(-20, 50).map(lambda n: JUNE.first + timedelta(days=n))
absences = st.tuples(days, st.none() | st.integers(0, 30))
changes = st.lists(
    st.tuples(days, st.sampled_from(["0.2", "0.5", "1"])), max_size=3, unique_by=lambda change: change[0]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(absences, max_size=5), days, st.none() | st.integers(0, 60), changes)
def test_the_rate_is_what_counting_day_by_day_gives(world, spells, starts_on, stays, versions):
    ends_on = None if stays is None else starts_on + timedelta(days=stays)
    with pytest.raises(Undo), transaction.atomic():
        with within(world.as_worker.scope):
            crowd(world)
            before = own(world)
            one = Engagement.objects.create(employer=world.practice, number="one", given_name="O", family_name="O",
                                            fte=Decimal("0.8"), starts_on=starts_on, ends_on=ends_on)  # fmt: skip
            for on, fte in versions:
                EngagementVersion.objects.create(
                    engagement=one, employer=world.practice, effective_on=on, fte=fte
                )
            for started, length in spells:
                absent(one, started, None if length is None else started + timedelta(days=length))
            after = own(world)
        lost = available = 0.0
        for number in range(30):
            day = JUNE.first + timedelta(days=number)
            if starts_on <= day and (ends_on is None or day <= ends_on):
                fte = fte_on(day, versions)
                available += fte
                away = any(s <= day and (n is None or day <= s + timedelta(days=n)) for s, n in spells)
                lost += fte * away
        assert after.lost - before.lost == pytest.approx(lost)
        assert after.available - before.available == pytest.approx(available)
        raise Undo


def fte_on(day, versions):
    """The newest version that had begun; the first one also counts for the time before it."""
    if not versions:
        return 0.8
    known = sorted(versions)
    begun = [fte for on, fte in known if on <= day]
    return float(begun[-1] if begun else known[0][1])
