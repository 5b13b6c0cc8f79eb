"""What a campaign may say, and whether it is shown on a day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast
from urllib.parse import urlsplit

from openoh.foundation.core.content import Content, load
from openoh.foundation.core.errors import Invalid

HELP = "/me/help"


@dataclass(frozen=True)
class Wording:
    """What HR writes. `link` is a public address, the page where people ask for help (`HELP`), or nothing."""

    title: str
    words: str
    audience: str
    link: str
    starts_on: date
    ends_on: date


def content() -> Content:
    """Lengths, versioned."""
    return load("openoh.population.campaigns", "limits")


def checked(wording: Wording) -> Wording:
    """The wording without spaces around it. Raises Invalid, with the field, for the first thing that is wrong."""
    clean = Wording(
        wording.title.strip(), wording.words.strip(), wording.audience.strip(), wording.link.strip(),
        wording.starts_on, wording.ends_on,
    )  # fmt: skip
    for name in ("title", "words", "audience"):
        longest = cast(int, content()[f"longest_{name}"])
        said = str(getattr(clean, name))
        if not said and name != "audience":
            raise Invalid("Fill this in.", field=name)
        if len(said) > longest:
            raise Invalid(f"Use at most {longest} letters.", field=name)
    if clean.link and clean.link != HELP and not _is_public(clean.link):
        raise Invalid("Give a whole address that begins with https://", field="link")
    if clean.ends_on < clean.starts_on:
        raise Invalid("The last day must not lie before the first.", field="ends_on")
    if (clean.ends_on - clean.starts_on).days >= cast(int, content()["longest_days"]):
        raise Invalid(f"A campaign runs for at most {content()['longest_days']} days.", field="ends_on")
    return clean


def is_shown(state: str, starts_on: date, ends_on: date, today: date) -> bool:
    """Whether people see it on this day."""
    return state == "running" and starts_on <= today <= ends_on


def _is_public(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    plain = link.isascii() and not any(sign.isspace() or sign in "<>\"'" for sign in link)
    return plain and parts.scheme == "https" and "." in (parts.hostname or "") and not parts.username
