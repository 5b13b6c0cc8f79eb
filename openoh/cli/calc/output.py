"""Results as a table for the terminal, as JSON or as CSV."""

import csv
import dataclasses
import datetime
import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from openoh.cli.calc.specification import Calculation, Result
from openoh.methods._figure import Figure

# Longer sequences are counted in tables; JSON has them whole.
LONGEST_IN_A_CELL = 6

Record = dict[str, Any]


def written(results: Sequence[Result], form: str, calculation: Calculation) -> str:
    """The results as `table`, `json` or `csv`, with an ending line break."""
    if form == "json":
        content = {
            "calculation": f"{calculation.module} {calculation.name}",
            "results": [_labelled(result, plain(result.value)) for result in results],
        }
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    records = [record for result in results for record in _records(result, calculation)]
    return _csv(records) if form == "csv" else _table(records)


def plain(value: Any) -> Any:
    """A result as JSON knows it: dataclasses and arrays become objects and lists, infinity a word."""
    if isinstance(value, Figure):
        return {"value": float(value), "rule_version": value.rule_version}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "infinite" if value > 0 else "-infinite"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _labelled(result: Result, content: Any) -> Any:
    named = content if isinstance(content, dict | list) else {"value": content}
    return named if result.label is None else {"label": result.label, "result": named}


def _records(result: Result, calculation: Calculation) -> list[Record]:
    if calculation.rows is not None:
        records = [plain(record) for record in calculation.rows(result.value)]
    else:
        content = plain(result.value)
        records = [
            item if isinstance(item, dict) else {"value": item}
            for item in (content if isinstance(content, list) else [content])
        ]
    label = {} if result.label is None else {"label": result.label}
    return [label | {name: _cell(item) for name, item in record.items()} for record in records]


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        named = [f"{name} {_text(item)}" for name, item in value.items()]
        return "; ".join(named) if len(named) <= LONGEST_IN_A_CELL else f"{len(named)} values"
    if isinstance(value, list):
        if len(value) > LONGEST_IN_A_CELL or any(isinstance(item, dict | list) for item in value):
            return f"{len(value)} values"
        return "; ".join(_text(item) for item in value)
    return value


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def _csv(records: list[Record]) -> str:
    names = list(dict.fromkeys(name for record in records for name in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _table(records: list[Record]) -> str:
    if not records:
        return "Nothing found.\n"
    if len(records) == 1:
        width = max(len(name) for name in records[0])
        return "".join(f"{_words(name):<{width}}  {_text(value)}\n" for name, value in records[0].items())
    # What is the same in every line (the rule version, a seed) is said once, below.
    names = list(dict.fromkeys(name for record in records for name in record))
    same = [name for name in names if len({_text(record.get(name)) for record in records}) == 1]
    same = [name for name in same if name in ("rule_version", "seed", "permutations", "confidence", "model")]
    lines = [
        [_words(name) for name in names if name not in same],
        *([_text(record.get(name)) for name in names if name not in same] for record in records),
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    body = "".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )
    return body + "".join(f"{_words(name)}: {_text(records[0][name])}\n" for name in same)


def _words(name: str) -> str:
    return name.replace("_", " ")
