"""Statistical disclosure control: what may be shown of a table of people, and what an outsider could work out.

>>> from openoh.methods import disclosure
>>> safe = disclosure.protect([[3, 20, 30], [12, 15, 18]])
>>> disclosure.attack(safe)
[]
"""

from openoh.methods.disclosure.attacking import Bounds, Derivable, attack, bounds
from openoh.methods.disclosure.protecting import protect
from openoh.methods.disclosure.published import Protected, published

__all__ = ["Bounds", "Derivable", "Protected", "attack", "bounds", "protect", "published"]
