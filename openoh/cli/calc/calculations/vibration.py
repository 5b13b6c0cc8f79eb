"""Daily exposure to hand-arm vibration."""

from openoh.cli.calc.specification import Calculation, needed

HELP = "daily exposure to hand-arm vibration"

EXPOSURES = needed(
    "exposures", "pairs", "vibration and minutes of each tool as m/s2:minutes, for example 4.0:45 3.2:480"
)

CALCULATIONS = (
    Calculation("vibration", "a8", "a8", "daily exposure A(8) in m/s2", (EXPOSURES,)),
    Calculation("vibration", "points", "points", "exposure points, 100 at the action value", (EXPOSURES,)),
)
