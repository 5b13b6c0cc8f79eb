"""What an instrument is: its items, answers, scales, criteria and licence, read from versioned content."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """Who holds the rights, on which terms, and whether the item text may be shown from here."""

    holder: str
    terms: str
    text_included: bool


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that a person can choose."""

    value: int
    label: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``text`` is ``None`` where the licence does not let it be shipped.

    ``points[i]`` is what the answer ``options[i].value`` counts for: reversed and recoded items differ from
    it.
    """

    number: int
    text: str | None
    coding: str | None
    options: tuple[Option, ...]
    points: tuple[float, ...]
    scored: bool

    @property
    def allowed(self) -> tuple[int, ...]:
        """The answers that this item takes."""
        return tuple(option.value for option in self.options)


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of a score: from ``edge`` upwards, or above it where ``exclusive``, to the next band."""

    edge: float
    exclusive: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class Scale:
    """How the answers to ``items`` become one score.

    ``rule`` is ``sum`` (a missing answer counts as the mean of those given) or ``mean``. More than
    ``missing_allowed`` missing answers, or any missing one of ``required``, and there is no score.
    The result is multiplied by ``multiplier``; with a ``conversion`` it is looked up there instead,
    the first entry standing for ``conversion_from``.
    """

    name: str
    items: tuple[int, ...]
    rule: str
    missing_allowed: int
    required: tuple[int, ...]
    multiplier: float
    conversion_from: int
    conversion: tuple[float, ...]
    bands: tuple[Band, ...]
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Criterion:
    """A yes-or-no finding: a score at or above ``at_least``, or ``count`` items at or above it."""

    name: str
    at_least: float
    items: tuple[int, ...] = ()
    count: int = 1
    subscale: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The band of an instrument that decides by criteria: the first verdict whose criteria all hold."""

    band: str
    all_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A code that calls a clinician: any of ``items`` at or above ``at_least``.

    ``unanswered`` is raised instead when such an item was left out, because silence is not a "no".
    """

    code: str
    items: tuple[int, ...]
    at_least: float
    unanswered: str | None


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """How large a change must be to be ``reliable`` (beyond error) and ``important`` (to people)."""

    higher_is_better: bool
    reliable: float | None
    important: float | None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Percentiles of organisations' mean scores on a subscale, and words for the four ranges they make."""

    percentiles: Mapping[str, tuple[float, float, float]]
    words: tuple[str, str, str, str]
    minimum_respondents: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire as one version of its content states it."""

    code: str
    version: str
    name: str
    valid_from: dt.date
    status: str
    source: tuple[str, ...]
    recall: str
    stem: str | None
    licence: Licence
    items: tuple[Item, ...]
    total: Scale | None
    subscales: tuple[Scale, ...]
    criteria: tuple[Criterion, ...]
    verdicts: tuple[Verdict, ...]
    verdicts_missing_allowed: int
    flags: tuple[Flag, ...]
    change: ChangeRule
    coding_system: str | None
    coding_panel: str | None
    coding_total: str | None
    benchmark: Benchmark | None

    @property
    def rule_version(self) -> str:
        """What a stored score names as its rule, for example ``PHQ-9/1``."""
        return f"{self.code}/{self.version}"

    @property
    def scored_items(self) -> tuple[Item, ...]:
        """The items that count; the others may be handed in after them and are kept out of every score."""
        return tuple(item for item in self.items if item.scored)
