"""Pure decisions about answers: which are allowed, what is still open, what they amount to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openoh.foundation.core.errors import Invalid
from openoh.methods import instruments
from openoh.pathway.questionnaires.definitions import Definition, Item

Answer = str | int | list[str] | None
Answers = Mapping[str, Answer]
LONGEST_TEXT = 10_000  # characters; more is a pasted file, which belongs among the documents


@dataclass(frozen=True)
class Result:
    """What a finished questionnaire amounts to. `missing` counts the questions left out."""

    total: float | None
    band: str
    flags: tuple[str, ...]
    missing: int
    rule_version: str


def checked(definition: Definition, answers: Answers) -> dict[str, Answer]:
    """The answers, each allowed by its question. None takes an answer back. Raises Invalid with the item."""
    return {item_id: _checked(definition.item(item_id), value) for item_id, value in answers.items()}


def _checked(item: Item, value: Answer) -> Answer:
    if value is None:
        return None
    codes = [option.code for option in item.options]
    if item.kind == "text":
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            raise Invalid(f"Write at most {LONGEST_TEXT:,} characters.", field=item.id)
        return value
    if item.kind == "many":
        if not isinstance(value, list) or any(code not in codes for code in value):
            raise Invalid("Choose from the answers on the page.", field=item.id)
        return [str(code) for code in codes if code in value]
    # True == 1 in Python; an answer is the very number or word.
    if isinstance(value, (bool, list)) or value not in codes:
        raise Invalid("Choose one of the answers on the page.", field=item.id)
    return value


def unanswered(definition: Definition, answers: Answers) -> list[Item]:
    """Questions without an answer, in order; the first is where somebody resumes."""
    return [item for item in definition.items if answers.get(item.id) in (None, "", [])]


def result(definition: Definition, answers: Answers) -> Result:
    """What the answers amount to. Raises Invalid for a question that has to be answered and was not."""
    if definition.scored:
        return _score(definition, answers)
    left = unanswered(definition, answers)
    for item in left:
        if not item.optional:
            raise Invalid(f"Answer this question, please: {item.text}", field=item.id)
    return Result(
        total=None,
        band=_ending(definition, answers),
        flags=tuple(dict.fromkeys(i.flag for i in definition.items if i.flag and answers.get(i.id) == "yes")),
        missing=len(left),
        rule_version=definition.rule_version,
    )


def _score(definition: Definition, answers: Answers) -> Result:
    given = [_number(answers.get(item.id)) for item in definition.items]
    score = instruments.score(definition.code, given, version=definition.version)
    return Result(score.total, score.band or "", score.flags, len(score.missing), score.rule_version)


def _number(answer: Answer) -> int | None:
    return answer if isinstance(answer, int) else None


def _ending(definition: Definition, answers: Answers) -> str:
    for ending in definition.endings:
        met = any(answers.get(condition.item) in condition.answers for condition in ending.any_of)
        if met or not ending.any_of:
            return ending.band
    return ""
