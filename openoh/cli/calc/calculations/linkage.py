"""Records of one file that are the same person."""

from typing import Any

from openoh.cli.calc.specification import Arguments, Calculation, needed, optional

HELP = "find records of the same person"


def _records(arguments: Arguments) -> Arguments:
    """Every line becomes a record with its key."""
    keys, fields = arguments.pop("key"), arguments.pop("on")
    lines = zip(keys, *fields.values(), strict=True)
    records = [dict(zip(("id", *fields), line, strict=True)) for line in lines]
    return arguments | {"records": records, "on": list(fields)}


def _pairs(result: Any) -> list[dict[str, Any]]:
    return [
        {"finding": finding, "left": left, "right": right, "probability": probability}
        for finding, pairs in (("link", result.pairs), ("review", result.review))
        for left, right, probability in pairs
    ]


CALCULATIONS = (
    Calculation(
        "linkage",
        "deduplicate",
        "deduplicate",
        "pairs of lines that are the same person, and pairs to look at",
        (
            needed("key", "labels", "the column that identifies a line"),
            needed("on", "texts", "the columns to compare"),
            optional("threshold", "number", "probability from which a pair is linked (0.9)"),
        ),
        adapt=_records,
        rows=_pairs,
    ),
)
