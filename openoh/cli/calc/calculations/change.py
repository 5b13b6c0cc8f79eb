"""Reliable change and paired tests."""

from typing import Any

from openoh.cli.calc.charts import Chart, Line
from openoh.cli.calc.specification import Arguments, Calculation, Result, needed, optional

HELP = "change in one group, before and after"


def _norms(arguments: Arguments) -> Arguments:
    mean, sd = arguments.pop("norm_mean", None), arguments.pop("norm_sd", None)
    if (mean is None) != (sd is None):
        raise ValueError("give --norm-mean and --norm-sd together")
    return arguments if mean is None else arguments | {"norm": (mean, sd)}


def _people(result: Any) -> list[dict[str, Any]]:
    """A line for each person, and one for the service below."""
    people = [
        {"person": str(number), "rci": rci, "category": category}
        for number, (rci, category) in enumerate(zip(result.rci, result.category, strict=True), start=1)
    ]
    counts = {"person": "all", "category": result.counts}
    return [*people, counts]


def _ends(result: Result) -> Chart:
    return Chart(
        "Before and after",
        tuple(Line(name, result.arguments[name]) for name in ("before", "after")),
        tuple(str(number) for number in range(1, len(result.arguments["before"]) + 1)),
    )


ENDS = (
    needed("before", "series", "the column of scores before (blank = missing)"),
    needed("after", "series", "the column of scores after (blank = missing)"),
)

CALCULATIONS = (
    Calculation(
        "change",
        "reliable",
        "reliable",
        "reliable and clinically significant change (Jacobson and Truax)",
        (
            *ENDS,
            needed("reliability", "number", "reliability of the instrument, between 0 and 1"),
            optional("higher_is_better", "flag", "high scores are good (without it low ones are)"),
            optional("norm_mean", "number", "mean of people without the problem"),
            optional("norm_sd", "number", "standard deviation of people without the problem"),
            optional("before_mean", "number", "mean before, when not that of the column"),
            optional("before_sd", "number", "standard deviation before, when not that of the column"),
            optional("cutoff", "text", "the cut-off to cross", choices=("a", "b", "c")),
        ),
        adapt=_norms,
        rows=_people,
        chart=_ends,
    ),
    Calculation(
        "change",
        "paired",
        "paired",
        "paired t and Wilcoxon tests with effect sizes",
        (*ENDS, optional("confidence", "number", "confidence of the interval (0.95)")),
        chart=_ends,
    ),
    Calculation(
        "change",
        "mcnemar",
        "mcnemar",
        "a yes-or-no answer given twice by the same people",
        (
            needed("both", "value", "yes both times"),
            needed("before_only", "value", "yes only before"),
            needed("after_only", "value", "yes only after"),
            needed("neither", "value", "yes neither time"),
            optional("confidence", "number", "confidence of the interval (0.95)"),
        ),
    ),
)
