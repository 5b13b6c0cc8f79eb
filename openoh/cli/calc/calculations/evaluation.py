"""Designs of evaluation, and which one the data support."""

from typing import Any

from openoh.cli.calc.charts import Chart, Line
from openoh.cli.calc.specification import Arguments, Calculation, Result, needed, optional

HELP = "did it work?"

CONFIDENCE = optional("confidence", "number", "confidence of the interval (0.95)")


def _effect(result: Any) -> list[dict[str, Any]]:
    """The numbers of an effect, then what must hold and what to beware of, a line each."""
    numbers = [
        {"what": name.replace("_", " "), "value": getattr(result, name)}
        for name in (
            "design",
            "strength",
            "estimate",
            "se",
            "lower",
            "upper",
            "rate_ratio",
            "rate_ratio_lower",
            "rate_ratio_upper",
            "p_value",
            "effective_comparison",
            "rule_version",
        )
        if hasattr(result, name)
    ]
    return [
        *numbers,
        *({"what": "assumes", "value": text} for text in result.assumptions),
        *({"what": "warning", "value": text} for text in result.warnings),
    ]


def _ends(arguments: Arguments) -> Arguments:
    """Blanks at the ends of two groups of different size are no people."""
    if arguments.get("paired"):
        return arguments
    return arguments | {
        name: [value for value in arguments[name] if value is not None] for name in ("before", "after")
    }


def _gaps(result: Result) -> Chart:
    treated = result.arguments["treated"]
    synthetic = [value - gap for value, gap in zip(treated, result.value.gaps, strict=True)]
    return Chart(
        "The treated unit and its synthetic control",
        (Line("treated", treated), Line("synthetic", synthetic)),
        tuple(str(place + 1) for place in range(len(treated))),
    )


CALCULATIONS = (
    Calculation(
        "evaluation",
        "choose",
        "choose",
        "which design the data support, and why",
        (
            needed("periods_before", "whole", "months or quarters before"),
            needed("periods_after", "whole", "months or quarters after"),
            optional("treated_units", "whole", "teams or organisations with it (1)"),
            optional("comparison_units", "whole", "teams or organisations without it (0)"),
            optional("treated_people", "whole", "people with it whose outcomes are known (0)"),
            optional("comparison_people", "whole", "people without it whose outcomes are known (0)"),
            optional("covariates_before", "flag", "what people were like before is known"),
            optional("chosen_by_lot", "flag", "who got it was decided by lot"),
        ),
    ),
    Calculation(
        "evaluation",
        "before-after",
        "before_after",
        "the difference after, without a comparison (weak)",
        (
            needed("before", "series", "the column of values before"),
            needed("after", "series", "the column of values after"),
            optional("paired", "flag", "both are of the same people, line by line"),
            CONFIDENCE,
        ),
        adapt=_ends,
        rows=_effect,
    ),
    Calculation(
        "evaluation",
        "differences",
        "difference_in_differences",
        "difference in differences",
        (
            needed("y", "series", "the column of outcomes"),
            needed("unit", "labels", "the column of units"),
            needed("period", "series", "the column of periods, as numbers"),
            needed("treated", "series", "1 for treated units, 0 for others"),
            needed("post", "series", "1 after it began, 0 before"),
            optional("errors", "text", "(clustered)", choices=("clustered", "robust", "classical")),
            CONFIDENCE,
        ),
        rows=_effect,
    ),
    Calculation(
        "evaluation",
        "time-series",
        "interrupted_time_series",
        "interrupted time series of monthly counts, the oldest first",
        (
            needed("counts", "series", "the column of counts"),
            needed("month", "series", "the column of calendar months, 1 to 12"),
            needed("intervention", "series", "1 after it began, 0 before"),
            optional("exposure", "series", "people or FTE"),
            optional("harmonics", "whole", "waves of the season (2)"),
            optional("slope_change", "flag", "let the trend change too"),
            optional("model", "text", "(quasi-poisson)", choices=("quasi-poisson", "poisson", "log-linear")),
            optional("newey_west_lags", "whole", "months that may depend on each other"),
            CONFIDENCE,
        ),
        rows=_effect,
    ),
    Calculation(
        "evaluation",
        "synthetic-control",
        "synthetic_control",
        "one treated unit against a weighted mean of others; one line a period",
        (
            needed("treated", "series", "the column of the treated unit"),
            needed("donors", "columns", "the columns of the others"),
            needed("pre", "whole", "periods before it began"),
        ),
        rows=lambda result: [*_effect(result), *({"what": n, "value": w} for n, w in result.weights.items())],
        chart=_gaps,
    ),
    Calculation(
        "evaluation",
        "matched",
        "matched",
        "people with and without it, weighted or paired to be alike",
        (
            needed("outcome", "series", "the column of outcomes"),
            needed("treated", "series", "1 with it, 0 without"),
            needed("covariates", "columns", "the columns known before it"),
            optional("method", "text", "(weights)", choices=("weights", "nearest")),
            optional("replace", "flag", "nearest: a person may be the partner of several"),
            optional("caliper", "number", "nearest: the largest distance, in SD of the propensity (any)"),
            CONFIDENCE,
        ),
        rows=_effect,
    ),
)
