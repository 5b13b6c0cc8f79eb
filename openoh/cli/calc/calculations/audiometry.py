"""Categories of hearing tests."""

from openoh.cli.calc.specification import Arguments, Calculation, needed, optional

HELP = "categories of hearing tests"


def _ears(arguments: Arguments) -> Arguments:
    """Pairs of frequency and level become the test."""
    test = {ear: {int(hz): level for hz, level in arguments.pop(ear)} for ear in ("left", "right")}
    return arguments | {"test": test}


CALCULATIONS = (
    Calculation(
        "audiometry",
        "categorise",
        "categorise",
        "the category of a test by the scheme of the Health and Safety Executive",
        (
            needed("left", "pairs", "levels of the left ear as Hz:dB, for example 1000:10 2000:15"),
            needed("right", "pairs", "levels of the right ear"),
            needed("sex", "text", "of the person", choices=("male", "female")),
            needed("age", "number", "age in years"),
            optional("table", "text", "version of the table (l108-2005)"),
        ),
        adapt=_ears,
    ),
)
