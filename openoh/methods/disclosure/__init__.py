"""Statistical disclosure control: what may be shown of a table of people, and what an outsider could work
out.

>>> from openoh.methods import disclosure
>>> safe = disclosure.protect([[3, 20, 30], [12, 15, 18]])
>>> disclosure.attack(safe)
[]
"""

from openoh.methods.disclosure.attacking import Bounds, Derivable, attack, bounds
from openoh.methods.disclosure.protecting import protect
from openoh.methods.disclosure.published import Protected, published
from openoh.methods.disclosure.rules import DisclosureRules, disclosure_rules
from openoh.methods.disclosure.screening import (
    Difference,
    Homogeneous,
    differencing_risk,
    homogeneous_rows,
    meets_minimum_base,
    round_to,
    whole_percentage,
)

__all__ = [
    "Bounds",
    "Derivable",
    "Difference",
    "DisclosureRules",
    "Homogeneous",
    "Protected",
    "attack",
    "bounds",
    "differencing_risk",
    "disclosure_rules",
    "homogeneous_rows",
    "meets_minimum_base",
    "protect",
    "published",
    "round_to",
    "whole_percentage",
]
