"""What a rule returns: an outcome, the reason in words, and the version of the rule that decided."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Decision:
    """A pure rule's answer. `outcome` is a code, `reason` plain English, `rule_version` e.g. ``"offers/1"``."""

    outcome: str
    reason: str
    rule_version: str
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def allowed(self) -> bool:
        return self.outcome == "allow"


def allow(reason: str, rule_version: str) -> Decision:
    return Decision("allow", reason, rule_version)


def refuse(reason: str, rule_version: str) -> Decision:
    return Decision("refuse", reason, rule_version)
