"""What is asked: our own questionnaires from content, published instruments from `openoh.methods`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openoh.foundation.codes.catalogue import choices
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Invalid
from openoh.methods import instruments

PACKAGE = "openoh.pathway.questionnaires"
OWN = ("needs-assessment", "msk-self-triage")


@dataclass(frozen=True)
class Option:
    """An answer to choose. `code` is what is kept: a word, or the number of a published instrument."""

    code: str | int
    words: str


@dataclass(frozen=True)
class Item:
    """One question. `kind` is ``one`` or ``many`` of the options, or ``text``; `flag` is raised by ``yes``."""

    id: str
    text: str
    kind: str = "one"
    hint: str = ""
    options: tuple[Option, ...] = ()
    optional: bool = False
    flag: str = ""


@dataclass(frozen=True)
class Condition:
    """Holds when `item` was answered with one of `answers`."""

    item: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Ending:
    """What a questionnaire of our own ends in, when one of `any_of` holds; always, when there is none."""

    band: str
    words: str
    any_of: tuple[Condition, ...]


@dataclass(frozen=True)
class Follow:
    """Which instrument is asked next, and which of its items (keys) take an earlier item's answer (values)."""

    then: str
    carry: Mapping[str, str]


@dataclass(frozen=True)
class Definition:
    """One version of one questionnaire. `scored` says that `openoh.methods` has its scoring."""

    code: str
    version: str
    rule_version: str
    title: str
    intro: str
    items: tuple[Item, ...]
    scored: bool = False
    endings: tuple[Ending, ...] = ()

    def item(self, item_id: str) -> Item:
        """The question called `item_id`; raises Invalid."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise Invalid(f"This questionnaire has no question “{item_id}”.", field=item_id)


def definition(code: str, version: str | None = None) -> Definition:
    """The questionnaire `code`, in the version named or else the newest; raises Invalid."""
    return _own(code) if code in OWN else _published(code, version)


def follow_up(code: str, band: str) -> Follow | None:
    """What is asked after the questionnaire `code` ended in `band`, by content/branching.toml."""
    rows: Any = load(PACKAGE, "branching")["follow"]
    for row in rows:
        if row["after"] == code and row["band"] == band:
            return Follow(row["then"], dict(row["carry"]))
    return None


@lru_cache(maxsize=8)
def _own(code: str) -> Definition:
    content = load(PACKAGE, code)
    data: dict[str, Any] = content.data
    return Definition(
        code=code,
        version=content.version,
        rule_version=content.rule_version,
        title=data["title"],
        intro=data["intro"],
        items=tuple(_item(row) for row in data["items"]),
        endings=tuple(
            Ending(row["band"], row["words"], _conditions(row["any_of"])) for row in data.get("endings", ())
        ),
    )


def _item(row: Mapping[str, Any]) -> Item:
    values = {name: value for name, value in row.items() if name not in ("options", "options_from")}
    if "options_from" in row:
        return Item(**values, options=tuple(Option(*choice) for choice in choices(row["options_from"])))
    return Item(**values, options=tuple(Option(**option) for option in row.get("options", ())))


def _conditions(rows: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(Condition(row["item"], tuple(row["answers"])) for row in rows)


@lru_cache(maxsize=64)
def _published(code: str, version: str | None) -> Definition:
    try:
        instrument = instruments.instrument(code, version=version)
    except ValueError:
        raise Invalid(f"There is no questionnaire called “{code}”.", field="instrument") from None
    if not instrument.licence.text_included:
        raise Invalid(
            f"The questions of {code} may not be shown from here: {instrument.licence.terms}",
            field="instrument",
        )
    return Definition(
        code=code,
        version=instrument.version,
        rule_version=instrument.rule_version,
        title=instrument.name,
        intro=instrument.stem or "",
        # People may leave out any question of a published instrument; its scoring says what that means.
        items=tuple(
            Item(
                id=str(item.number),
                text=item.text or f"Question {item.number}",
                options=tuple(
                    Option(option.value, option.label or str(option.value)) for option in item.options
                ),
                optional=True,
            )
            for item in instrument.items
            if item.text or item.scored  # a question outside the score whose text we do not have asks nothing
        ),
        scored=True,
    )
