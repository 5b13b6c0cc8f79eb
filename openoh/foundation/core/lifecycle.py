"""A status that people move: one table of allowed moves, and a row for every move.

The state on the thing itself is the newest step's, kept there for queries; `move` is the only way to change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict
from openoh.foundation.core.models import Record
from openoh.foundation.core.postgresql.base import write_soon


@dataclass(frozen=True)
class State:
    """What a state is called on the screen, and the colour of its tag (a colour of the NHS tag component)."""

    words: str
    colour: str = "grey"
    person_words: str = ""


@dataclass(frozen=True)
class Lifecycle:
    """`states` by code, in order; `moves` from each state to the states that may follow."""

    name: str
    states: Mapping[str, State]
    moves: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        named = set(self.moves) | {state for following in self.moves.values() for state in following}
        if unknown := named - set(self.states):
            raise ValueError(
                f"lifecycle {self.name!r} moves between states it does not name: {sorted(unknown)}"
            )

    def allows(self, current: str, to: str) -> bool:
        return to in self.moves.get(current, ())

    def ends(self) -> frozenset[str]:
        """States after which nothing follows."""
        return frozenset(state for state in self.states if not self.moves.get(state))

    def choices(self) -> list[tuple[str, str]]:
        return [(code, state.words) for code, state in self.states.items()]


class Step(Record):
    """One move of one thing: the abstract row; each lifecycle has its own table with a `subject`."""

    state = models.CharField(max_length=30)
    at = models.DateTimeField(default=clock.now)
    user_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=60, blank=True)
    employer_id = models.UUIDField(null=True)
    provider_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)

    class Meta:
        abstract = True
        ordering = ["at", "id"]


def begin(thing: Any, *, step: type[Step], by: Actor, reason: str = "") -> None:
    """Write the first step of a new thing, in the state that it was made with."""
    _add_step(thing, step=step, by=by, reason=reason)


def move(
    thing: Any, to: str, *, lifecycle: Lifecycle, step: type[Step], by: Actor, reason: str = "",
    changes: Mapping[str, object] | None = None,
) -> Any:  # fmt: skip
    """Move `thing` to the state `to`; raises Conflict when the table of moves does not allow it.

    The row is locked first, so of two people who act at once the second is told what happened. `changes` are other
    fields that change with the state, in the same statement, for constraints that hold them together.
    """
    locked = type(thing)._default_manager.select_for_update(of=("self",)).get(pk=thing.pk)
    if not lifecycle.allows(locked.state, to):
        words = lifecycle.states[locked.state].words.lower()
        raise Conflict(
            f"This {lifecycle.name} is already “{words}”, so it cannot become "
            f"“{lifecycle.states[to].words.lower()}”. Somebody may have acted before you; look again."
        )
    together = {"state": to, **(changes or {})}
    for name, value in together.items():
        setattr(locked, name, value)
        setattr(thing, name, value)
    locked.save(update_fields=list(together))
    _add_step(thing, step=step, by=by, reason=reason)
    return thing


def remark(thing: Any, *, step: type[Step], by: Actor, reason: str) -> None:
    """Write a step that leaves the state as it is: `reason` is the code of what happened."""
    _add_step(thing, step=step, by=by, reason=reason)


def _add_step(thing: Any, *, step: type[Step], by: Actor, reason: str) -> None:
    table: Any = step  # each lifecycle's own table adds the field `subject`
    write_soon(table(
        subject=thing, state=thing.state, user_id=by.user, actor=by.name, reason=reason,
        employer_id=getattr(thing, "employer_id", None), provider_id=getattr(thing, "provider_id", None),
        person_id=getattr(thing, "person_id", None),
    ))  # fmt: skip


STEP_TECHNICAL = "id at user_id employer_id provider_id person_id subject"
STEP_IDENTITY = "actor"
STEP_CODED = "state reason"
