"""From a questionnaire's questions to fields on a page, and from what was sent back to answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from openoh.pathway.questionnaires.definitions import Item
from openoh.pathway.questionnaires.rules import Answer

# What to do about a question that was left out; the others get `LEFT_OUT`.
LEFT_OUT = "Choose an answer"
SENTENCES = {
    "safe-now": "Say whether you are safe right now",
    "needs": "Choose what it is about. If nothing fits, choose “Something else”",
    "effects": "Choose how it affects your work",
    "reach-by": "Choose how we may reach you",
}


@dataclass(frozen=True)
class Choice:
    """One answer to choose."""

    value: str
    text: str
    checked: bool


@dataclass(frozen=True)
class Field:
    """One question as a page draws it. `kind` is ``one``, ``many``, ``text`` or ``line``."""

    name: str
    kind: str
    text: str
    hint: str = ""
    choices: Sequence[Choice] = ()
    value: str = ""
    error: str = ""


def name_of(item: Item) -> str:
    """The name of an item's field. Published instruments number their questions; a name begins with a letter."""
    return f"question-{item.id}" if item.id.isdigit() else item.id


def field_of(item: Item, answer: Answer, errors: Mapping[str, str]) -> Field:
    """The field of one question, with what was answered and what is wrong with it."""
    given = [str(each) for each in answer] if isinstance(answer, list) else [str(answer)]
    if answer is None:
        given = []
    return Field(
        name=name_of(item),
        kind=item.kind,
        text=item.text + (" (optional)" if item.optional and item.kind != "one" else ""),
        hint=item.hint or ("Choose all that fit." if item.kind == "many" else ""),
        choices=[Choice(str(each.code), each.words, str(each.code) in given) for each in item.options],
        value="".join(given) if item.kind == "text" else "",
        error=errors.get(name_of(item), ""),
    )


def read(items: Iterable[Item], sent: QueryDict) -> dict[str, Answer]:
    """What was sent, by item. Numbers of published instruments become numbers; None is no answer."""
    return {item.id: _answer(item, sent) for item in items}


def _answer(item: Item, sent: QueryDict) -> Answer:
    name = name_of(item)
    if item.kind == "many":
        return sent.getlist(name)
    text = sent.get(name, "")
    if item.kind == "text":
        return text.strip() or None
    return next((each.code for each in item.options if str(each.code) == text), text or None)


def left_out(items: Iterable[Item], answers: Mapping[str, Answer]) -> dict[str, str]:
    """A sentence for each question that has to be answered and was not."""
    return {
        name_of(item): SENTENCES.get(item.id, LEFT_OUT)
        for item in items
        if not item.optional and answers.get(item.id) in (None, "", [])
    }


def choose(
    name: str, text: str, options: Iterable[tuple[str, str]], *, given: Iterable[str] = (), kind: str = "one",
    hint: str = "", errors: Mapping[str, str] | None = None,
) -> Field:  # fmt: skip
    """A field that no questionnaire has: codes with their words."""
    chosen = set(given)
    return Field(
        name=name, kind=kind, text=text, hint=hint, error=(errors or {}).get(name, ""),
        choices=[Choice(code, words, code in chosen) for code, words in options],
    )  # fmt: skip


def write(
    name: str, text: str, *, value: str = "", kind: str = "text", hint: str = "",
    errors: Mapping[str, str] | None = None,
) -> Field:  # fmt: skip
    """A field to write in: ``text`` is several lines, ``line`` one."""
    return Field(name=name, kind=kind, text=text, hint=hint, value=value, error=(errors or {}).get(name, ""))
