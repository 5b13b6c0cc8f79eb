"""Files as they really come: encodings, delimiters, headers, workbooks, and files made to do harm."""

from __future__ import annotations

import csv
import io
import os
import resource
import zipfile
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openoh.exchange.hr_feed import actions, folder, queries, spool
from openoh.exchange.hr_feed.reading import BadLine, Guarded, Refused, open_sheet
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.core.spreadsheets import neutral
from tests.exchange.feed import PEOPLE, engagement, feed, quarantined, table

DB = pytest.mark.django_db
ZOE = "E1,P1,Zoë,Ó Sé,1980-02-03,zoe@example.org,1,,2020-01-06,"


def cells(content: bytes, **how: object) -> list[list[str]]:
    sheet = open_sheet(io.BytesIO(content), **how)  # type: ignore[arg-type]
    return [sheet.header, *(row.cells for row in sheet.rows if not isinstance(row, BadLine))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_encoding_and_byte_order_mark(encoding, delimiter):
    text = f"given name{delimiter}family name\r\nZoë{delimiter}Ó Sé\r\n\r\n"
    read = cells(text.encode(encoding), headings=frozenset({"given name", "family name"}))
    assert read == [["given name", "family name"], ["Zoë", "Ó Sé"]]


def test_a_file_that_is_not_utf8_is_read_and_the_run_says_so(committed_or_world):
    world = committed_or_world
    run = feed(world.as_hr, world.trust, table(PEOPLE, ZOE).decode().encode("cp1252"))
    assert (run.rows_new, run.notes[0]) == (1, "The file is not UTF-8; it was read as Windows-1252.")
    assert engagement(world.as_hr, "E1").given_name == "Zoë"


@pytest.fixture
def committed_or_world(world):
    return world


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"a\0b\0c\0\n\0", "UTF-16 without its mark"),
        (b"number,given_name\n\x81\xc3\x28", "Line 2 has signs"),
    ],
)
def test_files_that_cannot_be_text_are_refused(content, message):
    with pytest.raises(Refused, match=message):
        open_sheet(io.BytesIO(content))


@DB
@pytest.mark.parametrize(
    ("header", "message"),
    [
        (PEOPLE.replace("family_name", "family_nam"), "no column “Last name”"),
        (PEOPLE.replace("starts_on,", ""), "for: First day"),
        (PEOPLE.replace("fte", "number"), "stands 2 times"),
        ("E1,P1,Ann,Lee,1980-02-03,,1,,2020-01-06,", "Its first line says: E1, P1, Ann"),
    ],
)
def test_a_header_missing_doubled_or_renamed_refuses_the_file_and_says_why(world, header, message):
    run = feed(world.as_hr, world.trust, table(header, ZOE))
    assert (run.state, message in run.refusal, run.rows_new) == ("refused", True, 0)
    assert not spool.path_of(run.pk).exists()


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line_only():
    sheet = open_sheet(io.BytesIO(b'a,b\n1,"x\n2,y\n"3",z\n'))
    rows = list(sheet.rows)
    assert [type(row).__name__ for row in rows] == ["BadLine", "Row", "Row"]
    assert [(row.line, row.cells) for row in rows if not isinstance(row, BadLine)] == [
        (3, ["2", "y"]),
        (4, ["3", "z"]),
    ]
    assert rows[0].line == 2


def test_a_cell_may_span_lines_and_the_line_is_where_it_begins():
    sheet = open_sheet(io.BytesIO(b'a,b\n1,"x\ny"\n2,z\n'))
    assert [(row.line, row.cells) for row in sheet.rows] == [(2, ["1", "x\ny"]), (4, ["2", "z"])]


class Endless(io.RawIOBase):
    """Ten gigabytes of one line."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        self.given += size
        return b"x" * size if self.given < 10 * 2**30 else b""


@DB
def test_ten_gigabytes_of_one_line_are_refused_early_and_cheaply(world):
    endless, before = Endless(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unfinished = set(spool.folder().glob("*.part"))  # of processes that other tests killed
    with pytest.raises(Refused, match="longer than 1,000,000 characters"):
        actions.receive(
            by=world.as_hr,
            employer=world.trust,
            kind="people",
            file=endless,
            file_name="x.csv",
            mapping="openoh-people",
        )
    assert endless.given < 20_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB
    assert set(spool.folder().glob("*.part")) <= unfinished


def test_a_long_line_in_the_middle_is_refused_with_its_number():
    sheet = open_sheet(io.BytesIO(b"a,b\n1,2\n" + b"x" * 1_000_001 + b"\n"))
    with pytest.raises(Refused, match="Line 3 is longer"):
        list(sheet.rows)


def workbook(rows: list[list[object]], more: int = 0) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for _ in range(more):
        book.create_sheet()
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@DB
def test_a_workbook_is_read_with_its_real_dates_and_numbers(world):
    content = workbook(
        [
            ["Employee number", "First name", "Last name", "Date of birth", "FTE", "Start date"],
            [17, "Ann", "Lee", datetime(1980, 2, 3), 0.6, datetime(2020, 1, 6)],
            ["18", "Bob", "Ray", "31/02/1980", 1, datetime(2020, 1, 6)],
        ],
        more=1,
    )
    run = feed(world.as_hr, world.trust, content, name="extract.xlsx")
    assert (run.state, run.rows_new, run.rows_quarantined) == ("done", 1, 1)
    assert "Only the first sheet" in run.notes[0]
    ann = engagement(world.as_hr, "17")
    assert (str(ann.birth_date), float(ann.fte), str(ann.starts_on)) == ("1980-02-03", 0.6, "2020-01-06")
    assert quarantined(world.as_hr, run)[0].line == 3


def bomb(part: str, size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w") as written:
        for _ in range(size // 2**20):
            written.write(b" " * 2**20)
    return file.getvalue()


@pytest.mark.parametrize(
    ("part", "size"), [("xl/worksheets/sheet1.xml", 64 * 2**20), ("xl/sharedStrings.xml", 110 * 2**20)]
)
def test_a_workbook_that_unpacks_to_far_more_is_refused_before_it_is_read(part, size):
    with pytest.raises(Refused, match="far larger than it looks"):
        open_sheet(io.BytesIO(bomb(part, size)))


def test_a_workbook_with_an_xml_bomb_or_damage_is_refused():
    good = workbook([["a"], ["b"]])
    with pytest.raises(Refused, match="damaged"):
        open_sheet(io.BytesIO(good[:200]))
    laughs = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(laughs, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
            new.writestr(name, content)
    with pytest.raises(Refused, match="cannot be opened"):
        open_sheet(laughs)


@DB
def test_formulas_are_neutralised_in_the_report_and_kept_as_they_are_in_the_record(world):
    title = '=HYPERLINK("http://x")'
    header = f"{PEOPLE},title"
    quoted = title.replace('"', '""')
    run = feed(
        world.as_hr, world.trust, table(header, f'{ZOE},"{quoted}"', "=1+1,,A,B,31/02/1980,,1,,2020-01-01,,")
    )
    assert engagement(world.as_hr, "E1").title == title
    with within(world.as_hr.scope):
        text = io.StringIO()
        csv.writer(text).writerows(queries.report_rows(world.as_hr, run))
    shown = list(csv.reader(io.StringIO(text.getvalue())))
    assert shown[-1][:3] == ["3", "birth_date", "31/02/1980"]
    assert not [cell for row in shown for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_every_start_of_a_formula_is_neutralised(cell):
    assert neutral(cell) == f"'{cell}"


@DB
def test_nobody_else_reads_the_report(world):
    run = feed(world.as_hr, world.trust, table(PEOPLE, ZOE))
    with within(world.actor("hal", "hr").scope), pytest.raises(type(run).DoesNotExist):
        list(queries.report_rows(world.actor("hal", "hr"), run))
    with within(world.as_ben.scope):
        assert not queries.runs(world.as_ben).exists()
        assert not queries.quarantine(world.as_ben).exists()


@DB
def test_a_preview_says_what_a_file_would_do_and_does_nothing(world):
    content = io.BytesIO(table(PEOPLE, ZOE, "E2,,Bo,Ek,31/02/1980,,1,,2020-01-01,"))
    found = queries.preview(world.as_hr, content, "openoh-people")
    assert (found.outcome.new, found.outcome.quarantined, found.problems[0].line) == (1, 1, 3)
    with pytest.raises(engagement.__globals__["Engagement"].DoesNotExist):
        engagement(world.as_hr, "E1")
    with pytest.raises(NotAllowed):
        queries.preview(world.as_ben, content, "openoh-people")
    assert "no column" in queries.preview(world.as_hr, io.BytesIO(b"a,b\n1,2\n"), "openoh-people").refusal


@DB
def test_an_employers_own_mapping_has_versions_and_says_what_is_wrong_with_it(world):
    columns = 'number="No"\ngiven_name="G"\nfamily_name="F"\nstarts_on="S"\n'
    text = f'kind = "people"\n[columns]\n{columns}[codes.kind]\nTemp="agency"\n'
    first = actions.save_mapping(by=world.as_hr, employer=world.trust, name="ours", text=text)
    assert actions.save_mapping(by=world.as_hr, employer=world.trust, name="ours", text=text).pk == first.pk
    second = actions.save_mapping(
        by=world.as_hr, employer=world.trust, name="ours", text=text + "Perm='employee'\n"
    )
    assert (first.version, second.version) == (1, 2)
    run = feed(world.as_hr, world.trust, b"No,G,F,S\n9,Ann,Lee,2020-01-01\n", mapping="ours")
    assert (run.rows_new, run.mapping) == (1, "ours/2")
    for wrong, message in (
        ("kind = 3", "must say kind"),
        ("[[", "not TOML"),
        (text + "[constants]\nx='1'", "do not have"),
    ):
        with pytest.raises(Invalid, match=message):
            actions.save_mapping(by=world.as_hr, employer=world.trust, name="ours", text=wrong)
    with pytest.raises(Invalid, match="no mapping"):
        feed(world.as_hr, world.trust, b"x", mapping="theirs")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200_000), st.lists(st.integers(0, 200_000), max_size=5))
def test_a_kept_file_reads_as_it_was_from_anywhere(content, places):
    run = new_id()
    spool.keep(run, Guarded(io.BytesIO(content)))
    with spool.open_kept(run) as kept:
        assert kept.read() == content
        for place in places:
            kept.seek(place)
            assert kept.read(100) == content[place : place + 100]
    sealed = spool.path_of(run).read_bytes()
    assert len(content) < 20 or content not in sealed
    spool.drop(run)


@pytest.mark.parametrize(
    "spoil", [lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), lambda sealed: sealed[: 16 + 65552]]
)
def test_a_kept_file_that_was_altered_or_cut_off_is_noticed(spoil):
    run = new_id()
    spool.keep(run, io.BytesIO(b"a,b\n" * 40_000))
    spool.path_of(run).write_bytes(spoil(spool.path_of(run).read_bytes()))
    with pytest.raises(spool.Lost, match="altered"), spool.open_kept(run) as kept:
        kept.read()
    spool.drop(run)


@DB
def test_received_files_of_no_open_run_are_swept_after_a_while(world):
    stray, fresh = new_id(), new_id()
    for run in (stray, fresh):
        spool.keep(run, io.BytesIO(b"a,b\n"))
    received = actions.receive(
        by=world.as_hr, employer=world.trust, kind="people", file=io.BytesIO(table(PEOPLE, ZOE)), file_name="x.csv",
        mapping="openoh-people",
    )  # fmt: skip
    for run in (stray, received.pk):
        os.utime(spool.path_of(run), (1_700_000_000, 1_700_000_000))
    assert folder.sweep() >= 1
    assert [spool.path_of(run).exists() for run in (stray, fresh, received.pk)] == [False, True, True]
    spool.drop(fresh)
    spool.drop(received.pk)
