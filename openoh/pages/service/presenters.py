"""Words for figures, their direction and their months. A hidden number is called hidden, never shown as nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from openoh.foundation.core.clock import UK
from openoh.population.measures.catalogue import PEOPLE, RATE, Measure
from openoh.population.measures.figures import History, Waiting
from openoh.population.measures.models import MeasureValue

FEATURED = ("new-absences", "offers-in-time", "triage-in-time", "attendance", "back-at-work")
HIDDEN, NOBODY, NOTHING = "Hidden", "Nobody to count", "Nothing yet"
BETTER = {
    "increase": "Higher is better",
    "decrease": "Lower is better",
    "neutral": "Neither high nor low is better",
}
OWNERS = {"service": "Occupational health", "person": "The person", "manager": "The manager"}
SMALL_WORDS = {"nhs": "NHS", "and": "and", "of": "of", "the": "the", "for": "for", "on": "on", "cic": "CIC"}
NO_CHART = "A chart with limits needs six closed months."


@dataclass(frozen=True)
class Card:
    """One figure as it stands on a page."""

    code: str
    title: str
    value: str
    period: str
    direction: str
    before: str
    beside: str = ""

    @property
    def empty(self) -> bool:
        """Whether no month was counted at all."""
        return self.value == NOTHING


@dataclass(frozen=True)
class Row:
    """One line of a table of figures."""

    name: str
    value: str
    numerator: str
    denominator: str


@dataclass(frozen=True)
class Turn:
    """Everybody who waits for one owner: the steps, each with its people and those who wait too long."""

    owner: str
    title: str
    steps: list[tuple[str, str, str]]


def month(day: date) -> str:
    return f"{day:%B %Y}"


def number(value: float, kind: str) -> str:
    """``1,204``, ``91 %``, ``5.15 %``: people whole, shares whole, rates with two decimals as they are published."""
    if kind == PEOPLE:
        return f"{value:,.0f}"
    return f"{value:.2f} %" if kind == RATE else f"{value:.0f} %"


def amount(value: float | None) -> str:
    return HIDDEN if value is None else f"{value:,.0f}"


def figure(value: MeasureValue | None, kind: str) -> str:
    if value is None:
        return NOTHING
    if value.value is not None:
        return number(value.value, kind)
    return HIDDEN if value.hidden else NOBODY


def direction(measure: Measure) -> str:
    words = BETTER[measure.improvement]
    return words if measure.target is None else f"Target {measure.target:g} %. {words}"


def card(history: History, beside: History | None = None) -> Card:
    """The newest figure: this month so far where there is one, else the newest closed month."""
    measure, live, closed = history.measure, history.so_far, history.latest
    newest = live or closed
    if live and closed and live.value is None and (closed.value is not None or not live.hidden):
        newest = closed  # a month that has only begun has nothing, or too little, to say yet
    return Card(
        measure.code,
        measure.title,
        figure(newest, measure.kind),
        _period(newest),
        direction(measure),
        f"{month(closed.first)}: {figure(closed, measure.kind)}" if newest is live and closed else "",
        f"{beside.measure.title}: {figure(_same_month(beside, newest), beside.measure.kind)}"
        if beside
        else "",
    )


def _same_month(history: History, value: MeasureValue | None) -> MeasureValue | None:
    """The figure to stand beside another: of a month so far beside one so far, else of the newest closed month."""
    live = history.so_far if value is None or value.live else None
    return live or history.latest


def _period(value: MeasureValue | None) -> str:
    if value is None:
        return "No month is counted yet"
    if not value.live:
        return month(value.first)
    moved = value.computed_at.astimezone(UK)
    return f"{month(value.first)} so far" + (f", last moved {moved.day} {moved:%B}" if value.value else "")


def readings(histories: dict[str, History]) -> list[str]:
    """What each chart says, where there are enough months to say anything."""
    return [words for history in histories.values() if (words := history.reading())]


def rows(history: History) -> list[Row]:
    """The months of a measure, newest first."""
    kind = history.measure.kind
    return [
        Row(
            f"{month(value.first)} so far" if value.live else month(value.first), figure(value, kind),
            amount(value.numerator), "" if kind == PEOPLE else amount(value.denominator),
        )
        for value in reversed((*history.closed, *history.live))
    ]  # fmt: skip


def employer_rows(values: list[MeasureValue], measure: Measure) -> list[Row]:
    """One month of each employer, by name."""
    return [
        Row(
            value.employer.name if value.employer else "Employers of fewer than 25 people, together",
            figure(value, measure.kind), amount(value.numerator),
            "" if measure.kind == PEOPLE else amount(value.denominator),
        )
        for value in values
    ]  # fmt: skip


def turns(waiting: list[Waiting]) -> list[Turn]:
    """Waits by whose turn it is, occupational health first."""
    found = []
    for owner, title in OWNERS.items():
        steps = [
            (each.step.title, _people(each.people, each.hidden), _people(each.late, each.hidden))
            for each in waiting
            if each.step.owner == owner
        ]
        found.append(Turn(owner, title, steps))
    return found


def _people(count: int | None, hidden: bool) -> str:
    if count is None:
        return HIDDEN if hidden else "Not counted yet"
    return f"{count:,}"


def organisation(name: str) -> str:
    """A published name, which may be all capitals, as people write it: ``East and North Hertfordshire NHS Trust``."""
    words = [SMALL_WORDS.get(word.lower(), word.capitalize()) for word in name.split()]
    return " ".join(words)
