"""What a calculation takes and gives, and how its options become the arguments of a method."""

import argparse
import datetime
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openoh.cli.calc.charts import Chart
from openoh.cli.calc.tables import Table, as_date, as_number, read

Arguments = dict[str, Any]

# Kinds of parameters. A value is a number, or the name of a column when a file is given; a series, labels and
# dates are columns of the file; columns are several of them; the others are read from the option itself.
COLUMN_KINDS = ("series", "labels", "dates", "columns", "texts")
LITERALS: Mapping[str, Callable[[str], Any]] = {
    "number": float,
    "whole": int,
    "text": str,
    "date": datetime.date.fromisoformat,
}


@dataclass(frozen=True)
class Parameter:
    """One option: `--name`, read as `kind`; without a default it must be given."""

    name: str
    kind: str
    help: str
    default: Any = None
    required: bool = False
    choices: tuple[str | int, ...] | None = None


@dataclass(frozen=True)
class Calculation:
    """One function of `openoh.methods.<module>` as a sub-command.

    `adapt` turns the options into the function's keyword arguments; `rows` turns a result into lines where it
    is not one line already; `chart` draws it.
    """

    module: str
    name: str
    function: str
    help: str
    parameters: tuple[Parameter, ...]
    adapt: Callable[[Arguments], Arguments] | None = None
    rows: Callable[[Any], list[dict[str, Any]]] | None = None
    chart: Callable[["Result"], Chart] | None = None


@dataclass(frozen=True)
class Result:
    """What the function gave, for one line or one group (`label`), with its arguments."""

    label: str | None
    value: Any
    arguments: Arguments = field(compare=False)


def needed(name: str, kind: str, help_text: str, **more: Any) -> Parameter:
    """A parameter that must be given."""
    return Parameter(name, kind, help_text, required=True, **more)


def optional(name: str, kind: str, help_text: str, default: Any = None, **more: Any) -> Parameter:
    """A parameter with a default; `None` leaves it to the method."""
    return Parameter(name, kind, help_text, default=default, **more)


def file_is_required(calculation: Calculation) -> bool:
    """Whether a calculation works on whole columns and so cannot do without a file."""
    return any(parameter.kind in COLUMN_KINDS for parameter in calculation.parameters)


def option_of(parameter: Parameter) -> tuple[tuple[str, ...], Arguments]:
    """The flag and the keywords with which argparse reads a parameter."""
    keywords: Arguments = {"help": parameter.help, "dest": parameter.name}
    if parameter.kind == "flag":
        keywords |= {"action": "store_true"}
    else:
        keywords |= {"required": parameter.required, "default": parameter.default, "metavar": "VALUE"}
        if parameter.kind in COLUMN_KINDS:
            keywords["metavar"] = "COLUMN[,COLUMN]" if parameter.kind in ("columns", "texts") else "COLUMN"
        if parameter.kind in ("numbers", "pairs"):
            keywords |= {"nargs": "+", "type": float if parameter.kind == "numbers" else _pair}
        elif parameter.kind in LITERALS:
            keywords["type"] = LITERALS[parameter.kind]
        if parameter.choices:
            keywords |= {"choices": parameter.choices, "metavar": None}
    return (f"--{parameter.name.replace('_', '-')}",), keywords


def calculated(calculation: Calculation, options: argparse.Namespace) -> list[Result]:
    """Call the method once, for each group or for each line of the file."""
    table = read(options.file) if options.file else None
    if table is None:
        return [_result(calculation, None, {p.name: _literal(p, options) for p in calculation.parameters})]
    if file_is_required(calculation):
        return [
            _result(calculation, label, {p.name: _column(p, options, group) for p in calculation.parameters})
            for label, group in table.grouped(options.by)
        ]
    return [
        _result(
            calculation,
            table.texts(options.label)[number] if options.label else str(number + 1),
            {p.name: _cell(p, options, table, number) for p in calculation.parameters},
        )
        for number in range(table.length)
    ]


def _result(calculation: Calculation, label: str | None, arguments: Arguments) -> Result:
    given = {name: value for name, value in arguments.items() if value is not None}
    keywords = calculation.adapt(given) if calculation.adapt else given
    function = getattr(importlib.import_module(f"openoh.methods.{calculation.module}"), calculation.function)
    return Result(label, function(**keywords), keywords)


def _pair(text: str) -> tuple[float, float]:
    """Two numbers with a colon between them."""
    first, _, second = text.partition(":")
    return float(first), float(second)


def _literal(parameter: Parameter, options: argparse.Namespace) -> Any:
    given = getattr(options, parameter.name)
    if parameter.kind == "answers" and given is not None:
        return [as_number(text, "--answers") if text else None for text in given.split(",")]
    if parameter.kind == "value" and isinstance(given, str):
        return as_number(given, f"--{parameter.name.replace('_', '-')}")
    return given


def _cell(parameter: Parameter, options: argparse.Namespace, table: Table, number: int) -> Any:
    given = getattr(options, parameter.name)
    if parameter.kind == "value" and given in table.names:
        return table.numbers(given, gaps=False)[number]
    if parameter.kind == "word" and given in table.names:
        return table.texts(given)[number]
    if parameter.kind == "answers" and given.split(",")[0] in table.names:
        return [table.numbers(name)[number] for name in given.split(",")]
    return _literal(parameter, options)


def _column(parameter: Parameter, options: argparse.Namespace, table: Table) -> Any:
    given = getattr(options, parameter.name)
    if given is None:
        return None
    if parameter.kind == "series":
        return table.numbers(given)
    if parameter.kind == "labels":
        return table.texts(given)
    if parameter.kind == "dates":
        return [as_date(text, given) for text in table.texts(given)]
    if parameter.kind == "columns":
        return {name: table.numbers(name) for name in given.split(",")}
    if parameter.kind == "texts":
        return {name: table.texts(name) for name in given.split(",")}
    return _literal(parameter, options)
