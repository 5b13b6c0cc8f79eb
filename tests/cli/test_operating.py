"""`openoh backup, restore, doctor, check audit, export` as somebody types them who has not read the manual: one clear
sentence each, an exit code that a script notices, and nothing lost."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from openoh.cli import main
from openoh.cli.begin import EXAMPLE
from openoh.foundation.audit import sealing
from openoh.foundation.audit.actions import record
from openoh.foundation.core import backup, database, launcher
from openoh.foundation.core.scope import within
from tests.conftest import CHECKOUT

NEW = "restored_by_a_stranger"


@pytest.fixture
def here(committed_world, committed_database, cluster, tmp_path, settings, monkeypatch) -> dict[str, str]:
    """The environment of an installation whose database is the test's own."""
    settings.AUDIT_ANCHORS = tmp_path / "anchors.jsonl"
    database.drop(cluster, NEW)
    monkeypatch.chdir(tmp_path)
    yield {
        "OPENOH_VAR": str(tmp_path / "var"), "OPENOH_HOSTS": "localhost",
        "OPENOH_AUDIT_ANCHORS": str(settings.AUDIT_ANCHORS), "OPENOH_ADMIN_URL": admin_of(committed_database),
    }  # fmt: skip
    database.drop(cluster, NEW)


@pytest.fixture
def openoh(here, monkeypatch, capsys):
    """The command, in this process: a process of its own takes seconds to begin."""

    def run(*arguments: object, **changes: str | None) -> Done:
        capsys.readouterr()
        with monkeypatch.context() as environment:
            for name, value in (here | changes).items():
                environment.delenv(name, raising=False) if value is None else environment.setenv(name, value)
            code, last = 0, ""
            try:
                code = main([str(each) for each in arguments])
            except SystemExit as end:
                code, last = (end.code, "") if isinstance(end.code, int) else (1, f"{end.code}\n")
        said = capsys.readouterr()
        return Done(code, said.out, said.err + last)

    return run


@pytest.fixture
def apart(here, tmp_path):
    """The command in a process of its own."""

    def run(*arguments: object, largest: int | None = None, **changes: str) -> Done:
        def limit() -> None:
            if largest is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

        done = subprocess.run(
            [sys.executable, "-m", "openoh.cli", *map(str, arguments)], cwd=tmp_path, preexec_fn=limit,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)} | here | changes, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@dataclass(frozen=True)
class Done:
    """What a command said, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def admin_of(url: str) -> str:
    return url.replace("oh_login@", f"{launcher.SUPERUSER}@")


def sentence(done: Done) -> str:
    """What was complained about: one line, no traceback, and an exit code that says so."""
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def databases(cluster) -> set[str]:
    with psycopg.connect(cluster.url(launcher.SUPERUSER, "postgres")) as connection:
        names = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
    return {
        name for name in names if not name.startswith(("own_", "test_"))
    }  # those of other tests come and go


@pytest.fixture
def kept(openoh, tmp_path) -> Path:
    path = tmp_path / "all.backup"
    done = openoh("backup", path)
    assert done.returncode == 0, done.stderr
    return path


# --- backup ---------------------------------------------------------------------------------------------------


def test_a_backup_is_restored_on_a_server_that_is_not_our_own(openoh, kept, cluster, tmp_path):
    assert not (tmp_path / "var" / "postgres").exists()
    done = openoh("restore", kept, "--into", NEW)
    assert done.returncode == 0, done.stderr
    assert "agree with the backup" in done.stdout
    assert NEW in databases(cluster)
    assert kept.stat().st_mode & 0o077 == 0


def test_the_services_database_is_backed_up_whatever_the_administrators_address_names(
    openoh, here, cluster, tmp_path
):
    address = cluster.url(launcher.SUPERUSER, "postgres")
    done = openoh("backup", tmp_path / "other.backup", OPENOH_ADMIN_URL=address)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(here["OPENOH_ADMIN_URL"]) as connection:
        tables = backup.table_checks(connection)
    rows = sum(table.rows for table in tables.values())
    assert f"{rows:,} rows of {len(tables)} tables" in done.stdout


def test_a_database_without_tables_is_not_backed_up(cluster, tmp_path):
    path = tmp_path / "empty.backup"
    with pytest.raises(backup.BackupError, match="has no tables"):
        backup.make(
            cluster.url(launcher.SUPERUSER, "template1"), path, master_key=bytes(32),
            pg_dump=cluster.binaries["pg_dump"],
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_what_a_backup_cannot_do_is_said_in_a_sentence(openoh, kept, tmp_path):
    before = kept.read_bytes()
    new = tmp_path / "new.backup"
    for arguments, changes, words in (
        ((new,), {"OPENOH_ADMIN_URL": None}, "needs an administrator's address in OPENOH_ADMIN_URL"),
        (
            (new,),
            {"OPENOH_ADMIN_URL": "postgresql://x@127.0.0.1:9/x"},
            "The administrator's database does not answer",
        ),
        ((new,), {"OPENOH_ADMIN_URL": "nonsense"}, "The administrator's database does not answer"),
        ((kept,), {}, "is there already. Choose another name"),
        ((tmp_path / "no" / "such" / "folder",), {}, "cannot be written: No such file or directory"),
        ((new,), {"OPENOH_MASTER_KEY": "short"}, "must be 64 hexadecimal digits"),
    ):
        assert words in sentence(openoh("backup", *arguments, **changes))
    assert kept.read_bytes() == before
    assert not new.exists()


def test_a_disk_that_is_full_leaves_no_half_backup(apart, tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    said = sentence(apart("backup", place / "all.backup", largest=20_000))
    assert "cannot be written: File too large. Nothing was left behind." in said
    assert list(place.iterdir()) == []


def test_the_administrators_password_is_on_no_command_line(openoh, committed_database, tmp_path):
    """Everybody on the machine can read the command lines of others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    spy = folder / "pg_dump"
    spy.write_text('#!/bin/sh\necho "$@" > "$SPY"; echo "$PGPASSWORD" >> "$SPY"; exit 1\n')
    spy.chmod(0o755)
    program = (
        "from openoh.cli import backup, main; from pathlib import Path; import sys;"
        f"backup.program = lambda name: {str(spy)!r}; sys.exit(main(['backup', sys.argv[1]]))"
    )
    admin = admin_of(committed_database).replace("@", ":a%40secret@", 1)
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "x")], check=False, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "OPENOH_ADMIN_URL": admin, "SPY": str(tmp_path / "spied")},
    )  # fmt: skip
    arguments, password = (tmp_path / "spied").read_text().splitlines()
    assert "secret" not in arguments
    assert password == "a@secret"


# --- restore --------------------------------------------------------------------------------------------------


def altered(kept: Path, change) -> Path:
    """The backup with another manifest."""
    manifest, _, rest = kept.read_bytes().partition(b"\n")
    found = json.loads(manifest)
    change(found)
    path = kept.with_name("altered.backup")
    path.write_bytes(json.dumps(found).encode() + b"\n" + rest)
    return path


def test_what_cannot_be_restored_is_said_in_a_sentence_and_leaves_no_database(
    openoh, kept, cluster, tmp_path
):
    whole, there = kept.read_bytes(), databases(cluster)
    wrong = {}
    for name, content in (
        ("photo", b"\xff\xd8\xff" * 1000), ("empty", b""), ("list", b"[1]\n"), ("deep", b"[" * 100_000),
        ("other", b'{"name": "x"}\n'), ("short", whole[:-100]), ("manifest", whole.partition(b"\n")[0] + b"\n"),
        ("half", whole[: len(whole) // 2]), ("flipped", whole[:-50] + bytes([whole[-50] ^ 1]) + whole[-49:]),
    ):  # fmt: skip
        wrong[name] = tmp_path / name
        wrong[name].write_bytes(content)
    cut = "The backup file is damaged or was cut short. Use another copy."
    ours = "This is not a backup that OpenOH made."
    for file, words in (
        (tmp_path / "nowhere", "cannot be read: No such file or directory."), (tmp_path, "cannot be read"),
        (wrong["photo"], ours), (wrong["empty"], ours), (wrong["list"], ours), (wrong["deep"], ours),
        (wrong["other"], ours), (wrong["short"], cut), (wrong["manifest"], cut), (wrong["half"], cut),
        (wrong["flipped"], cut),
        (altered(kept, lambda found: found.update(format=0)), "is of format 0, and this version reads format 1"),
    ):  # fmt: skip
        assert words in sentence(openoh("restore", file, "--into", NEW)), file
    assert cut in sentence(openoh("restore", altered(kept, lambda found: found.pop("salt")), "--into", NEW))
    other = sentence(openoh("restore", kept, "--into", NEW, OPENOH_MASTER_KEY="0123456789abcdef" * 4))
    assert "This backup needs the master key" in other
    tampered = altered(kept, lambda found: found["tables"].update(people_person=[99, "0"]))
    assert "These tables differ from the backup: people_person" in sentence(
        openoh("restore", tampered, "--into", NEW)
    )
    assert "OPENOH_ADMIN_URL" in sentence(openoh("restore", kept, "--into", NEW, OPENOH_ADMIN_URL=None))
    assert databases(cluster) == there


def test_a_restore_replaces_no_database(openoh, kept, cluster, committed_world, committed_database):
    name = urlsplit(committed_database).path.strip("/")
    assert f"There is a database called {name} already" in sentence(openoh("restore", kept, "--into", name))
    with psycopg.connect(admin_of(committed_database)) as connection:
        (people,) = connection.execute("SELECT count(*) FROM people_person").fetchone()
    assert people == len(committed_world.people)


# --- check audit ----------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(committed_world, committed_database, here):
    """Three events under two seals of an hour ago, and the administrator, whom no policy stops."""
    for number in (2, 1):
        with within(committed_world.as_worker.scope):
            for _ in range(number):
                record(by=committed_world.as_worker, verb="test.done")
        assert sealing.seal_all() == number
    with psycopg.connect(admin_of(committed_database), autocommit=True) as administrator:
        yield administrator


ONE = "(SELECT id FROM audit_event WHERE batch_id = 1 ORDER BY id LIMIT 1)"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (f"UPDATE audit_event SET actor = 'x' WHERE id = {ONE}", "was altered"),
        (f"DELETE FROM audit_event WHERE id = {ONE}", "was deleted or moved"),
        (
            "INSERT INTO audit_event (id, at, actor, role, verb, target, target_id, details, batch_id) "
            "VALUES (gen_random_uuid(), now(), 'x', 'x', 'x', '', '', '{}', 1)",
            "was slipped in",
        ),
        ("DELETE FROM audit_seal WHERE id = 2", "Seal 2 is anchored in"),
    ],
)
def test_a_touched_audit_is_named_and_ends_with_another_code_than_0(openoh, sealed, statement, words):
    assert openoh("check", "audit").returncode == 0
    (identifier,) = sealed.execute(f"SELECT {ONE}").fetchone()
    sealed.execute(statement)
    done = openoh("check", "audit")
    assert done.returncode == 1, done.stdout
    assert words in done.stdout
    if str(identifier) not in done.stdout:
        assert "slipped in" in words or "Seal 2" in words


def test_the_same_in_a_process_of_its_own(apart, sealed):
    assert apart("check", "audit").returncode == 0
    sealed.execute(f"UPDATE audit_event SET actor = 'x' WHERE id = {ONE}")
    done = apart("check", "audit")
    assert (done.returncode, done.stderr) == (1, "")
    assert "was altered" in done.stdout


def an_hour_later(monkeypatch) -> None:
    from datetime import timedelta

    monkeypatch.setattr(sealing, "ANCHORED_WITHIN", timedelta(seconds=-1))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda path: path.unlink(), "is gone, so nobody can say that no seal is missing at the end"),
        (lambda path: path.write_text(""), "is not in"),
        (lambda path: path.write_text(path.read_text().splitlines()[0]), "Seal 2 of"),
        (lambda path: path.write_text(path.read_text() + "garbage\n"), "Line 3 of"),
        (
            lambda path: path.write_text(path.read_text().replace('"seal": 2', '"seal": 3')),
            "Seal 3 is anchored in",
        ),
        (
            lambda path: path.write_text(path.read_text().replace('"chained": "', '"chained": "00')),
            "was edited",
        ),
        (lambda path: path.write_text('{"seal": 1}\n[1]\n5\n'), "Line 1 of"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "Line 1 of"),
    ],
)
def test_an_anchor_file_that_is_gone_or_edited_is_found(sealed, settings, monkeypatch, capsys, edit, words):
    an_hour_later(monkeypatch)
    assert main(["check", "audit"]) == 0
    edit(settings.AUDIT_ANCHORS)
    capsys.readouterr()
    assert main(["check", "audit"]) == 1
    said = capsys.readouterr().out
    assert words in said
    assert str(settings.AUDIT_ANCHORS) in said


def test_a_worker_does_not_cover_up_that_the_anchors_are_gone(
    sealed, committed_world, settings, monkeypatch, caplog
):
    an_hour_later(monkeypatch)
    settings.AUDIT_ANCHORS.unlink()
    with within(committed_world.as_worker.scope):
        record(by=committed_world.as_worker, verb="test.done")
    assert sealing.seal_all() == 1, "sealing goes on"
    assert not settings.AUDIT_ANCHORS.exists()
    assert "is gone: openoh check audit says what to do" in caplog.text
    settings.AUDIT_ANCHORS.touch()
    sealing.seal_all()
    assert sealing.check().findings == []


# --- the others -----------------------------------------------------------------------------------------------

AWAY = "postgresql://oh_login@127.0.0.1:9/openoh"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "audit"),
        ("export", "x.zip", "--provider", "OHN", "--by", "rita@example.org", "--reason", "moving"),
    ],
    ids=" ".join,
)
def test_a_database_that_is_away_is_one_sentence(apart, tmp_path, arguments):
    said = sentence(apart(*arguments, DATABASE_URL=AWAY))
    assert said.startswith("The database does not answer: ")
    assert not (tmp_path / "x.zip").exists()


def test_doctor_says_that_the_database_is_away_and_looks_at_the_rest(apart):
    done = apart("doctor", DATABASE_URL=AWAY)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("WRONG The database does not answer") == 1
    assert "GiB free" in done.stdout


@pytest.fixture
def bare(cluster) -> str:
    """The address of a database that an administrator made a moment ago."""
    database.drop(cluster, NEW)
    database.create_empty(cluster.url(launcher.SUPERUSER, "postgres"), NEW)
    return cluster.url(database.LOGIN, NEW)


@pytest.mark.parametrize(
    "arguments", [("check", "audit"), ("check", "content"), ("begin", "begin.toml")], ids=" ".join
)
def test_a_database_that_was_never_migrated_is_one_sentence(apart, bare, tmp_path, arguments):
    (tmp_path / "begin.toml").write_text(EXAMPLE)
    assert sentence(apart(*arguments, DATABASE_URL=bare)).endswith("run openoh migrate.")


def test_doctor_says_that_the_database_was_never_migrated_and_looks_at_the_rest(apart, bare):
    done = apart("doctor", DATABASE_URL=bare)
    assert (done.returncode, done.stderr) == (1, "")
    assert "run openoh migrate." in done.stdout
    assert "GiB free" in done.stdout


def test_a_migration_whose_owner_cannot_sign_in_is_one_sentence(apart):
    said = sentence(apart("migrate", OPENOH_OWNER_URL=AWAY))
    assert said.startswith("The database does not answer: ")


def test_an_export_with_wrong_words_is_one_sentence_and_no_file(openoh, apart, tmp_path):
    there = tmp_path / "there.zip"
    there.write_text("something else")
    by = ("--by", "rita@example.org", "--reason", "moving")
    for arguments, words in (
        (("x.zip", "--provider", "XXX", *by), "There is no service with the code XXX"),
        (
            ("x.zip", "--provider", "OHN", "--by", "amara@example.org", "--reason", "x"),
            "is not the clinical lead of",
        ),
        (("x.zip", "--employer", "RNS", *by), "is not an HR officer of"),
        (("x.zip", "--provider", "OHN", "--by", "rita@example.org", "--reason", " "), "Say why"),
        ((there, "--provider", "OHN", *by), "is there already"),
        (("no/folder/x.zip", "--provider", "OHN", *by), "cannot be written"),
    ):
        assert words in sentence(openoh("export", *arguments))
    assert there.read_text() == "something else"
    full = apart("export", "x.zip", "--provider", "OHN", *by, largest=2_000)
    assert "cannot be written" in sentence(full)
    assert not list(tmp_path.glob("x.zip*"))
    assert openoh("export", "x.zip", "--provider", "OHN", *by).returncode == 0
