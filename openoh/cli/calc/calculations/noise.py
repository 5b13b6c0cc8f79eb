"""Daily and weekly exposure to noise."""

from openoh.cli.calc.specification import Calculation, needed

HELP = "daily and weekly exposure to noise"

CALCULATIONS = (
    Calculation(
        "noise",
        "daily",
        "lep_d",
        "daily personal noise exposure LEP,d in dB(A)",
        (needed("exposures", "pairs", "level and minutes of each task as dB:minutes, for example 88:240"),),
    ),
    Calculation(
        "noise",
        "weekly",
        "lep_w",
        "weekly personal noise exposure LEP,w in dB(A)",
        (needed("daily", "numbers", "LEP,d of each day"),),
    ),
)
