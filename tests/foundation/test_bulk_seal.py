"""Many short codes sealed with one key: the same again when unchanged, readable in their own place only."""

from __future__ import annotations

import pytest

from openoh.foundation.core import keys
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within

pytestmark = pytest.mark.django_db


def test_the_same_code_in_the_same_place_is_sealed_alike_and_nowhere_else(world):
    owner, provider = world.trust.id, world.provider.id
    with within(Scope(Audience.WORKER)):
        seal = keys.bulk_sealer(owner=owner, provider=provider)
        sealed = seal("S11", "absence.reason/A1")
        assert sealed == keys.bulk_sealer(owner=owner, provider=provider)("S11", "absence.reason/A1")
        assert len({sealed, seal("S11", "absence.reason/A2"), seal("S10", "absence.reason/A1")}) == 3
        assert keys.unseal(sealed, owner=owner, provider=provider, field="absence.reason/A1") == "S11"
        with pytest.raises(keys.Unreadable, match="belongs to another record"):
            keys.unseal(sealed, owner=owner, provider=provider, field="absence.reason/A2")
        other = keys.bulk_sealer(owner=world.police.id, provider=provider)
        assert other("S11", "absence.reason/A1") != sealed
