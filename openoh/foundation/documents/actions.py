"""Keep a file, sealed. Files are never changed."""

from __future__ import annotations

from hashlib import sha256
from typing import cast
from uuid import UUID

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.audit.actions import action
from openoh.foundation.codes import catalogue
from openoh.foundation.core import facts, keys
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.documents import rules
from openoh.foundation.documents.access import may_store
from openoh.foundation.documents.models import Document
from openoh.foundation.documents.queries import CONTENT, NAME
from openoh.foundation.people.models import Person

PACKAGE = __package__ or "openoh.foundation.documents"


@action("document.stored")
def store(
    *, by: Actor, person: UUID, kind: str, name: str, media_type: str, content: bytes,
    case_id: UUID | None = None, share_with_person: bool = False,
) -> Document:  # fmt: skip
    """Keep a file in somebody's record. What the person adds themselves is always shared with them.

    `media_type` is what the browser says; the bytes decide, and a file that lies is refused. Raises Invalid.
    """
    if not may_store(by):
        raise NotAllowed("You cannot add files to this record.")
    catalogue.checked("document-kind", [kind], field="kind")
    limits = load(PACKAGE, "limits")
    allowed = rules.Limits(
        cast(int, limits["largest_bytes"]),
        cast(int, limits["unpacked_bytes"]),
        cast(int, limits["most_parts"]),
    )
    if refused := rules.problem(name=name, declared=media_type, content=content, limits=allowed):
        raise Invalid(refused, field="file")
    owner = Person.objects.filter(outside_own_circle(by, "id")).get(pk=person)
    own = by.audience is Audience.PERSON
    sealed = keys.seal_bytes(content, owner=owner.id, provider=owner.provider_id, field=CONTENT)
    stored = Document.objects.create(
        person=owner, provider_id=owner.provider_id, case_id=case_id, kind=kind, media_type=media_type,
        name_sealed=keys.seal(
            rules.safe_name(name, cast(int, limits["longest_name"])),
            owner=owner.id, provider=owner.provider_id, field=NAME,
        ),
        content_sealed=sealed, digest=sha256(sealed).hexdigest(), size=len(content), added_by=by.name,
        shared_with_person=own or share_with_person,
    )  # fmt: skip
    facts.append(
        "document.stored", stored.id, provider=owner.provider_id, person=owner.id, data={"kind": kind}
    )
    return stored
