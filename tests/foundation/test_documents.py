"""Files: sealed, what their bytes say they are, and only ever a download."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from django.db import ProgrammingError
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.access.actions import declare_relation
from openoh.foundation.core.errors import Invalid
from openoh.foundation.core.keys import Unreadable
from openoh.foundation.core.scope import within
from openoh.foundation.documents import rules
from openoh.foundation.documents.actions import store
from openoh.foundation.documents.models import Document
from openoh.foundation.documents.queries import open_document

LIMITS = rules.Limits(largest=10_000_000, unpacked=50_000_000, parts=2_000)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20 + rules.PNG_END
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 20 + b"\xff\xd9"


def packed(*names: str, size: int = 10) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"0" * size)
    return buffer.getvalue()


DOCX = packed("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PDF, rules.PDF), (PNG, rules.PNG), (JPEG, rules.JPEG), (DOCX, rules.DOCX),
        ("Grüße\nline\ttab".encode(), rules.TEXT), (b"\xef\xbb\xbfwith mark", rules.TEXT),
        (b"MZ\x90\x00\x03", None), (b"<html><script>alert(1)</script>", None), (b"  <svg onload=x>", None),
        (packed("hello.txt"), None), (PNG + b"PK\x03\x04", None), (PDF[:20], None), (b"\xff\xfeh\x00i\x00", None),
        (packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (packed("[Content_Types].xml", "word/document.xml", size=30_000_000), None),
        (b"PK\x03\x04broken", None), (b"text with a null\x00", None),
    ],
)  # fmt: skip
def test_the_bytes_decide_what_a_file_is(content, expected):
    assert rules.media_type_of(content, LIMITS) == expected


@pytest.mark.parametrize(
    ("name", "declared", "content", "words"),
    [
        ("note.pdf", rules.PDF, b"", "empty"),
        ("note.pdf", rules.PDF, JPEG, "not what its name says"),
        ("note.jpg", rules.PDF, PDF, "not what its name says"),
        ("note.pdf", rules.PNG, PDF, "not what its name says"),
        ("note.pdf.exe", rules.PDF, PDF, "not what its name says"),
        ("note.exe", "application/octet-stream", b"MZ\x90\x00", "We take PDF"),
        ("note.txt", rules.TEXT, b"a" * 10_000_001, "larger than 10 MB"),
    ],
)
def test_a_file_that_lies_is_refused_with_what_to_do(name, declared, content, words):
    assert words in (rules.problem(name=name, declared=declared, content=content, limits=LIMITS) or "")


@given(st.text(max_size=300))
def test_a_name_never_leaves_its_folder_nor_breaks_a_header(name):
    safe = rules.safe_name(name, 120)
    assert len(safe) <= 120
    assert not set(safe) & set('/\\"\r\n\0')


@given(st.binary(max_size=400))
def test_any_bytes_are_answered(content):
    assert rules.media_type_of(content, LIMITS) in {None, *rules.ENDINGS}


def keep(world, by, **changes) -> Document:
    values = {
        "person": world.amara.id, "kind": "fit-note", "name": "../fit note.pdf", "media_type": rules.PDF,
        "content": PDF,
    }  # fmt: skip
    return store(by=by, **(values | changes))


def opened(actor, document):
    with within(actor.scope):
        return open_document(actor, document.id)


pytestmark = pytest.mark.django_db


def test_a_file_is_sealed_and_opens_for_the_clinician_as_a_download_only(world):
    stored = keep(world, world.as_nurse)
    assert PDF not in bytes(stored.content_sealed)
    got = opened(world.as_nurse, stored)
    assert (got.name, got.content, got.person) == ("fit note.pdf", PDF, world.amara.id)
    assert got.headers["Content-Disposition"] == "attachment; filename*=UTF-8''fit%20note.pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]


def test_the_person_opens_their_own_and_what_was_shared_only(world):
    own, shared = keep(world, world.as_amara), keep(world, world.as_nurse, share_with_person=True)
    kept_back = keep(world, world.as_nurse)
    assert opened(world.as_amara, own).content == opened(world.as_amara, shared).content == PDF
    with pytest.raises(Document.DoesNotExist):
        opened(world.as_amara, kept_back)


def test_nobody_else_opens_it(world):
    stored = keep(world, world.as_nurse)
    with pytest.raises(Document.DoesNotExist):
        opened(world.as_other_nurse, stored)
    manager = world.as_ben
    with pytest.raises(ProgrammingError, match="permission denied"), within(manager.scope):
        list(Document.objects.all())
    with pytest.raises(Document.DoesNotExist):
        opened(world.as_ben, stored)


def test_a_clinician_neither_opens_nor_adds_to_the_record_of_a_friend(world):
    stored = keep(world, world.as_physiotherapist)
    declare_relation(by=world.as_nurse, person=world.amara.id)
    with pytest.raises(Document.DoesNotExist):
        opened(world.as_nurse, stored)
    with pytest.raises(type(world.amara).DoesNotExist):
        keep(world, world.as_nurse)


def test_an_altered_file_is_not_shown(world):
    stored = keep(world, world.as_nurse)
    with within(world.as_worker.scope):
        Document.objects.filter(pk=stored.pk).update(content_sealed=bytes(stored.content_sealed)[:-1] + b"x")
    with pytest.raises(Unreadable, match="altered"):
        opened(world.as_nurse, stored)


def test_a_lying_attachment_is_refused_and_nothing_is_kept(world):
    with pytest.raises(Invalid, match="not what its name says"):
        keep(world, world.as_amara, content=JPEG)
    with within(world.as_worker.scope):
        assert not Document.objects.exists()
