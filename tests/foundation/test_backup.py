"""Backup and restore, proven: restore, compare, and spoil the file in every way that files are spoilt."""

from __future__ import annotations

import psycopg
import pytest

from openoh.foundation.core import backup, database, launcher
from openoh.foundation.core.keys import seal, unseal
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Person

KEY = bytes.fromhex("11" * 32)


@pytest.fixture
def admin_url(committed_world, cluster, committed_database) -> str:
    return committed_database.replace("oh_login@", f"{launcher.SUPERUSER}@")


@pytest.fixture
def kept(admin_url, cluster, tmp_path):
    path = tmp_path / "all.backup"
    backup.make(admin_url, path, master_key=KEY, pg_dump=cluster.binaries["pg_dump"])
    return path


@pytest.fixture
def empty(cluster):
    name = "restored_by_test"
    database.drop(cluster, name)
    database.create_empty(cluster.url(launcher.SUPERUSER, "postgres"), name)
    yield cluster.url(launcher.SUPERUSER, name)
    database.drop(cluster, name)


def restore(cluster, path, url, key=KEY):
    return backup.restore(path, url, master_key=key, pg_restore=cluster.binaries["pg_restore"])


def test_what_is_restored_is_what_was_backed_up(committed_world, admin_url, kept, empty, cluster):
    found = restore(cluster, kept, empty)
    with psycopg.connect(admin_url) as connection:
        assert found == backup.table_checks(connection)
    assert found["people_person"].rows == len(committed_world.people)


def test_the_wall_is_restored_with_the_rows(kept, empty, cluster):
    restore(cluster, kept, empty)
    with psycopg.connect(empty.replace(f"{launcher.SUPERUSER}@", "oh_login@")) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM people_person")
        connection.rollback()
        connection.execute("SET ROLE oh_clinical")
        assert connection.execute("SELECT count(*) FROM people_person").fetchone() == (0,)


def test_names_cannot_be_read_in_the_file(kept):
    assert b"Okafor" not in kept.read_bytes()


def test_a_file_that_was_cut_short_is_refused(kept, empty, cluster):
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(backup.BackupError, match=r"damaged or was cut short|failed"):
        restore(cluster, kept, empty)


def test_a_file_that_was_altered_is_refused(kept, empty, cluster):
    content = bytearray(kept.read_bytes())
    content[-50] ^= 1
    kept.write_bytes(bytes(content))
    with pytest.raises(backup.BackupError):
        restore(cluster, kept, empty)


def test_another_master_key_is_named(kept, empty, cluster):
    with pytest.raises(backup.BackupError, match="needs the master key"):
        restore(cluster, kept, empty, key=bytes.fromhex("22" * 32))


def test_any_other_file_is_refused_in_words(tmp_path, empty, cluster):
    other = tmp_path / "holiday.jpg"
    other.write_bytes(b"\xff\xd8 not a backup")
    with pytest.raises(backup.BackupError, match="not a backup"):
        restore(cluster, other, empty)


def test_sealed_text_opens_after_a_restore_and_never_in_another_row(committed_world):
    world = committed_world
    with within(world.as_nurse.scope):
        person = Person.objects.get(pk=world.amara.pk)
        sealed = seal("a private word", owner=person.id, provider=world.provider.id, field="cases.note")
        assert (
            unseal(sealed, owner=person.id, provider=world.provider.id, field="cases.note")
            == "a private word"
        )
        with pytest.raises(Exception, match="altered, or it belongs to another record"):
            unseal(sealed, owner=person.id, provider=world.provider.id, field="reports.words")
