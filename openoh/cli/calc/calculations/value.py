"""Costs of absence, present values and returns."""

from typing import Any

from openoh.cli.calc.charts import Chart, Line
from openoh.cli.calc.specification import Arguments, Calculation, Result, needed, optional

HELP = "what absence costs and what a programme returns"

BASIS = optional("basis", "text", "discount rates (standard)", choices=("standard", "health"))


def _ranges(arguments: Arguments) -> Arguments:
    """`--range-deadweight 0 0.3` and its like become one mapping."""
    ranges = {}
    for name in ("attribution", "deadweight", "dropoff", "costs", "benefits"):
        ends = arguments.pop(f"range_{name}", None)
        if ends is not None:
            if len(ends) != 2:
                raise ValueError(f"--range-{name} has {len(ends)} numbers; it must have two, low and high")
            ranges[name] = (ends[0], ends[1])
    return arguments | ({"ranges": ranges} if ranges else {})


def _return(result: Any) -> list[dict[str, Any]]:
    """The headline figures, and a line for each swing of the tornado."""
    headline: dict[str, Any] = {
        "figure": "stated",
        "npv": result.npv.npv,
        "return_per_pound": result.return_per_pound,
        "discounted_payback_year": result.npv.discounted_payback_year,
    }
    swings = [
        {"figure": f"{swing.assumption} {end:g}", "npv": npv}
        for swing in result.tornado
        for end, npv in ((swing.low, swing.npv_at_low), (swing.high, swing.npv_at_high))
    ]
    drawn = result.simulation
    simulated = (
        [
            {"figure": "5th percentile", "npv": drawn.percentile_5},
            {"figure": "median", "npv": drawn.median},
            {"figure": "95th percentile", "npv": drawn.percentile_95},
        ]
        if drawn
        else []
    )
    return [headline, *swings, *simulated]


def _tornado(result: Result) -> Chart:
    swings = result.value.tornado
    if not swings:
        raise ValueError("there is no chart without a range; give for example --range-deadweight 0 0.3")
    stated = result.value.npv.npv
    return Chart(
        "Net present value as one assumption changes",
        intervals=tuple(
            (
                swing.assumption,
                min(swing.npv_at_low, swing.npv_at_high),
                stated,
                max(swing.npv_at_low, swing.npv_at_high),
            )
            for swing in swings
        ),
    )


def _years(result: Result) -> Chart:
    costs, benefits = result.arguments["costs_by_year"], result.arguments["benefits_by_year"]
    return Chart(
        "Costs and benefits by year",
        (Line("costs", costs), Line("benefits", benefits)),
        tuple(str(year) for year in range(len(costs))),
    )


CALCULATIONS = (
    Calculation(
        "value",
        "discount-factor",
        "discount_factor",
        "what one pound in a year is worth today (Green Book)",
        (needed("year", "value", "years from today, or a column"), BASIS),
    ),
    Calculation(
        "value",
        "absence-cost",
        "absence_cost",
        "the cost of FTE days lost",
        (
            needed("fte_days", "value", "FTE days lost, or a column"),
            needed("annual_pay", "value", "annual pay of one FTE, or a column"),
            optional("on_cost", "number", "employer's costs as a share of pay (0.30)"),
            optional("replacement_hours", "value", "hours replaced, or a column"),
            optional("replacement_hourly_cost", "value", "cost of such an hour, or a column"),
        ),
    ),
    Calculation(
        "value",
        "npv",
        "npv",
        "net present value, one line a year from year 0",
        (
            needed("costs_by_year", "series", "the column of costs"),
            needed("benefits_by_year", "series", "the column of benefits"),
            BASIS,
        ),
        chart=_years,
    ),
    Calculation(
        "value",
        "roi",
        "roi",
        "the return with attribution, deadweight, drop-off and sensitivity",
        (
            needed("costs", "series", "the column of costs, one line a year from year 0"),
            needed("benefits", "series", "the column of benefits"),
            optional("attribution", "number", "share due to the programme (1)"),
            optional("deadweight", "number", "share that would have come anyway (0)"),
            optional("dropoff", "number", "share lost each further year (0)"),
            BASIS,
            *(
                optional(f"range_{name}", "numbers", f"lowest and highest {name}")
                for name in ("attribution", "deadweight", "dropoff", "costs", "benefits")
            ),
            optional("draws", "whole", "draws of a simulation (0)"),
            optional("seed", "whole", "seed of the simulation (0)"),
        ),
        adapt=_ranges,
        rows=_return,
        chart=_tornado,
    ),
)
