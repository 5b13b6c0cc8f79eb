"""The versioned default rules of disclosure control, read from the content folder."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_CONTENT = ("content", "disclosure")


@dataclass(frozen=True)
class DisclosureRules:
    """One version of the rules; the counts are people, the costs are in cells (see the content file)."""

    version: str
    threshold: int
    minimum_base: dict[str, int]
    percentage_numerator: int
    percentage_denominator: int
    rounding_base: int
    differencing_change: int
    cost_cell: float
    cost_subtotal: float
    cost_margin: float
    cost_grand_total: float
    cost_size: float


@cache
def disclosure_rules(version: str = "1") -> DisclosureRules:
    """The rules of one version. ``ValueError`` when there is no such version.

    >>> disclosure_rules().threshold
    5
    """
    folder = resources.files("openoh.methods").joinpath(*_CONTENT)
    known = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    if f"default-{version}.toml" not in known:
        raise ValueError(f"No disclosure rules of version {version!r}; there are {', '.join(known)}.")
    content: dict[str, Any] = tomllib.loads(folder.joinpath(f"default-{version}.toml").read_text("utf-8"))
    return DisclosureRules(
        version=f"{content['name']} {content['version']}",
        threshold=content["primary"]["threshold"],
        minimum_base=content["minimum_base"],
        percentage_numerator=content["percentage"]["numerator"],
        percentage_denominator=content["percentage"]["denominator"],
        rounding_base=content["rounding"]["base"],
        differencing_change=content["differencing"]["change"],
        cost_cell=content["cost"]["cell"],
        cost_subtotal=content["cost"]["subtotal"],
        cost_margin=content["cost"]["margin"],
        cost_grand_total=content["cost"]["grand_total"],
        cost_size=content["cost"]["size"],
    )
