"""Instruments from their content files."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from openoh.methods import _content
from openoh.methods.instruments._model import (
    Band,
    Benchmark,
    ChangeRule,
    Criterion,
    Flag,
    Instrument,
    Item,
    Licence,
    Option,
    Scale,
    Verdict,
)

FOLDER = "instruments"


def catalogue() -> tuple[Instrument, ...]:
    """Every instrument in its newest version, in the order of the codes.

    Source: each instrument's own, in `Instrument.source`.

    >>> [instrument.code for instrument in catalogue()][:4]
    ['AUDIT', 'AUDIT-C', 'BAT-12', 'CBI']
    """
    return tuple(_instrument(name, None) for name in _content.names(FOLDER))


def instrument(code: str, *, version: str | None = None) -> Instrument:
    """One instrument, in the version named or else the newest.

    Raises ``ValueError`` for a code or a version that is not in the catalogue.

    Source: each instrument's own, in `Instrument.source`.

    >>> instrument("PHQ-9").items[8].text
    'Thoughts that you would be better off dead or of hurting yourself in some way'
    """
    codes = tuple(name.upper() for name in _content.names(FOLDER))
    if code not in codes:
        raise ValueError(f"instrument is {code!r}; allowed: {', '.join(codes)}")
    return _instrument(code.lower(), version)


@functools.cache
def _instrument(name: str, version: str | None) -> Instrument:
    header = _content.load(FOLDER, name, version)
    content = header.values
    items = _items(content)
    coding = content.get("coding", {})
    everything = [item.number for item in items if item.scored]
    return Instrument(
        code=content["code"],
        version=header.version,
        name=content["name"],
        valid_from=header.valid_from,
        status=header.status,
        source=header.source,
        recall=content["recall"],
        stem=content.get("stem"),
        licence=Licence(**content["licence"]),
        items=items,
        total=_scale({"name": "total", "items": everything} | content["total"], items)
        if "total" in content
        else None,
        subscales=tuple(_scale(entry, items) for entry in content.get("subscales", ())),
        criteria=tuple(_criterion(entry) for entry in content.get("criteria", ())),
        verdicts=tuple(
            Verdict(entry["band"], tuple(entry["all_of"])) for entry in content.get("verdicts", ())
        ),
        verdicts_missing_allowed=content.get("verdicts_missing_allowed", 0),
        flags=tuple(
            Flag(entry["code"], tuple(entry["items"]), entry["at_least"], entry.get("unanswered"))
            for entry in content.get("flags", ())
        ),
        change=ChangeRule(
            content["change"]["higher_is_better"],
            content["change"].get("reliable"),
            content["change"].get("important"),
        ),
        coding_system=coding.get("system"),
        coding_panel=coding.get("panel"),
        coding_total=coding.get("total"),
        benchmark=_benchmark(content),
    )


def _items(content: Mapping[str, Any]) -> tuple[Item, ...]:
    options = {
        number: tuple(
            Option(*entry) if isinstance(entry, list) else Option(entry, None) for entry in _options(group)
        )
        for group in content["answers"]
        for number in _numbers(group["items"])
    }
    recoded = {number: group["to"] for group in content.get("recode", ()) for number in group["items"]}
    texts = content.get("items", [])
    codings = content.get("coding", {}).get("items", [])
    last_scored = len(options) - content.get("unscored_items", 0)
    return tuple(
        Item(
            number=number,
            text=texts[number - 1] if number <= len(texts) else None,
            coding=codings[number - 1] if number <= len(codings) else None,
            options=options[number],
            points=_points(options[number], number in content.get("reversed", ()), recoded.get(number)),
            scored=number <= last_scored,
        )
        for number in sorted(options)
    )


def _options(group: dict[str, Any]) -> Iterable[Any]:
    """Labelled options, or the whole numbers of a range where the labels are not ours to ship."""
    if "options" in group:
        options: list[Any] = group["options"]
        return options
    first, last = group["range"]
    return range(first, last + 1)


def _numbers(first_and_last: list[int]) -> range:
    first, last = first_and_last
    return range(first, last + 1)


def _points(options: tuple[Option, ...], is_reversed: bool, recoded: list[float] | None) -> tuple[float, ...]:
    values = [option.value for option in options]
    if recoded is not None:
        return tuple(float(points) for points in recoded)
    if is_reversed:
        return tuple(float(min(values) + max(values) - value) for value in values)
    return tuple(float(value) for value in values)


def _scale(entry: dict[str, Any], items: tuple[Item, ...]) -> Scale:
    numbers = tuple(entry["items"])
    multiplier = entry.get("multiplier", 1)
    conversion = tuple(entry.get("conversion", ()))
    size = len(numbers) if entry["rule"] == "mean" else 1
    lowest = sum(min(items[number - 1].points) for number in numbers) * multiplier / size
    highest = sum(max(items[number - 1].points) for number in numbers) * multiplier / size
    return Scale(
        name=entry["name"],
        items=numbers,
        rule=entry["rule"],
        missing_allowed=entry["missing_allowed"],
        required=tuple(entry.get("required", ())),
        multiplier=multiplier,
        conversion_from=entry.get("conversion_from", 0),
        conversion=conversion,
        bands=tuple(_band(band) for band in entry.get("bands", ())),
        minimum=conversion[0] if conversion else lowest,
        maximum=conversion[-1] if conversion else highest,
    )


def _band(entry: dict[str, Any]) -> Band:
    exclusive = "above" in entry
    return Band(entry["above"] if exclusive else entry["from"], exclusive, entry.get("name"))


def _criterion(entry: dict[str, Any]) -> Criterion:
    if "items" in entry:
        return Criterion(entry["name"], entry["at_least"], tuple(entry["items"]), entry.get("count", 1))
    if "subscale" in entry:
        return Criterion(entry["name"], entry["subscale_at_least"], subscale=entry["subscale"])
    return Criterion(entry["name"], entry["total_at_least"])


def _benchmark(content: Mapping[str, Any]) -> Benchmark | None:
    if "benchmark" not in content:
        return None
    entry = content["benchmark"]
    return Benchmark(
        {scale: tuple(edges) for scale, edges in entry["percentiles"].items()},
        tuple(entry["words"]),
        entry["minimum_respondents"],
    )
