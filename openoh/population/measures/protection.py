"""From counts of people to figures that may be published. Pure: counts in, figures without any hidden number out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openoh.methods import disclosure
from openoh.methods.disclosure import Protected
from openoh.population.measures.catalogue import PEOPLE

TOTAL = "total"


@dataclass(frozen=True)
class Count:
    """People who count, out of all people concerned; for a count of people both are the same."""

    good: int = 0
    people: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.good + other.good, self.people + other.people)


@dataclass(frozen=True)
class Figure:
    """What is published: each part is None where it is hidden. `value` is people or per cent."""

    numerator: float | None
    denominator: float | None
    value: float | None
    hidden: bool
    rule_version: str


def table(kind: str, counts: Sequence[Count]) -> tuple[list[Figure], Figure]:
    """The figures of several groups and of all together, such that no small number can be worked out of them.

    Small numbers are hidden, and others with them where a difference would give a small one away.
    """
    if kind == PEOPLE:
        cells = [[count.people] for count in counts]
    else:
        cells = [[count.good, count.people - count.good] for count in counts]
    safe = disclosure.protect(cells)
    return [_figure(kind, safe, row) for row in range(len(cells))], _figure(kind, safe, TOTAL)


def single(kind: str, count: Count) -> Figure:
    """The figure of one group that is published alone."""
    return table(kind, [count])[1]


def of_knowing_reader(count: Count) -> tuple[int | None, int | None]:
    """All people and the good ones, rounded, for a reader who may know who all of them are; None is hidden.

    Such a reader learns about each of them from "all", from "none" and from "all but a few", so the good ones are
    shown only where they and the others are enough. Each figure stands alone: there is no total of several.
    """
    least, rest = disclosure.disclosure_rules().threshold, count.people - count.good
    people, good = (int(each) for each in disclosure.round_to([count.people, count.good]))
    return people if count.people >= least else None, good if min(count.good, rest) >= least else None


def may_replace(kind: str, earlier: Figure, later: Figure) -> bool:
    """Whether a newer figure may follow: not when the difference is a number of people below the threshold.

    Somebody who looks every minute could otherwise watch one person arrive.
    """
    return not disclosure.differencing_risk([_parts(kind, earlier)], [_parts(kind, later)])


def _parts(kind: str, figure: Figure) -> list[int | None]:
    def whole(number: float | None) -> int | None:
        return None if number is None else round(number)

    if kind == PEOPLE:
        return [whole(figure.numerator)]
    rest = (
        None
        if figure.numerator is None or figure.denominator is None
        else figure.denominator - figure.numerator
    )
    # The denominator is published too, also where both of its parts are hidden.
    return [whole(figure.numerator), whole(rest), whole(figure.denominator)]


def _figure(kind: str, safe: Protected, row: int | str) -> Figure:
    people = safe.value(row, TOTAL)
    if kind == PEOPLE:
        return Figure(people, None, people, people is None, safe.rule_version)
    good = safe.value(row, 0)
    enough = people is not None and bool(disclosure.meets_minimum_base([people])[0])
    value = 100 * good / people if good is not None and people and enough else None
    return Figure(good, people, value, value is None and people != 0, safe.rule_version)
