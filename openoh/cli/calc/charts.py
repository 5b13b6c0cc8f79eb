"""Charts as SVG: lines over an order, and values with their intervals. No program but a browser is needed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openoh.cli.calc.specification import Calculation, Result

WIDTH, HEIGHT = 800, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 160, 50, 40
ROW = 26
# Dark on white, and told apart by their dashes as well as by their colours.
STYLES = (
    ("#005eb8", ""),
    ("#425563", "6 4"),
    ("#8a1538", "2 3"),
    ("#330072", "8 3 2 3"),
)


@dataclass(frozen=True)
class Line:
    """One series over the positions of a chart; `None` leaves a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """Lines over one order, or intervals: (name, lower, value, upper) from top to bottom."""

    title: str
    lines: tuple[Line, ...] = ()
    labels: tuple[str, ...] = ()
    intervals: tuple[tuple[str, float, float, float], ...] = ()


def drawn(results: "Sequence[Result]", calculation: "Calculation") -> str:
    """The chart of the results; raises `ValueError` where the calculation has none."""
    if calculation.chart is not None and len(results) == 1:
        return svg(calculation.chart(results[0]))
    intervals = [_interval(result, i) for i, result in enumerate(results)]
    if not all(intervals):
        raise ValueError("there is no chart of this; --svg draws series over time and values with intervals")
    title = f"{calculation.module} {calculation.name}"
    return svg(Chart(title, intervals=tuple(interval for interval in intervals if interval)))


def svg(chart: Chart) -> str:
    """The drawing, with its title for people who hear it."""
    body, height = _intervals(chart) if chart.intervals else _lines(chart)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="title" font-family="Arial, sans-serif" font-size="13">\n'
        f'<title id="title">{escape(chart.title)}</title>\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="{LEFT}" y="26" font-size="17" font-weight="bold">{escape(chart.title)}</text>\n{body}</svg>\n'
    )


def _interval(result: "Result", place: int) -> tuple[str, float, float, float] | None:
    value: Any = result.value
    middle = getattr(value, "value", getattr(value, "estimate", None))
    lower, upper = getattr(value, "lower", None), getattr(value, "upper", None)
    if middle is None or lower is None or upper is None:
        return None
    return (result.label or str(place + 1), float(lower), float(middle), float(upper))


def _scale(numbers: Sequence[float], start: float, end: float) -> tuple[float, float]:
    """(offset, factor) that put the smallest number at `start` and the greatest at `end`."""
    low, high = min(numbers), max(numbers)
    factor = (end - start) / (high - low) if high > low else 0.0
    return (start - low * factor, factor) if factor else ((start + end) / 2, 0.0)


def _ticks(low: float, high: float) -> list[float]:
    """Three to seven round numbers between both ends."""
    if high <= low:
        return [low]
    step = 10.0 ** math.floor(math.log10((high - low) / 3))
    step *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= 6)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _lines(chart: Chart) -> tuple[str, int]:
    numbers = [value for line in chart.lines for value in line.values if value is not None]
    if not numbers:
        raise ValueError("there is nothing to draw")
    length = max(len(line.values) for line in chart.lines)
    move, factor = _scale(numbers, HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / max(length - 1, 1)
    parts = []
    for tick in _ticks(min(numbers), max(numbers)):
        y = move + factor * tick
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d8dde0"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for place in range(0, len(chart.labels), max(1, math.ceil(len(chart.labels) / 8))):
        x = LEFT + step * place
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(chart.labels[place])}</text>'
        )
    for number, line in enumerate(chart.lines):
        colour, dash = STYLES[number % len(STYLES)]
        path, pen = [], "M"
        for place, value in enumerate(line.values):
            if value is None:
                pen = "M"
                continue
            path.append(f"{pen}{LEFT + step * place:.1f} {move + factor * value:.1f}")
            pen = "L"
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<path d="{" ".join(path)}" fill="none" {style}/>')
        y = TOP + 20 * number
        x = WIDTH - RIGHT + 12
        parts.append(f'<line x1="{x}" x2="{x + 24}" y1="{y}" y2="{y}" {style}/>')
        parts.append(f'<text x="{x + 30}" y="{y + 4}">{escape(line.name)}</text>')
    return "\n".join(parts) + "\n", HEIGHT


def _intervals(chart: Chart) -> tuple[str, int]:
    ends = [number for _, lower, _, upper in chart.intervals for number in (lower, upper)]
    height = TOP + ROW * len(chart.intervals) + BOTTOM
    move, factor = _scale(ends, 2 * LEFT + 40, WIDTH - 40)
    parts = []
    for tick in _ticks(min(ends), max(ends)):
        x = move + factor * tick
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - BOTTOM}" stroke="#d8dde0"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 14}" text-anchor="middle">{tick:g}</text>')
    for place, (name, lower, value, upper) in enumerate(chart.intervals):
        y = TOP + ROW * place + ROW / 2
        low, middle, high = (move + factor * number for number in (lower, value, upper))
        parts.append(f'<text x="{2 * LEFT + 20}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        parts.append(
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#425563" stroke-width="2"/>'
        )
        parts.append(f'<circle cx="{middle:.1f}" cy="{y:.1f}" r="5" fill="#005eb8"/>')
    return "\n".join(parts) + "\n", height
