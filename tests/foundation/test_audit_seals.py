"""Seals: what was written is closed in batches, and whoever touches it afterwards is found out."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.cli.check import check_audit
from openoh.foundation.audit import anchors, sealing, seals
from openoh.foundation.audit.actions import record, record_reading
from openoh.foundation.audit.models import Event, Seal
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within

identifiers = st.uuids()
leaves = st.lists(
    st.builds(
        seals.Leaf, st.sampled_from([seals.EVENT, seals.READING]), identifiers, st.binary(min_size=32, max_size=32)
    ),
    max_size=40, unique_by=lambda leaf: (leaf.kind, leaf.identifier),
)  # fmt: skip


def digests(*letters: str) -> list[seals.Leaf]:
    return [seals.Leaf(seals.EVENT, UUID(int=n), letter.encode() * 32) for n, letter in enumerate(letters)]


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def test_the_root_of_three_leaves_by_hand():
    a, b, c = (letter * 32 for letter in (b"a", b"b", b"c"))
    assert seals.root(digests("a", "b", "c")) == node(node(a, b), c)
    assert seals.root(digests("a")) == a
    assert seals.root([]) == bytes(32)


@given(leaves, st.randoms())
def test_the_root_does_not_depend_on_the_order_of_reading(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert seals.root(shuffled) == seals.root(found)
    assert sorted(seals.unpack(seals.pack(shuffled))) == sorted(found)


@given(leaves.filter(bool), st.data())
def test_any_change_changes_the_root(found, data):
    at = data.draw(st.integers(0, len(found) - 1))
    old = found[at]
    changed = seals.Leaf(old.kind, old.identifier, sha256(old.digest).digest())
    assert seals.root([*found[:at], changed, *found[at + 1 :]]) != seals.root(found)


def test_a_signature_belongs_to_one_batch():
    signature = seals.sign(b"a" * 32)
    assert seals.is_signed(b"a" * 32, signature)
    assert not seals.is_signed(b"b" * 32, signature)


def test_every_column_counts_and_the_batch_does_not():
    row = {
        "id": new_id(),
        "at": datetime(2026, 6, 15, tzinfo=UTC),
        "verb": "report.released",
        "batch_id": None,
    }
    assert seals.leaf(seals.EVENT, row) == seals.leaf(seals.EVENT, row | {"batch_id": 7})
    assert seals.leaf(seals.EVENT, row) != seals.leaf(seals.EVENT, row | {"verb": "report.drafted"})
    assert seals.leaf(seals.EVENT, row).digest != seals.leaf(seals.READING, row).digest


@pytest.fixture(autouse=True)
def anchors_of_this_test(tmp_path, settings):
    settings.AUDIT_ANCHORS = tmp_path / "audit.jsonl"


def write(world, events=3, readings=2):
    with within(world.as_worker.scope):
        for number in range(events):
            record(by=world.as_worker, verb="test.done", details={"number": number, "half": number / 2})
        for _ in range(readings):
            record_reading(by=world.as_worker, page="/test", people=[world.amara.id])


@pytest.fixture
def sealed(committed_world, cluster):
    """A world with two seals, and the database's administrator, whom no row policy stops."""
    write(committed_world)
    assert sealing.seal_all() == 5
    write(committed_world, events=1, readings=0)
    assert sealing.seal_all() == 1
    from django.conf import settings as django_settings

    name = django_settings.DATABASES["default"]["NAME"]
    with psycopg.connect(cluster.url("oh_admin", name), autocommit=True) as administrator:
        yield administrator


def test_what_is_sealed_and_untouched_passes(sealed, committed_world, capsys):
    write(committed_world, events=2, readings=0)
    report = sealing.check()
    assert (report.seals, report.rows, report.unsealed, report.not_anchored) == (2, 6, 2, 0)
    assert report.findings == []
    assert check_audit() == 0
    assert "2 rows are not sealed yet" in capsys.readouterr().out


ONE_EVENT = "SELECT id FROM audit_event WHERE batch_id = 1 ORDER BY id LIMIT 1"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (f"UPDATE audit_event SET actor = 'Somebody else' WHERE id = ({ONE_EVENT})", "altered"),
        (f"UPDATE audit_event SET details = '{{}}' WHERE id = ({ONE_EVENT})", "altered"),
        (f"DELETE FROM audit_event WHERE id = ({ONE_EVENT})", "deleted or moved"),
        (f"UPDATE audit_event SET batch_id = NULL WHERE id = ({ONE_EVENT})", "deleted or moved"),
        (f"UPDATE audit_event SET batch_id = 99 WHERE id = ({ONE_EVENT})", "does not exist"),
        ("UPDATE audit_reading SET person_ids = '{}'", "reading"),
        (
            "INSERT INTO audit_event (id, at, actor, role, verb, target, target_id, details, batch_id) "
            "VALUES (gen_random_uuid(), now(), 'x', 'x', 'x', '', '', '{}', 1)",
            "slipped in",
        ),
        ("UPDATE audit_seal SET root = sha256('x') WHERE id = 1", "rewritten"),
        ("UPDATE audit_seal SET leaves = substring(leaves FROM 50) WHERE id = 1", "list of rows"),
        ("UPDATE audit_seal SET leaves = substring(leaves FROM 2) WHERE id = 1", "cut"),
        ("UPDATE audit_seal SET signature = sha512('x') WHERE id = 1", "signature"),
        ("DELETE FROM audit_seal WHERE id = 1", "removed"),
        ("DELETE FROM audit_seal WHERE id = 2", "gone from the database"),
        ("UPDATE audit_seal SET sealed_at = sealed_at + interval '1 day' WHERE id = 2", "rewritten"),
    ],
)
def test_whoever_touches_the_audit_is_found_out(sealed, statement, words, capsys):
    assert sealed.execute(statement).rowcount >= 1
    findings = sealing.check().findings
    assert any(words in finding for finding in findings), findings
    assert check_audit() == 1
    assert "WRONG" in capsys.readouterr().out


def test_the_altered_row_is_named(sealed):
    (identifier,) = sealed.execute(ONE_EVENT).fetchone()
    sealed.execute("UPDATE audit_event SET verb = 'nothing.done' WHERE id = %s", [identifier])
    assert sealing.check().findings == [f"Seal 1: the event {identifier} was altered."]


def test_a_forged_chain_without_the_key_is_found_out(sealed):
    """Somebody rewrites a row and all its hashes, but has neither the key nor the anchors."""
    sealed.execute("UPDATE audit_event SET actor = 'Somebody else' WHERE batch_id = 2")
    row = sealed.execute("SELECT sealed_at, previous FROM audit_seal WHERE id = 2").fetchone()
    from openoh.foundation.core.actors import Audience, Scope

    with within(Scope(Audience.WORKER)):
        forged = [seals.leaf(seals.EVENT, values) for values in Event.objects.filter(batch_id=2).values()]
        sealed_at = Seal.objects.get(pk=2).sealed_at
    root = seals.root(forged)
    sealed.execute(
        "UPDATE audit_seal SET leaves = %s, root = %s, chained = %s WHERE id = 2",
        [seals.pack(forged), root, seals.chain(bytes(row[1]), root, sealed_at.isoformat())],
    )
    assert sealing.check().findings == [
        "Seal 2 does not carry this installation's signature.",
        f"Seal 2 is not the one that was anchored in {anchors.path()}.",
    ]


def test_a_sealer_that_was_killed_before_anchoring_is_made_up_for(sealed, committed_world):
    anchors.path().unlink()
    assert sealing.check().not_anchored == 2
    assert sealing.seal_all() == 0
    assert sealing.check().not_anchored == 0
    assert sorted(anchors.read().chained) == [1, 2]


def test_nobody_but_the_worker_can_touch_a_seal(world):
    from django.db import ProgrammingError

    for actor in (world.as_nurse, world.as_service_manager, world.as_hr, world.as_amara):
        with pytest.raises(ProgrammingError, match="permission denied"), within(actor.scope):
            Event.objects.update(actor="Nobody")
