"""Everything can be taken along: complete, in open files, by a named person, and nothing of anybody else."""

from __future__ import annotations

import csv
import io
import json
import stat
import threading
import zipfile
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import BinaryField

from openoh.cli import main
from openoh.exchange.export.actions import export
from openoh.exchange.export.openers import OPENERS
from openoh.exchange.export.queries import asker
from openoh.exchange.export.tables import tables_for
from openoh.foundation.audit.models import Event, Reading
from openoh.foundation.core import keys
from openoh.foundation.core.actors import Audience
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.documents import actions as documents
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.requests import actions as requests
from tests.pathway.diary import request_of
from tests.stories import open_case, signed

SECRET = "=HYPERLINK: she cannot lift her arm"
CLINICAL = {"consultations.Consultation", "requests.HelpRequest", "risk.RiskFlag", "reports.Report", "cases.Case",
            "questionnaires.AnswerSet", "documents.Document"}  # fmt: skip


def opened(file):
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        rows = {
            table["table"]: list(
                csv.DictReader(io.TextIOWrapper(archive.open(table["file"]), "utf-8", newline=""))
            )
            for table in manifest["tables"]
        }
        files = {name: archive.read(name) for name in archive.namelist() if name.startswith("documents/")}
    return manifest, rows, files


@pytest.fixture
def lived(committed_world):
    """Amara asked for help, was seen, and a file lies in her record; Femi is with the other service."""
    world = committed_world
    requests.send(by=world.as_amara, request_id=request_of(world.as_amara, words=SECRET).pk)
    signed(world, open_case(world))
    requests.send(by=world.as_femi, request_id=request_of(world.as_femi).pk)
    documents.store(
        by=world.as_nurse, person=world.amara.pk, kind="letter", name="letter.txt", media_type="text/plain",
        content=b"Dear colleague",
    )  # fmt: skip
    return world


def test_a_service_takes_everything_of_its_own_along_with_words_opened_and_nothing_of_another(
    lived, tmp_path, capsys
):
    file = tmp_path / "all.zip"
    asked = [
        "export",
        str(file),
        "--provider",
        "OHN",
        "--by",
        "rita@example.org",
        "--reason",
        "We move to another system",
    ]
    assert main(asked) == 0
    assert "is not encrypted" in capsys.readouterr().out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    manifest, rows, files = opened(file)
    assert set(rows) >= CLINICAL
    assert [row["words"] for row in rows["requests.HelpRequest"]] == [f"'{SECRET}"]
    assert list(files.values()) == [b"Dear colleague"]
    assert rows["documents.Document"][0]["name"] == "letter.txt"
    assert rows["documents.Document"][0]["content"] in files
    own = {str(lived.provider.pk)}
    for label, of_table in rows.items():
        assert {row["provider_id"] for row in of_table if row.get("provider_id")} <= own, label
    people = {row["person_id"] for row in rows["cases.Case"]}
    assert people == {str(lived.amara.pk)}
    assert {str(lived.femi.pk)}.isdisjoint(row["id"] for row in rows["people.Person"])
    described = {table["table"]: table for table in manifest["tables"]}
    assert described["requests.HelpRequest"]["rows"] == 1
    assert {"name": "words", "type": "BinaryField", "kind": "sealed"} in described["requests.HelpRequest"][
        "columns"
    ]


def test_an_employer_takes_its_own_data_along_and_not_a_word_of_health(lived, tmp_path):
    file = tmp_path / "hr.zip"
    export(
        by=asker("cara@example.org", employer="RNS"), file=file, reason="A new HR system", told=lambda _: None
    )
    _, rows, files = opened(file)
    assert CLINICAL.isdisjoint(rows)
    assert files == {}
    assert {row["employer_id"] for row in rows["people.Engagement"]} == {str(lived.trust.pk)}
    with within(lived.as_worker.scope):
        assert len(rows["people.Engagement"]) == Engagement.objects.filter(employer=lived.trust).count()
    with zipfile.ZipFile(file) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"cannot lift" not in everything


def test_who_is_in_it_sees_who_asked_and_why_and_the_audit_knows(lived, tmp_path):
    export(
        by=asker("rita@example.org", provider="OHN"),
        file=tmp_path / "a.zip",
        reason="Moving",
        told=lambda _: None,
    )
    with within(lived.as_worker.scope):
        assert Event.objects.get(verb="data.exported").details["reason"] == "Moving"
        reading = Reading.objects.get(page="export")
    assert (reading.actor, reading.reason) == ("Rita Costa", "Moving")
    assert lived.amara.pk in reading.person_ids


def test_nobody_else_may_and_they_are_told_who_may(lived, tmp_path, capsys):
    file = str(tmp_path / "no.zip")
    for place in (["--provider", "OHN"], ["--employer", "RNS"]):
        for who in (
            "nia@example.org",
            "ben@example.org",
            "sam@example.org",
            "uma@example.org",
            "nobody@example.org",
        ):
            assert main(["export", file, *place, "--by", who, "--reason", "Because"]) == 1
            assert "Name somebody who is, with --by." in capsys.readouterr().err
    for actor in (lived.as_nurse, lived.as_service_manager, lived.as_ben, lived.as_amara, lived.as_worker):
        with pytest.raises(NotAllowed):
            export(by=actor, file=tmp_path / "no.zip", reason="Because", told=lambda _: None)
    assert list(tmp_path.glob("no.zip*")) == []


def test_wrong_input_says_what_to_do_and_leaves_nothing(lived, tmp_path, capsys):
    taken = tmp_path / "taken.zip"
    taken.write_text("mine")
    rita = ["--provider", "OHN", "--by", "rita@example.org"]
    for arguments, said in (
        ([str(taken), *rita, "--reason", "x"], "is there already"),
        ([str(tmp_path / "b.zip"), *rita, "--reason", " "], "Say why"),
        (
            [str(tmp_path / "b.zip"), "--provider", "XXX", "--by", "rita@example.org", "--reason", "x"],
            "no service with",
        ),
        (
            [str(tmp_path / "b.zip"), "--employer", "XXX", "--by", "rita@example.org", "--reason", "x"],
            "no employer with",
        ),
        ([str(tmp_path / "none" / "b.zip"), *rita, "--reason", "x"], "cannot be written"),
    ):
        assert main(["export", *arguments]) == 1
        assert said in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["taken.zip"]
    assert taken.read_text() == "mine"


def test_a_record_that_was_disposed_of_says_so_and_stops_nobody(lived, tmp_path):
    with within(lived.as_worker.scope):
        keys.destroy(owner=lived.amara.pk, provider=lived.provider.pk)
    export(
        by=asker("rita@example.org", provider="OHN"),
        file=tmp_path / "a.zip",
        reason="Moving",
        told=lambda _: None,
    )
    _, rows, _ = opened(tmp_path / "a.zip")
    assert rows["requests.HelpRequest"][0]["words"] == "(this record was disposed of)"
    with within(lived.as_worker.scope):
        assert len(rows["consultations.Consultation"]) == Consultation.objects.count()


def test_every_sealed_column_that_can_be_taken_along_can_be_opened():
    for audiences in ((Audience.CLINICAL, Audience.SERVICE), (Audience.EMPLOYER,)):
        for table in tables_for(*audiences):
            for column in table.columns:
                if column.sealed:
                    assert column.field.name in OPENERS.get(table.label, {}), (
                        f"{table.label}.{column.field.name}"
                    )
                else:
                    assert not isinstance(column.field, BinaryField)


def test_accounts_keys_and_whom_staff_declared_as_family_stay():
    taken = {table.label for table in tables_for(Audience.CLINICAL, Audience.SERVICE)}
    assert taken.isdisjoint(
        {"accounts.User", "access.RoleAssignment", "access.DeclaredRelation", "core.DataKey"}
    )


def test_an_export_is_of_one_moment(lived, tmp_path):
    """What is written while it runs is in none of its tables."""
    added = []

    def somebody_registers(table: str) -> None:
        if table == "people.Person":
            added.append(_register_elsewhere(lived))

    export(
        by=asker("rita@example.org", provider="OHN"),
        file=tmp_path / "a.zip",
        reason="Moving",
        told=somebody_registers,
    )
    _, rows, _ = opened(tmp_path / "a.zip")
    assert str(added[0]) not in {row["id"] for row in rows["people.Person"]}


def _register_elsewhere(world) -> UUID:
    """On a connection of its own, as another process would."""
    made: list[UUID] = []

    def register() -> None:
        with within(world.as_worker.scope):
            made.append(
                Person.objects.create(provider=world.provider, given_name="New", family_name="Comer").pk
            )
        connection.close()

    thread = threading.Thread(target=register)
    thread.start()
    thread.join()
    return made[0]
