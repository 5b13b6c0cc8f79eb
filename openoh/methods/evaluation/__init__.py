"""Did it work? Designs from weak to strong, each with its effect, interval, assumptions and warnings."""

from openoh.methods.evaluation._before_after import before_after
from openoh.methods.evaluation._choose import Choice, choose
from openoh.methods.evaluation._differences import difference_in_differences
from openoh.methods.evaluation._effect import Effect
from openoh.methods.evaluation._matched import MatchedEffect, matched
from openoh.methods.evaluation._synthetic import SyntheticControl, synthetic_control
from openoh.methods.evaluation._time_series import InterruptedTimeSeries, interrupted_time_series

__all__ = [
    "Choice",
    "Effect",
    "InterruptedTimeSeries",
    "MatchedEffect",
    "SyntheticControl",
    "before_after",
    "choose",
    "difference_in_differences",
    "interrupted_time_series",
    "matched",
    "synthetic_control",
]
