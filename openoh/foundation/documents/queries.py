"""Open a file. It always leaves as a download, never to be shown inside one of our pages."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote
from uuid import UUID

from openoh.foundation.core import keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.keys import Unreadable
from openoh.foundation.documents.access import visible_to

NAME, CONTENT = "documents.name", "documents.content"


@dataclass(frozen=True)
class OpenedDocument:
    """A file in the clear, for one response. `person` is whose record was read."""

    person: UUID
    name: str
    media_type: str
    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The response's headers. Never inline: a file can be hostile to its reader."""
        return {
            "Content-Type": self.media_type,
            "Content-Length": str(len(self.content)),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(self.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        }


def open_document(actor: Actor, document: UUID) -> OpenedDocument:
    """The file, decrypted. Raises DoesNotExist for what the actor may not see, Unreadable if altered."""
    found = visible_to(actor).get(pk=document)
    sealed = bytes(found.content_sealed)
    if sha256(sealed).hexdigest() != found.digest:
        raise Unreadable("This file was altered after it was stored, so it is not shown. Tell your lead.")
    owner, provider = found.person_id, found.provider_id
    return OpenedDocument(
        person=owner,
        name=keys.unseal(found.name_sealed, owner=owner, provider=provider, field=NAME),
        media_type=found.media_type,
        content=keys.unseal_bytes(sealed, owner=owner, provider=provider, field=CONTENT),
    )
