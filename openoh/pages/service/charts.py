"""Charts as SVG, drawn by the server with attributes only; each stands beside a table with the same numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from openoh.methods.spc import Funnel, XmRChart
from openoh.population.measures.catalogue import PEOPLE

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 18, 52
INK, GRID, LINE, CALM = "#212b32", "#d8dde0", "#005eb8", "#e8edee"
# Told apart by shape as well as by colour.
GOOD, BAD, PLAIN = "#00703c", "#b3240f", "#4c6272"


class Scale:
    """From a number to a place on the drawing."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = (low, high) if high > low else (low - 1, high + 1)
        self.start, self.factor = start, (end - start) / (self.high - self.low)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) * self.factor

    def ticks(self) -> list[float]:
        """Three to seven round numbers."""
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / 3))
        step *= next(factor for factor in (1, 2, 5, 10) if (self.high - self.low) / (step * factor) <= 6)
        first = math.ceil(self.low / step - 1e-9)
        return [n * step for n in range(first, math.floor(self.high / step + 1e-9) + 1)]


def run_chart(
    chart: XmRChart | None, values: Sequence[float], labels: Sequence[str], *, title: str, kind: str,
    target: float | None,
) -> str:  # fmt: skip
    """A measure over its months; with limits where there are enough months for them."""
    numbers = [
        *values,
        *(() if target is None else (target,)),
        *((*chart.lower, *chart.upper) if chart else ()),
    ]
    high = max(numbers) * 1.04 if kind == PEOPLE else min(100.0, max(numbers) + 1)
    y = Scale(max(0.0, min(numbers) * 0.96), high, HEIGHT - BOTTOM, TOP)
    x = Scale(0, max(len(values) - 1, 1), LEFT + 10, WIDTH - RIGHT - 10)
    unit = "" if kind == PEOPLE else " %"
    parts = [_grid(y, unit), _months(x, labels)]
    if chart:
        parts.append(_limits(chart, x, y))
    if target is not None:
        parts.append(_level(y(target), "8 4", BAD, f"target {target:g} %"))
    parts.append(_path([(x(place), y(value)) for place, value in enumerate(values)], LINE, 2))
    for place, value in enumerate(values):
        parts.append(_point(x(place), y(value), chart.point_type[place] if chart else ""))
    told = f"{title}, {labels[0]} to {labels[-1]}. The table below has the same numbers." if labels else title
    return _svg(parts, title, told)


def funnel_chart(funnel: Funnel, sizes: Sequence[float], *, own: bool, title: str, own_name: str) -> str:
    """Organisations by size, within limits; the employer, the last unit, is the large mark. No names, no ranks."""
    rates = [100 * value for value in funnel.value]
    order = sorted(range(len(sizes)), key=lambda unit: sizes[unit])
    bounds = [(funnel.adjusted_lower998, "6 4"), (funnel.adjusted_upper998, "6 4"), (funnel.adjusted_lower95, "2 3"),
              (funnel.adjusted_upper95, "2 3")]  # fmt: skip
    x = Scale(0, max(sizes) * 1.03, LEFT + 10, WIDTH - RIGHT - 10)
    shown = [100 * limit[unit] for limit, _ in bounds for unit in order if sizes[unit] > max(sizes) / 30]
    y = Scale(max(0.0, min([*rates, *shown]) - 0.2), max([*rates, *shown]) + 0.2, HEIGHT - BOTTOM, TOP)
    parts = [_grid(y, " %"), _sizes(x), _level(y(100 * funnel.target), "", PLAIN, "")]
    for limit, dash in bounds:
        line = [(x(sizes[unit]), min(max(y(100 * limit[unit]), TOP), HEIGHT - BOTTOM)) for unit in order]
        parts.append(_path(line, PLAIN, 1.5, dash))
    others = len(sizes) - 1 if own else len(sizes)
    for unit in range(others):
        parts.append(
            f'<circle cx="{x(sizes[unit]):.1f}" cy="{y(rates[unit]):.1f}" r="4" fill="{PLAIN}" fill-opacity="0.55"/>'
        )
    if own:
        parts.append(_own(x(sizes[-1]), y(rates[-1]), own_name))
    told = "Each dot is an organisation of the same kind. Lines show how far chance alone would spread them."
    return _svg(parts, title, told)


def _svg(parts: list[str], title: str, told: str) -> str:
    # Every part is made of numbers and of escaped text, so templates may take the whole as it is.
    return (
        f'<svg class="oh-chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}. {escape(told)}" '
        f'font-family="Arial, sans-serif" font-size="16" fill="{INK}"><title>{escape(title)}</title>'
        f"<desc>{escape(told)}</desc>{''.join(parts)}</svg>"
    )


def _grid(y: Scale, unit: str) -> str:
    lines = []
    for tick in y.ticks():
        at = y(tick)
        lines.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="{GRID}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{at + 5:.1f}" text-anchor="end">{tick:g}{unit}</text>')
    return "".join(lines)


def _months(x: Scale, labels: Sequence[str]) -> str:
    places = sorted({0, len(labels) // 2, len(labels) - 1}) if labels else []
    anchors = {0: "start", len(labels) - 1: "end"} if len(labels) > 1 else {}
    return "".join(
        f'<text x="{x(place):.1f}" y="{HEIGHT - 20}" text-anchor="{anchors.get(place, "middle")}">'
        f"{escape(labels[place])}</text>"
        for place in places
    )


def _sizes(x: Scale) -> str:
    ticks = "".join(
        f'<text x="{x(tick):.1f}" y="{HEIGHT - 28}" text-anchor="middle">{tick:,.0f}</text>'
        for tick in x.ticks()
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    return f'{ticks}<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">Full-time equivalents</text>'


def _limits(chart: XmRChart, x: Scale, y: Scale) -> str:
    top = [(x(place), max(y(value), TOP)) for place, value in enumerate(chart.upper)]
    bottom = [
        (x(place), min(y(max(value, y.low)), HEIGHT - BOTTOM)) for place, value in enumerate(chart.lower)
    ]
    corners = " ".join(f"{a:.1f},{b:.1f}" for a, b in [*top, *reversed(bottom)])
    mean = _path([(x(place), y(value)) for place, value in enumerate(chart.mean)], PLAIN, 1.5, "4 4")
    return f'<polygon points="{corners}" fill="{CALM}"/>{mean}'


def _level(at: float, dash: str, colour: str, words: str) -> str:
    line = (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="{colour}" stroke-width="1.5" '
        f'stroke-dasharray="{dash}"/>'
    )
    text = f'<text x="{WIDTH - RIGHT - 4}" y="{at - 6:.1f}" text-anchor="end" fill="{colour}">{escape(words)}</text>'
    return line + (text if words else "")


def _path(points: Sequence[tuple[float, float]], colour: str, width: float, dash: str = "") -> str:
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}"/>'


def _point(x: float, y: float, kind: str) -> str:
    if kind == "special_cause_improvement":
        return f'<path d="M{x:.1f} {y - 8:.1f}l8 8l-8 8l-8 -8z" fill="{GOOD}"/>'
    if kind == "special_cause_concern":
        return f'<rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" fill="{BAD}"/>'
    fill = "#330072" if kind.startswith("special") else LINE
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}"/>'


def _own(x: float, y: float, name: str) -> str:
    # The name goes to the side on which there is room.
    anchor, shift = ("end", -16) if x > WIDTH / 2 else ("start", 16)
    return (
        f'<path d="M{x:.1f} {y - 12:.1f}l12 12l-12 12l-12 -12z" fill="{LINE}" stroke="#fff" stroke-width="2"/>'
        f'<text x="{x + shift:.1f}" y="{y + 6:.1f}" text-anchor="{anchor}" font-weight="bold" stroke="#fff" '
        f'stroke-width="4" paint-order="stroke">{escape(name)}</text>'
    )
