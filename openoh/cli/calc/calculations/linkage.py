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


def _two_sides(arguments: Arguments) -> Arguments:
    """The records of the two values of a column: the value that comes first is the left side."""
    sides = arguments.pop("side")
    names = list(dict.fromkeys(sides))
    if len(names) != 2:
        raise ValueError(f"--side has {len(names)} different values; it must have 2, one for each employer")
    ready = _records(arguments)
    records = ready.pop("records")
    left, right = (
        [record for record, side in zip(records, sides, strict=True) if side == name] for name in names
    )
    return ready | {"left": left, "right": right}


def _pairs(result: Any) -> list[dict[str, Any]]:
    return [
        {"finding": finding, "left": left, "right": right, "probability": probability}
        for finding, pairs in (("link", result.pairs), ("review", result.review))
        for left, right, probability in pairs
    ]


CALCULATIONS = (
    Calculation(
        "linkage",
        "link",
        "link",
        "pairs of lines of two employers that are the same person, and pairs to look at",
        (
            needed("key", "labels", "the column that identifies a line"),
            needed("side", "labels", "the column that says whose line it is; two different values"),
            needed("on", "texts", "the columns to compare"),
            optional("threshold", "number", "probability from which a pair is linked (0.9)"),
        ),
        adapt=_two_sides,
        rows=_pairs,
    ),
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
