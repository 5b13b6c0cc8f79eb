"""The calculations by module of `openoh.methods`; describing them imports no method."""

import importlib

from openoh.cli.calc.specification import Calculation

MODULES = (
    "absence",
    "spc",
    "equity",
    "signals",
    "instruments",
    "change",
    "spirometry",
    "audiometry",
    "immunity",
    "fitness",
    "vibration",
    "noise",
    "queueing",
    "disclosure",
    "linkage",
    "value",
    "evaluation",
)


def modules() -> dict[str, tuple[str, tuple[Calculation, ...]]]:
    """The help and the calculations of each module."""
    found = {}
    for name in MODULES:
        module = importlib.import_module(f"openoh.cli.calc.calculations.{name}")
        found[name] = (module.HELP, module.CALCULATIONS)
    return found
