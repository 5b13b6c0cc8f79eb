"""The real absence file, the ready mappings, the command line, the watched folder, and a proposed mapping."""

from __future__ import annotations

import io
import time
from collections import Counter
from decimal import Decimal

import pytest

from openoh.cli import main
from openoh.exchange.hr_feed import folder as watched
from openoh.exchange.hr_feed.mapping import read, shipped, shipped_names
from openoh.exchange.hr_feed.models import ImportRun
from openoh.exchange.hr_feed.proposal import propose_mapping
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.population.absence import queries
from openoh.population.absence.models import Spell
from tests.exchange.feed import PEOPLE, engagement, feed, quarantined, table
from tests.outside_data import outside_data

UCI = outside_data("absence-surveys", "uci_absenteeism_at_work.csv")
WORKER = Scope(Audience.WORKER)
DB = pytest.mark.django_db


@DB
def test_the_real_file_of_740_spells_with_its_totals(world):
    content = UCI.read_bytes()
    people = feed(world.as_hr, world.trust, content, mapping="uci-absenteeism-people")
    run = feed(world.as_hr, world.trust, content, "absence", mapping="uci-absenteeism")
    assert (people.rows_read, people.rows_new, people.rows_quarantined) == (740, 36, 0)
    assert (run.rows_read, run.rows_new, run.rows_quarantined) == (740, 740, 0)
    with within(world.as_hr.scope):
        assert queries.total(world.as_hr) == queries.Total(740, Decimal(5124))
        fourteen = engagement(world.as_hr, "14").id
        assert queries.total(world.as_hr, engagement=fourteen) == queries.Total(29, Decimal(476))
        assert queries.spells(world.as_hr).filter(hours=0).count() == 44
        assert queries.spells(world.as_hr).values("engagement").distinct().count() == 36


@DB
def test_the_dates_of_the_real_file_follow_from_the_stated_assumptions(world):
    feed(world.as_hr, world.trust, UCI.read_bytes(), mapping="uci-absenteeism-people")
    feed(world.as_hr, world.trust, UCI.read_bytes(), "absence", mapping="uci-absenteeism")
    rows = [line.split(";") for line in UCI.read_text().splitlines()[1:]]
    with within(WORKER):
        spells = {spell.reference: spell for spell in Spell.objects.all()}
    for line, row in enumerate(rows, start=2):
        started = spells[f"line-{line}"].started_on
        assert started.isoweekday() + 1 == int(row[3])
        assert started.month == (int(row[2]) or 7)
        assert started.day <= 7
    years = Counter(spell.started_on.year for spell in spells.values())
    assert sorted(years) == [2007, 2008, 2009, 2010]
    # Line 2: 4 hours on a Tuesday in July 2007; the longest are 120 hours, fifteen working days: 19 to 21 days in all.
    first = spells["line-2"]
    assert (str(first.started_on), str(first.ended_on)) == ("2007-07-03", "2007-07-03")
    longest = [spell for spell in spells.values() if spell.hours == 120]
    assert {(spell.ended_on - spell.started_on).days + 1 for spell in longest} <= {19, 21}
    assert len(longest) == 3


@pytest.mark.parametrize("name", shipped_names())
def test_every_ready_mapping_states_where_it_comes_from_and_can_be_read(name):
    mapping = shipped(name)
    assert mapping.kind in ("people", "absence")
    for stated in ("version", "valid_from", "source", "status"):
        assert f"\n{stated} = " in f"\n{mapping.text}"


ESR_PEOPLE = (
    "Employee Number,Assignment Number,Last Name,First Name,Date Of Birth,Email Address,Assignment Category,"
    "Staff Group,Pay Grade,FTE,Organisation,Organisation Code,Supervisor Assignment Number,Assignment Start Date,"
    "Assignment End Date"
)
ESR_ABSENCE = (
    "Assignment Number,Absence ID,Absence Category,Absence Reason,Absence Start Date,Absence End Date,Hours Lost,"
    "Work Related"
)


@DB
def test_an_esr_like_extract(world):
    run = feed(
        world.as_hr,
        world.trust,
        table(
            ESR_PEOPLE,
            "100,100-1,Lee,Ann,03-FEB-1980,a@example.org,Permanent,Healthcare Scientists,6,0.8,Lab,L1,,06/01/2020,",
            "100,100-2,Lee,Ann,03-FEB-1980,a@example.org,Bank,Healthcare Scientists,6,,Lab,L1,100-1,06/01/2021,",
            "101,101,Ray,Bob,03-FEB-1981,b@example.org,Wizard,,,1,Lab,L1,,06/01/2020,",
        ),
        mapping="esr-people",
    )
    assert (run.rows_new, run.rows_quarantined) == (2, 1)
    assert (quarantined(world.as_hr, run)[0].column, quarantined(world.as_hr, run)[0].value) == (
        "Assignment Category",
        "Wizard",
    )
    bank = engagement(world.as_hr, "100-2")
    assert (bank.kind, bank.person_id) == ("bank", engagement(world.as_hr, "100-1").person_id)
    absences = feed(
        world.as_hr,
        world.trust,
        table(
            ESR_ABSENCE,
            "100-1,1,Sickness,S11 Back Problems,03/03/2025,,,N",
            "100-1,2,Annual Leave,,03/04/2025,04/04/2025,,N",
            "100-1,3,Sickness,S10 Anxiety/stress/depression/other psychiatric illnesses,03-May-2025,05-May-2025,15,Y",
        ),
        "absence",
        mapping="esr-absence",
    )
    assert (absences.rows_read, absences.rows_new, absences.rows_quarantined) == (3, 2, 0)
    assert absences.notes == [
        "1 rows were left out: their “Absence Category” is not one that the mapping takes."
    ]


@DB
def test_a_police_extract(world):
    hal = world.actor("hal", "hr")
    people = feed(
        hal,
        world.police,
        table(
            "Collar Number,Forenames,Surname,Date of Birth,Rank,Employee Type,Unit Code,Unit,Date Joined,Suspended",
            "4021,Kim,Osei,01/02/1990,Sergeant,Police Officer,R1,Response,01/09/2015,No",
            "S77,Lou,Adair,01/02/1991,,Police Staff,C1,Control,01/09/2016,Yes",
        ),
        mapping="police-people",
    )
    assert people.rows_new == 2
    assert [engagement(hal, number).kind for number in ("4021", "S77")] == ["police-officer", "police-staff"]
    assert engagement(hal, "S77").suspended
    absences = feed(
        hal,
        world.police,
        table(
            "Collar Number,Sickness ID,Sickness Category,Sick From,Sick To,Hours Lost,Injury on Duty",
            "4021,9,Musculoskeletal,01/03/2025,05/03/2025,40,Yes",
        ),
        "absence",
        mapping="police-absence",
    )
    assert absences.rows_new == 1


@DB
def test_a_mapping_is_proposed_for_a_file_that_nobody_has_mapped(world):
    content = table(
        "Staff No;Fore name;Surname;D.O.B.;Start Date;Favourite colour", "7;Ann;Lee;03/02/1980;06/01/2020;red"
    )
    proposal = propose_mapping(io.BytesIO(content))
    assert (proposal.kind, proposal.lacking) == ("people", ("Number of the engagement",))
    assert {guess.heading: guess.field for guess in proposal.guesses} == {
        "Staff No": "",
        "Fore name": "given_name",
        "Surname": "family_name",
        "D.O.B.": "birth_date",
        "Start Date": "starts_on",
        "Favourite colour": "",
    }
    text = proposal.text.replace("[columns]", '[columns]\nnumber = "Staff No"')
    assert read("proposed", text).date_formats[0] == "%d/%m/%Y"
    assert (
        propose_mapping(io.BytesIO(table(ESR_ABSENCE, "1,1,Sickness,S11,03/03/2025,,,N"))).ready
        == "esr-absence"
    )


@pytest.fixture
def on_the_command_line(world, capsys):
    def call(*arguments: str) -> tuple[int, str]:
        code = main(["import", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


@DB
def test_the_command_line_imports_dry_runs_and_asks(world, on_the_command_line, tmp_path):
    code, said = on_the_command_line(
        "absence", str(UCI), "--employer", "RNS", "--mapping", "uci-absenteeism", "--dry-run"
    )
    assert (code, "The file has no year" in said, "Nothing was changed" in said) == (0, True, True)
    code, said = on_the_command_line("absence", str(UCI), "--employer", "RNS", "--mapping", "uci-absenteeism")
    assert (code, "740 rows read: 740 new" in said) == (0, True)
    few = tmp_path / "few.csv"
    few.write_bytes(table(PEOPLE, "E1,,Ann,Lee,1980-02-03,,1,,2020-01-06,"))
    code, said = on_the_command_line("people", str(few), "--employer", "RNS", "--full")
    assert (code, "would end the engagements of 41 of 41" in said) == (2, True)
    code, said = on_the_command_line("people", str(few), "--employer", "RNS", "--full", "--yes")
    assert (code, "41 ended" in said) == (0, True)


@DB
def test_the_command_line_says_what_is_wrong(world, on_the_command_line, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    own = tmp_path / "own.toml"
    own.write_text(
        'kind="people"\n[columns]\nnumber="a"\ngiven_name="b"\nfamily_name="b"\n[constants]\nstarts_on="2020-01-01"\n'
    )
    for arguments, message in (
        (("people", str(tmp_path / "none.csv"), "--employer", "RNS"), "There is no file"),
        (
            ("people", str(bad), "--employer", "XXX"),
            "no employer with the code XXX. There are: GML, PNS, RNS",
        ),
        (("people", str(bad), "--employer", "RNS"), "no column"),
        (("people", str(bad), "--employer", "RNS", "--mapping", "zzz"), "no mapping “zzz”"),
        (("absence", str(bad), "--employer", "RNS", "--mapping", str(own)), "is for people, not for absence"),
    ):
        code, said = on_the_command_line(*arguments)
        assert (code, message in said) == (1, True), said
    assert on_the_command_line("people", str(bad), "--employer", "RNS", "--mapping", str(own))[0] == 0


@DB
def test_a_watched_folder_is_emptied_in_order_and_what_cannot_be_taken_waits_with_its_reason(
    world, tmp_path, monkeypatch
):
    monkeypatch.setattr(watched, "whole", lambda name: 1)

    def drop(name: str, content: bytes) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    drop("RNS/people/openoh-people/1.csv", table(PEOPLE, "E1,,Ann,Lee,1980-02-03,,1,,2020-01-06,"))
    drop("RNS/people/openoh-people/2.csv", b"nonsense\n")
    drop("RNS/people/openoh-people/4.csv.part", b"x")
    drop("RNS/people/nobodys-mapping/5.csv", b"x")
    drop("RNS/absence/openoh-absence/6.csv", b"number,started_on\nE1,2025-03-03\n")
    time.sleep(1.1)
    drop("RNS/people/openoh-people/3.csv", table(PEOPLE, "E2,,Bo,Ek,1980-02-03,,1,,2020-01-06,"))
    runs = watched.collect(tmp_path)
    assert [(run.file_name, run.state, run.source) for run in runs] == [
        ("6.csv", "done", "folder"),
        ("1.csv", "done", "folder"),
        ("2.csv", "refused", "folder"),
    ]
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert [name for name in left if name.startswith("RNS")] == [
        "RNS/people/openoh-people/3.csv",
        "RNS/people/openoh-people/4.csv.part",
    ]
    assert [name.split("/")[0] for name in left if not name.startswith("RNS")] == ["taken"] * 2 + [
        "waiting-for-you"
    ] * 3
    assert watched.collect(tmp_path) == []
    with within(WORKER):
        assert ImportRun.objects.count() == 3
