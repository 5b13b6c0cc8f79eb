"""The analysts' door: every method on a CSV file or on flags, as a table, as JSON, as CSV or as a chart."""

import argparse
import sys
from pathlib import Path

from openoh.cli.calc.calculations import modules
from openoh.cli.calc.charts import drawn
from openoh.cli.calc.output import written
from openoh.cli.calc.specification import Calculation, calculated, file_is_required, option_of

HELP = "Calculate with openoh.methods on a CSV file or on flags."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`openoh calc MODULE CALCULATION [FILE] --options`."""
    by_module = parser.add_subparsers(dest="module", required=True, metavar="module")
    for module, (help_text, calculations) in modules().items():
        of_module = by_module.add_parser(module, help=help_text, description=help_text)
        by_name = of_module.add_subparsers(dest="calculation", required=True, metavar="calculation")
        for calculation in calculations:
            command = by_name.add_parser(
                calculation.name, help=calculation.help, description=calculation.help
            )
            _add_options(command, calculation)


def run(options: argparse.Namespace) -> int:
    """Print the result; 1 with one sentence on the error stream where the input is not usable."""
    calculation: Calculation = options.chosen
    try:
        results = calculated(calculation, options)
        sys.stdout.write(written(results, options.format, calculation))
        if options.svg:
            Path(options.svg).write_text(drawn(results, calculation), encoding="utf-8")
    except (ValueError, OSError, ImportError) as error:
        sys.stderr.write(f"openoh calc {options.module} {calculation.name}: {error}\n")
        return 1
    return 0


def _add_options(command: argparse.ArgumentParser, calculation: Calculation) -> None:
    required = file_is_required(calculation)
    command.add_argument(
        "file", nargs=None if required else "?", metavar="FILE", help="a CSV file with a heading line"
    )
    for parameter in calculation.parameters:
        flags, keywords = option_of(parameter)
        command.add_argument(*flags, **keywords)
    if required:
        command.add_argument("--by", metavar="COLUMN", help="one result for each value of this column")
    else:
        command.add_argument("--label", metavar="COLUMN", help="the column that names the lines")
    form = command.add_mutually_exclusive_group()
    for name in ("json", "csv"):
        form.add_argument(f"--{name}", dest="format", action="store_const", const=name, default="table")
    command.add_argument("--svg", metavar="PATH", help="write a chart to this file as well")
    command.set_defaults(chosen=calculation)
