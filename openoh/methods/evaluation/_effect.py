"""What every evaluation gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scipy.special import ndtri, stdtrit

from openoh.methods._checks import confidence_level
from openoh.methods._content import Content, load

REGRESSION_TO_THE_MEAN = (
    "Regression to the mean: if the group was chosen because it was doing badly, "
    "some improvement would have come anyway."
)


@dataclass(frozen=True)
class Effect:
    """An estimated effect with its interval, and what must hold for it to be the effect of what was done.

    `strength` is `weak`, `moderate` or `strong` for the design, not for the size of the effect. `se`,
    `lower` and `upper` are `None` where the design gives no standard error. `diagnostics` are numbers
    behind the warnings.
    """

    estimate: float
    se: float | None
    lower: float | None
    upper: float | None
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    design: str
    strength: str
    confidence: float
    diagnostics: Mapping[str, float] = field(hash=False)
    rule_version: str


def design_rules() -> Content:
    """The thresholds behind the warnings and the choice of a design."""
    return load("evaluation", "design")


def half_width(se: float, confidence: float, df: float | None = None) -> float:
    """Half of the interval: normal, or Student's t with `df` degrees of freedom."""
    tail = 0.5 + confidence_level(confidence) / 2
    return se * float(ndtri(tail) if df is None else stdtrit(df, tail))
