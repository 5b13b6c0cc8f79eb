"""Control charts and funnels."""

from typing import Any

from openoh.cli.calc.charts import Chart, Line
from openoh.cli.calc.specification import Arguments, Calculation, Result, needed, optional

HELP = "control charts and funnels"


def _points(*names: str) -> Any:
    """A line for each point, with the named lists of a chart."""

    def rows(result: Any) -> list[dict[str, Any]]:
        return [
            {"point": number + 1, **{name: getattr(result, name)[number] for name in names}}
            for number in range(len(getattr(result, names[0])))
        ]

    return rows


def _control_chart(title: str, *names: str) -> Any:
    def chart(result: Result) -> Chart:
        lines = tuple(Line(name.replace("_", " "), getattr(result.value, name)) for name in names)
        return Chart(title, lines, tuple(str(place + 1) for place in range(len(lines[0].values))))

    return chart


def _outliers(arguments: Arguments) -> Arguments:
    return arguments | {"screen_outliers": not arguments.pop("keep_outliers")}


CALCULATIONS = (
    Calculation(
        "spc",
        "xmr",
        "xmr",
        "an XmR chart to the rules of Making Data Count; one line a period",
        (
            needed("values", "series", "the column of values"),
            optional(
                "improvement", "text", "direction (increase)", choices=("increase", "decrease", "neutral")
            ),
            optional("target", "number", "the target"),
            optional("fix_after", "whole", "periods from which the limits come"),
            optional("keep_outliers", "flag", "do not screen outliers from the moving ranges"),
        ),
        adapt=_outliers,
        rows=_points("values", "mean", "lower", "upper", "special_cause", "point_type"),
        chart=_control_chart("XmR chart", "values", "mean", "lower", "upper"),
    ),
    Calculation(
        "spc",
        "shewhart",
        "shewhart",
        "a Shewhart chart with the runs analysis; one line a period",
        (
            needed("kind", "text", "kind of chart", choices=("i", "mr", "p", "pp", "u", "up", "c")),
            needed("numerator", "series", "the column of values or counts"),
            optional("denominator", "series", "the column of what they are counted in"),
            optional("freeze", "whole", "periods from which the limits come"),
        ),
        rows=_points("values", "cl", "lcl", "ucl", "outside"),
        chart=_control_chart("Shewhart chart", "values", "cl", "lcl", "ucl"),
    ),
    Calculation(
        "spc",
        "funnel",
        "funnel",
        "units against limits that allow for their size; one line a unit",
        (
            needed("numerator", "series", "the column of events"),
            needed("denominator", "series", "the column of expected events, people or exposure"),
            optional("kind", "text", "of the values (ratio)", choices=("ratio", "proportion", "rate")),
            optional(
                "method", "text", "of allowing for over-dispersion, for ratios", choices=("shmi", "cqc")
            ),
            optional("target", "number", "the target"),
        ),
        rows=_points(
            "value", "z", "lower998", "upper998", "adjusted_lower998", "adjusted_upper998", "outside"
        ),
    ),
)
