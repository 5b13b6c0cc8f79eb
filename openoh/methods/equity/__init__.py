"""Rates, proportions, means and inequality with the intervals that public-health practice in England uses."""

from openoh.methods.equity._comparison import Comparison, ControlLimits, compare, control_limits
from openoh.methods.equity._estimates import (
    Estimate,
    TooFewEvents,
    crude_rate,
    four_fifths,
    mean,
    proportion,
    relative_likelihood,
)
from openoh.methods.equity._inequality import Inequality, inequality, standard_errors
from openoh.methods.equity._standardised import (
    Weights,
    indirectly_standardised_rate,
    standard_weights,
    standardised_rate,
    standardised_ratio,
)

__all__ = [
    "Comparison",
    "ControlLimits",
    "Estimate",
    "Inequality",
    "TooFewEvents",
    "Weights",
    "compare",
    "control_limits",
    "crude_rate",
    "four_fifths",
    "indirectly_standardised_rate",
    "inequality",
    "mean",
    "proportion",
    "relative_likelihood",
    "standard_errors",
    "standard_weights",
    "standardised_rate",
    "standardised_ratio",
]
