"""The versioned default rules of disclosure control, read from the content folder."""

from dataclasses import dataclass
from functools import cache

from openoh.methods._content import load


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

    Source: general practice of official statistics, as the content says.

    >>> disclosure_rules().threshold
    5
    """
    rules = load("disclosure", "default", version)
    content = rules.values
    return DisclosureRules(
        version=f"{content['name']} {rules.version}",
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
