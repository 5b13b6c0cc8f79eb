"""Rule sets of absence: long-term, Bradford window and steps, triggers."""

from dataclasses import dataclass
from functools import cache

from openoh.methods import _content

FOLDER = "absence"


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """One trigger: at least ``spells`` spells, ``days`` days or one long-term spell within ``months``
    months.
    """

    code: str
    months: int
    spells: int | None
    days: int | None
    long_term: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What an employer's policy calls long-term, and when it asks for a conversation."""

    name: str
    long_term_days: int
    long_term_inclusive: bool
    bradford_days: int
    bradford_steps: tuple[int, ...]
    triggers: tuple[TriggerRule, ...]
    source: tuple[str, ...]
    status: str
    rule_version: str


@cache
def rule_set(name: str, *, version: str | None = None) -> RuleSet:
    """The rule set ``nhs`` or ``police``, in the version named or else the newest.

    Raises ``ValueError`` for an unknown name or version.

    Source: each rule set's own, in `RuleSet.source`.

    >>> rule_set("police").long_term_inclusive
    False
    """
    if name not in ("nhs", "police"):
        raise ValueError(f"rules are {name!r}; allowed: nhs, police")
    content = _content.load(FOLDER, name, version)
    return RuleSet(
        name=content.values["name"],
        long_term_days=content.values["long_term"]["days"],
        long_term_inclusive=content.values["long_term"]["inclusive"],
        bradford_days=content.values["bradford"]["days"],
        bradford_steps=tuple(content.values["bradford"]["steps"]),
        triggers=tuple(
            TriggerRule(
                entry["code"], entry["months"], entry.get("spells"), entry.get("days"), "long_term" in entry
            )
            for entry in content.values["triggers"]
        ),
        source=content.source,
        status=content.status,
        rule_version=f"absence-{name}/{content.version}",
    )
