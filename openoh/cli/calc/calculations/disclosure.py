"""Hide small counts of a table."""

from typing import Any

from openoh.cli.calc.specification import Arguments, Calculation, needed, optional

HELP = "hide small counts so that they cannot be worked out"

HIDDEN = "*"


def _table(arguments: Arguments) -> Arguments:
    """The named columns are the table; its lines are the rows."""
    return {
        "table": list(zip(*arguments.pop("table").values(), strict=True)),
        "safe_zeros": not arguments.pop("protect_zeros"),
        **arguments,
    }


def _shown(result: Any) -> list[dict[str, Any]]:
    """The table as it may be published: every line with its total, and the totals below."""
    leaves = result.rows.leaves, result.columns.leaves
    hidden, values = result.hidden, result.values

    def entry(row: int, column: int) -> Any:
        return HIDDEN if hidden[row, column] else int(values[row, column])

    lines = [*range(leaves[0]), -1]
    return [
        {
            "row": "total" if row == -1 else str(row + 1),
            **{f"column {column + 1}": entry(row, column) for column in range(leaves[1])},
            "total": entry(row, -1),
        }
        for row in lines
    ]


CALCULATIONS = (
    Calculation(
        "disclosure",
        "protect",
        "protect",
        "the table as it may be published; the file has no totals",
        (
            needed("table", "columns", "the columns of counts"),
            optional("threshold", "whole", "fewest people that may be shown (5)"),
            optional("protect_zeros", "flag", "hide zeros too"),
        ),
        adapt=_table,
        rows=_shown,
    ),
)
