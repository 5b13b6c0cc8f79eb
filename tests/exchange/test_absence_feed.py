"""Spells from an absence feed and by hand: new, changed, retracted, several, with their reasons at the door."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from openoh.exchange.hr_feed import actions
from openoh.foundation.consent.models import Purpose
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.population.absence import queries, reasons
from openoh.population.absence.actions import end_spell, forget_reasons, record_spell, retract_spell
from openoh.population.absence.models import Spell, SpellReason, SpellVersion
from tests.exchange.feed import ABSENCE, PEOPLE, engagement, feed, quarantined, table

pytestmark = pytest.mark.django_db
WORKER = Scope(Audience.WORKER)
AMARA = "RNS-amara"
BACK = f"{AMARA},A1,2025-03-03,2025-03-07,,S11,"


@pytest.fixture
def large_trust(world):
    """A trust of 30 people, so that reasons may be taken."""
    rows = [f"L{i},,Given{i},Family{i},1980-01-01,l{i}@example.org,1,,2020-01-01," for i in range(25)]
    feed(world.as_hr, world.trust, table(PEOPLE, *rows))
    return world


def take(world, *rows: str, header: str = ABSENCE, full: bool = False):
    return feed(world.as_hr, world.trust, table(header, *rows), "absence", full=full)


def spell(reference: str) -> Spell:
    with within(WORKER):
        return Spell.objects.get(reference=reference)


def run_reasons() -> dict[str, str]:
    with within(WORKER), connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.reference, r.reason_group FROM absence_run_reason r JOIN absence_spell s ON s.id = r.spell_id"
        )
        return dict(cursor.fetchall())


def kept_reasons(world) -> dict[str, str]:
    with within(WORKER):
        return {
            reason.spell.reference: reasons.unsealed(reason, world.provider.id)
            for reason in SpellReason.objects.select_related("spell")
        }


def test_new_changed_and_unchanged_spells_and_one_fact_a_run(world):
    first = take(world, BACK, f"{AMARA},A2,2025-06-01,,,S10,", "RNS-joe,A3,2025-06-02,2025-06-02,3.75,S13,")
    assert (first.state, first.rows_new, first.rows_quarantined) == ("done", 3, 0)
    assert spell("A2").ended_on is None
    assert spell("A3").hours == Decimal("3.75")
    second = take(world, BACK, f"{AMARA},A2,2025-06-01,2025-06-20,,S10,")
    assert (second.rows_new, second.rows_changed, second.rows_same) == (0, 1, 1)
    with within(WORKER):
        facts = Fact.objects.filter(kind="absence.recorded").order_by("id")
        assert [fact.data["run"] for fact in facts] == [str(first.pk), str(second.pk)]
        assert [(v.started_on, v.ended_on) for v in SpellVersion.objects.all()] == [(date(2025, 6, 1), None)]
        assert Spell.objects.get(reference="A2").run_id == second.pk
        assert Spell.objects.get(reference="A1").run_id == first.pk


def test_a_file_that_changes_nothing_tells_nobody(world):
    take(world, BACK)
    again = take(world, BACK, "")
    assert (again.rows_same, again.rows_changed) == (1, 0)
    with within(WORKER):
        assert Fact.objects.filter(kind="absence.recorded").count() == 1


def test_corrections_retractions_and_a_retraction_taken_back(world):
    take(world, BACK)
    assert take(world, BACK.replace("2025-03-03", "2025-02-24")).rows_changed == 1  # back-dated
    assert take(world, f"{BACK}yes").rows_changed == 1
    assert spell("A1").retracted_at is not None
    with within(world.as_hr.scope):
        assert queries.total(world.as_hr).spells == 0
    assert take(world, f"{BACK}YES").rows_same == 1
    assert take(world, f"{BACK}no").rows_changed == 1
    assert (spell("A1").retracted_at, spell("A1").started_on) == (None, date(2025, 3, 3))
    with within(WORKER):
        assert [v.retracted for v in SpellVersion.objects.order_by("id")] == [False, False, True]


def test_overlapping_spells_and_several_engagements_stay_apart(world):
    with within(WORKER):
        Engagement.objects.filter(number=AMARA).update(person_number="P7")
    feed(
        world.as_hr,
        world.trust,
        table(PEOPLE, "RNS-amara-2,P7,Amara,Okafor,1985-05-17,amara@example.org,0.2,,2024-01-01,"),
    )
    run = take(
        world,
        BACK,
        f"{AMARA},A2,2025-03-05,2025-03-09,,S11,",
        "RNS-amara-2,A3,2025-03-03,2025-03-07,,S11,",
        "P7,A4,2025-03-03,,,S11,",
    )
    assert (run.rows_new, [row.reason for row in quarantined(world.as_hr, run)]) == (
        3,
        ["This person has several engagements here. Give the number of the engagement instead."],
    )
    assert spell("A3").engagement_id != spell("A1").engagement_id
    assert engagement(world.as_hr, "RNS-amara-2").person_id == world.amara.id


def test_a_persons_number_will_do_when_there_is_one_engagement(world):
    with within(WORKER):
        Engagement.objects.filter(number=AMARA).update(person_number="P7")
    assert take(world, "P7,A4,2025-03-03,,,S11,").rows_new == 1
    assert spell("A4").engagement_id == engagement(world.as_hr, AMARA).id


def test_rows_that_cannot_be_taken_say_where_what_and_why_and_the_others_go_on(world):
    run = take(
        world,
        BACK,
        f"{AMARA},A2,31/02/2025,,,S11,",
        f"{AMARA},A3,2025-03-09,2025-03-07,,S11,",
        "NOBODY,A4,2025-03-09,,,S11,",
        f"{AMARA},A5,2025-03-09,,,S77,",
        f"{AMARA},A6,2019-12-31,,,S11,",
        f"{AMARA},A7,1890-01-01,,,S11,",
        f"{AMARA},A8,2025-04-01,,0,S11,",
        "RNS-joe,A1,2025-05-01,,,S11,",
        f"{AMARA},A9",
    )
    rows = {row.line: row for row in quarantined(world.as_hr, run)}
    assert (run.rows_read, run.rows_new, run.rows_quarantined) == (10, 0, 10)
    assert "no such date" in rows[3].reason
    assert (rows[3].column, rows[3].value) == ("started_on", "31/02/2025")
    assert "last day is before the first" in rows[4].reason
    assert (rows[5].value, "has this number" in rows[5].reason) == ("NOBODY", True)
    assert "code is not known" in rows[6].reason
    assert "before this engagement began" in rows[7].reason
    assert "cannot be right" in rows[8].reason
    assert "nobody was absent" in rows[9].reason
    assert "Two people have an absence with this reference" in rows[2].reason
    assert rows[10].line == 10
    assert "fewer than the header" in rows[11].reason


def test_a_quarantined_row_is_corrected_and_replayed_once(world):
    run = take(world, "NOBODY,A4,2025-03-09,,,S11,", f"{AMARA},A2,31/02/2025,,,S11,")
    wrong_number, wrong_date = quarantined(world.as_hr, run)
    with pytest.raises(Invalid, match="no such date"):
        actions.replay(by=world.as_hr, row=wrong_date, corrections={"started_on": "30/02/2025"})
    actions.replay(by=world.as_hr, row=wrong_date, corrections={"started_on": "28/02/2025"})
    actions.replay(by=world.as_hr, row=wrong_number, corrections={"number": AMARA})
    assert {spell("A2").started_on, spell("A4").started_on} == {date(2025, 2, 28), date(2025, 3, 9)}
    with pytest.raises(Exception, match="taken already"):
        actions.replay(by=world.as_hr, row=wrong_date, corrections={})


def test_of_two_rows_for_one_spell_the_later_is_the_newer(world):
    assert take(world, BACK, BACK.replace("2025-03-07", "2025-03-10")).rows_new == 1
    assert spell("A1").ended_on == date(2025, 3, 10)


def test_a_full_extract_takes_back_what_it_leaves_out_in_its_time(world):
    rows = [f"{AMARA},F{i},2025-0{i}-01,2025-0{i}-02,,S13," for i in range(1, 8)]
    take(world, *rows)
    run = take(world, *rows[1:4], *rows[5:], full=True)
    assert (run.state, run.rows_ended) == ("done", 1)
    assert spell("F1").retracted_at is None  # before the extract's time
    assert spell("F5").retracted_at is not None
    take(world, *rows, "")
    asking = take(world, rows[0], full=True)
    assert (asking.state, "leaves out 6 of 7" in asking.question) == ("asking", True)


def test_a_full_extract_may_say_again_what_it_said_before_the_last_one(world):
    rows = [f"{AMARA},F{i},2025-0{i}-01,2025-0{i}-02,,S13," for i in range(1, 4)]
    first = take(world, *rows, full=True)
    take(world, *rows[:2], full=True)
    again = take(world, *rows, full=True)
    assert (again.pk != first.pk, again.rows_changed, spell("F3").retracted_at) == (True, 1, None)
    assert take(world, *rows, full=True).pk == again.pk


def test_only_named_reason_groups_are_kept_sealed_and_briefly(large_trust):
    world = large_trust
    take(world, BACK, f"{AMARA},A2,2025-06-01,,,S13 Cold Cough Flu,", f"{AMARA},A3,2025-07-01,,,,")
    assert kept_reasons(world) == run_reasons() == {"A1": "S11"}
    with within(WORKER):
        kept = SpellReason.objects.get()
        assert b"S11" not in bytes(kept.sealed)
        assert kept.keep_until == clock.today() + timedelta(days=35)
    with clock.held_at(clock.now() + timedelta(days=36)):
        assert forget_reasons(by=world.as_worker) == 1
        assert take(world, BACK, "").rows_same == 1  # what was forgotten is not learnt again
    assert kept_reasons(world) == {}


def test_a_corrected_reason_is_a_change_and_a_reason_taken_away_is_forgotten(large_trust):
    world = large_trust
    take(world, BACK)
    run = take(world, BACK.replace("S11", "S10"))
    assert (run.rows_changed, kept_reasons(world)) == (1, {"A1": "S10"})
    assert take(world, BACK.replace("S11", "S99")).rows_same == 1
    assert kept_reasons(world) == {}
    assert take(world, BACK, "").rows_changed == 1


@pytest.mark.parametrize("lacking", ["legal_ground", "notice_sent_on", "reason_groups"])
def test_without_a_purpose_in_force_no_reason_passes_the_door(large_trust, lacking):
    empty = {"legal_ground": "", "notice_sent_on": clock.today() - timedelta(days=13), "reason_groups": []}
    with within(WORKER):
        Purpose.objects.filter(employer=large_trust.trust).update(**{lacking: empty[lacking]})
    assert take(large_trust, BACK).rows_new == 1
    assert (kept_reasons(large_trust), run_reasons()) == ({}, {})


def test_a_small_employer_hands_over_no_reason(world):
    assert take(world, BACK).rows_new == 1
    assert (kept_reasons(world), run_reasons()) == ({}, {})


def test_the_quarantine_keeps_no_reason_that_may_not_be_kept(large_trust):
    run = take(large_trust, f"{AMARA},A2,31/02/2025,,,S11,", f"{AMARA},A3,31/02/2025,,,S13,")
    assert [row.row["reason"] for row in quarantined(large_trust.as_hr, run)] == ["S11", ""]


def test_a_row_that_came_before_its_person_keeps_its_reason_until_it_is_replayed(large_trust):
    run = take(large_trust, "NEW,A2,2025-03-03,2025-03-07,,S11,", "NEW,A3,2025-03-03,2025-03-07,,S13,")
    named, unnamed = quarantined(large_trust.as_hr, run)
    feed(large_trust.as_hr, large_trust.trust, table(PEOPLE, "NEW,,New,Person,1980-01-01,,1,,2020-01-01,"))
    for row in (named, unnamed):
        actions.replay(by=large_trust.as_hr, row=row, corrections={})
    assert kept_reasons(large_trust) == {"A2": "S11"}


def test_reasons_of_a_run_that_were_lost_in_a_crash_are_made_again(large_trust):
    run = take(large_trust, BACK)
    with within(WORKER), connection.cursor() as cursor:
        cursor.execute("DELETE FROM absence_run_reason")
        assert reasons.refill(run.pk) == 1
    assert run_reasons() == {"A1": "S11"}


@pytest.mark.parametrize(
    "audience", [Audience.EMPLOYER, Audience.PERSON, Audience.CLINICAL, Audience.SERVICE]
)
def test_nobody_but_the_worker_reads_the_reasons_of_a_run(large_trust, audience):
    from django.db import ProgrammingError, transaction

    with (
        within(Scope(audience)),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM absence_run_reason")


def test_by_hand_goes_the_same_way_as_a_file(large_trust):
    world = large_trust
    amara = engagement(world.as_hr, AMARA)
    made = record_spell(by=world.as_hr, engagement=amara, started_on=date(2025, 3, 3), reason="S11")
    assert run_reasons() == {made.reference: "S11"}
    ended = end_spell(by=world.as_hr, spell=made, ended_on=date(2025, 3, 7))
    assert (ended.pk, ended.ended_on) == (made.pk, date(2025, 3, 7))
    assert kept_reasons(world) == {made.reference: "S11"}
    gone = retract_spell(by=world.as_hr, spell=ended)
    assert gone.retracted_at is not None
    assert kept_reasons(world) == {}
    with within(WORKER):
        assert Fact.objects.filter(kind="absence.recorded", employer_id=world.trust.id).count() == 3


def test_by_hand_says_what_to_correct(world):
    amara = engagement(world.as_hr, AMARA)
    with pytest.raises(Invalid, match="last day is before"):
        record_spell(by=world.as_hr, engagement=amara, started_on=date(2025, 3, 3), ended_on=date(2025, 3, 2))
    with pytest.raises(Invalid, match="not a reason group"):
        record_spell(by=world.as_hr, engagement=amara, started_on=date(2025, 3, 3), reason="back")
    with pytest.raises(Invalid, match="before this engagement began"):
        record_spell(by=world.as_hr, engagement=amara, started_on=date(2019, 3, 3))


@pytest.mark.parametrize("who", ["as_ben", "as_amara", "as_nurse"])
def test_only_hr_of_the_employer_records_and_imports(world, who):
    amara, by = engagement(world.as_hr, AMARA), getattr(world, who)
    with pytest.raises(NotAllowed):
        record_spell(by=by, engagement=amara, started_on=date(2025, 3, 3))
    with pytest.raises(NotAllowed):
        feed(by, world.trust, table(ABSENCE, BACK), "absence")
    with pytest.raises(NotAllowed):
        feed(world.actor("hal", "hr"), world.trust, table(ABSENCE, BACK), "absence")


def test_a_manager_sees_who_of_the_team_is_absent_and_nobody_else(world):
    take(world, f"{AMARA},A1,2025-03-03,,,S11,", "RNS-joe,A2,2025-03-03,,,S11,")
    with within(world.as_ben.scope):
        assert [s.reference for s in queries.absent_on(world.as_ben, date(2025, 3, 4))] == ["A1"]
    with within(world.as_hr.scope):
        assert queries.absent_on(world.as_hr, date(2025, 3, 2)).count() == 0
