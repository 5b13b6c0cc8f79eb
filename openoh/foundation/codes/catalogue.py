"""Look up a code of a catalogue, such as ``words("absence-reason", "S11")``.

A catalogue is one array of tables in one file of `content/`, and is called like that array. A code that the
catalogue does not have is a mistake in the code or in the data and crashes by name; what somebody typed or
chose is checked with `checked`, which answers them instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from openoh.foundation.core.content import Content, ContentError, load
from openoh.foundation.core.errors import Invalid

PACKAGE = __package__ or "openoh.foundation.codes"


@dataclass(frozen=True)
class Code:
    """One code. `words` are plain English for the screen; `label` is the field's own, where it has one.

    `extra` holds what this catalogue says beyond that, e.g. ``requires`` of a fitness outcome.
    """

    code: str
    words: str
    label: str
    group: str
    extra: Mapping[str, object] = field(default_factory=dict)


class UnknownCatalogue(LookupError):
    """The code asks for a catalogue that no content file has."""


class UnknownCode(LookupError):
    """A code that its catalogue does not have."""


def codes(catalogue: str) -> Mapping[str, Code]:
    """Every code of the catalogue, in the order of its file. Raises UnknownCatalogue."""
    return _of(catalogue)[1]


def code(catalogue: str, wanted: str) -> Code:
    """One code. Raises UnknownCode, which names the catalogue, the code and the nearest choices."""
    known = codes(catalogue)
    try:
        return known[wanted]
    except KeyError:
        raise UnknownCode(
            f"{wanted!r} is not a code of {catalogue!r} ({version(catalogue)}); known: {', '.join(known)}"
        ) from None


def words(catalogue: str, wanted: str) -> str:
    """The plain words of one code. Raises UnknownCode."""
    return code(catalogue, wanted).words


def choices(catalogue: str) -> list[tuple[str, str]]:
    """Code and words, for a form."""
    return [(each.code, each.words) for each in codes(catalogue).values()]


def checked(catalogue: str, chosen: Iterable[str], *, field: str) -> list[str]:
    """What somebody chose, without repeats, in the catalogue's order. Raises Invalid for an unknown one."""
    known, wanted = codes(catalogue), set(chosen)
    if unknown := sorted(wanted - set(known)):
        raise Invalid(f"Choose from the list. We do not know {', '.join(unknown)}.", field=field)
    return [each for each in known if each in wanted]


def version(catalogue: str) -> str:
    """The version of the content that the catalogue was read from, e.g. ``"codes/fitness/1"``."""
    return _of(catalogue)[0].rule_version


def _of(catalogue: str) -> tuple[Content, Mapping[str, Code]]:
    found = _catalogues().get(catalogue)
    if found is None:
        raise UnknownCatalogue(
            f"there is no catalogue {catalogue!r}; known: {', '.join(sorted(_catalogues()))}"
        )
    return found


@lru_cache(maxsize=1)
def _catalogues() -> Mapping[str, tuple[Content, Mapping[str, Code]]]:
    names = sorted(
        entry.name.removesuffix(".toml") for entry in files(PACKAGE).joinpath("content").iterdir()
        if entry.name.endswith(".toml")
    )  # fmt: skip
    found: dict[str, tuple[Content, Mapping[str, Code]]] = {}
    for content in (load(PACKAGE, name) for name in names):
        for name, rows in content.data.items():
            if isinstance(rows, list):
                if name in found:
                    raise ContentError(f"catalogue {name!r} is in {found[name][0].key} and in {content.key}")
                found[name] = (content, MappingProxyType(_read(content.key, name, rows)))
    return MappingProxyType(found)


def _read(file: str, name: str, rows: list[dict[str, object]]) -> dict[str, Code]:
    read: dict[str, Code] = {}
    for row in rows:
        rest = dict(row)
        key, text = str(rest.pop("code", "")), str(rest.pop("words", ""))
        if not key or not text or key in read:
            raise ContentError(
                f"{file}: every {name} needs its own code and words; look at {key or text or row!r}"
            )
        read[key] = Code(
            key, text, str(rest.pop("label", text)), str(rest.pop("group", "")), MappingProxyType(rest)
        )
    return read
