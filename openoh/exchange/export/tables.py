"""Which tables and columns an audience may take along, and what the manifest says of each."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import BinaryField, Field, ForeignKey, Model

from openoh.foundation.core.actors import Audience
from openoh.foundation.core.classification import Kind
from openoh.foundation.core.wall import classification_of, classified_models

# Accounts and what they may do here, data keys, whom staff declared as family: of no use elsewhere, or nobody else’s.
NOT_TAKEN_ALONG = frozenset({"sign-in", "confidentiality"})
# Made from other tables, to find names quickly.
DERIVED = frozenset({"people.PersonTrigram"})


@dataclass(frozen=True)
class Column:
    """One column: `name` in the file, `field` in the model, and what the classification says of it."""

    name: str
    field: Field[Any, Any]
    kind: Kind

    @property
    def sealed(self) -> bool:
        return self.kind is Kind.SEALED

    def described(self) -> dict[str, str]:
        related = self.field.related_model if isinstance(self.field, ForeignKey) else None
        said = {"name": self.name, "type": self.field.get_internal_type(), "kind": self.kind.value}
        return said | ({"refers_to": related._meta.label} if isinstance(related, type) else {})


@dataclass(frozen=True)
class Table:
    """One table that `audience` may read, and so may take along."""

    model: type[Model]
    audience: Audience
    columns: tuple[Column, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def file(self) -> str:
        return f"{self.model._meta.db_table}.csv"

    def described(self) -> dict[str, object]:
        classified = classification_of(self.model)
        return {
            "file": self.file, "table": self.label, "what": inspect.getdoc(self.model) or "",
            "purpose": classified.purpose, "retention": classified.retention,
            "columns": [column.described() for column in self.columns],
        }  # fmt: skip


def tables_for(*audiences: Audience) -> Iterator[Table]:
    """The tables that one of these audiences may read, each once, in the order of the house."""
    for model in classified_models():
        classified = classification_of(model)
        reader = next((each for each in audiences if _may_read(each, classified.readers())), None)
        if reader and classified.purpose not in NOT_TAKEN_ALONG and model._meta.label not in DERIVED:
            yield Table(model, reader, tuple(_columns(model, classified.fields())))


def _may_read(audience: Audience, readers: dict[Audience, str]) -> bool:
    return readers.get(audience, "false") != "false"


def _columns(model: type[Model], kinds: dict[str, Kind]) -> Iterator[Column]:
    for field in model._meta.concrete_fields:
        kind = kinds[field.name]
        if isinstance(field, BinaryField) and kind is not Kind.SEALED:
            continue  # a digest: it proves something here, and nothing elsewhere
        name = field.attname.removesuffix("_sealed") if kind is Kind.SEALED else field.attname
        yield Column(name, field, kind)
