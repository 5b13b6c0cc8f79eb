"""A chart in one plain sentence that says no more than the chart does."""

from collections.abc import Sequence

from openoh.methods import _checks
from openoh.methods.spc._xmr import COMMON_CAUSE, CONCERNING, IMPROVING, XmRChart

_JUDGEMENT = {IMPROVING: ", an improvement", CONCERNING: ", a concern"}


def reading(chart: XmRChart, *, measure: str, labels: Sequence[str] | None = None) -> str:
    """The latest state of a chart in one sentence.

    ``measure`` names what is charted, as it begins a sentence ("Sickness absence"); ``labels`` are the
    periods in order, by default "point 1" and so on. The sentence speaks of the run of unusual points
    that the latest point belongs to, if it does; it never says why something changed, and calls limits
    provisional where they are.

    Raises ``ValueError`` where there are not as many labels as points.

    Source: NHS England, Making data count (the words of a chart); the sentences are our own.

    >>> from openoh.methods.spc import xmr
    >>> chart = xmr([4, 5, 4, 6, 5, 4, 5, 4, 6, 5, 4, 5, 9], improvement="decrease")
    >>> reading(chart, measure="Sickness absence", labels=[f"month {n}" for n in range(1, 14)])
    'Sickness absence was higher than chance alone would explain in month 13, a concern.'
    """
    periods = [f"point {number}" for number in range(1, len(chart.values) + 1)] if labels is None else labels
    _checks.same_length(labels=periods, values=chart.values)
    group = chart.summary[-1]
    ending = f"; with only {group.n} points the limits are provisional." if group.provisional else "."
    cause, last = chart.special_cause[-1], len(chart.values) - 1
    if chart.point_type[-1] == COMMON_CAUSE:
        return f"{measure} shows no change beyond chance in {periods[last]}{ending}"
    judgement = _JUDGEMENT.get(chart.point_type[-1], "")
    if "Trend" in cause:
        verb = "rose" if "Increasing" in cause else "fell"
        first = _first_of_trend(chart, group.start)
        when = f"from {periods[first]} to {periods[last]}"
        return f"{measure} {verb} more steadily than chance alone would explain {when}{judgement}{ending}"
    first = _first_of_level(chart, group.start)
    when = f"in {periods[last]}" if first == last else f"from {periods[first]} to {periods[last]}"
    level = "higher" if "Above" in cause else "lower"
    return f"{measure} was {level} than chance alone would explain {when}{judgement}{ending}"


def _first_of_trend(chart: XmRChart, start: int) -> int:
    """Where the trend that the last point belongs to begins."""
    first = len(chart.values) - 1
    while first > start and chart.special_cause[first - 1] == chart.special_cause[-1]:
        first -= 1
    return first


def _first_of_level(chart: XmRChart, start: int) -> int:
    """Where the unusual points that lie on the last one's side of the mean, without a break, begin."""
    first = len(chart.values) - 1
    above = chart.values[first] > chart.mean[first]
    while (
        first > start
        and chart.point_type[first - 1] == chart.point_type[-1]
        and (chart.values[first - 1] > chart.mean[first - 1]) is above
    ):
        first -= 1
    return first
