"""What a later package does when triage accepts, in the same transaction."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.ports import Port
from openoh.pathway.triage.models import TriageDecision

# (the decision, the account that will own the case or None, actor): opens the case and returns its identifier.
open_case: Port[[TriageDecision, UUID | None, Actor], UUID] = Port("open a case after triage")
