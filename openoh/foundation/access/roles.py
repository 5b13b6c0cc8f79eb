"""Roles in code: what each is called, what it is for, for which audience, with which permissions.

Only who holds a role, where and from when to when, is in the database.
"""

from __future__ import annotations

from dataclasses import dataclass

from openoh.foundation.access.permissions import known
from openoh.foundation.core.actors import Audience


@dataclass(frozen=True)
class Role:
    """A role. `home` is the page that stands first for it."""

    name: str
    title: str
    description: str
    audience: Audience
    permissions: frozenset[str]
    home: str


def _role(name: str, title: str, description: str, audience: Audience, permissions: str, home: str) -> Role:
    return Role(name, title, description, audience, frozenset(map(known, permissions.split())), home)


CLINICIAN = (
    "record.clinical triage.decide consultation.write report.write risk.handle offer.release glass.break"
)

ROLES = {
    role.name: role
    for role in (
        _role("employee", "Employee", "Anyone who works here, for themselves",
              Audience.PERSON, "own.record", "/me"),
        _role("manager", "Manager", "Leads a team",
              Audience.EMPLOYER, "people.manage referral.make advice.read delegation.make", "/manager"),
        _role("hr", "HR officer", "Supplies staff and absence data",
              Audience.EMPLOYER, "feed.run people.maintain purpose.maintain campaign.run", "/employer"),
        _role("oh-administrator", "OH administrator", "Runs diaries, recalls and letters",
              Audience.SERVICE, "diary.run service.measure", "/service"),
        _role("oh-nurse", "OH nurse", "Triages, assesses, advises",
              Audience.CLINICAL, f"{CLINICIAN} diary.run", "/clinic"),
        _role("oh-physician", "OH physician", "Assesses, advises, signs permanent outcomes",
              Audience.CLINICAL, f"{CLINICIAN} diary.run", "/clinic"),
        _role("physiotherapist", "Physiotherapist", "Treats and advises",
              Audience.CLINICAL, f"{CLINICIAN} diary.run", "/clinic"),
        _role("psychologist", "Psychologist", "Treats and advises",
              Audience.CLINICAL, f"{CLINICIAN} diary.run", "/clinic"),
        _role("clinical-lead", "Clinical lead", "Quality, safety, incidents, open risks",
              Audience.CLINICAL, f"{CLINICIAN} diary.run glass.review quality.lead", "/clinic"),
        _role("service-manager", "Service manager", "Demand, capacity, contracts, standards",
              Audience.SERVICE, "service.measure service.run audit.read", "/service"),
        _role("board", "Board member", "Asks whether it is working",
              Audience.INSIGHT, "insight.read", "/insight"),
    )
}  # fmt: skip


EMPLOYER_ROLES = frozenset(
    role.name for role in ROLES.values() if role.audience in (Audience.EMPLOYER, Audience.INSIGHT)
)
"""Roles that somebody holds at an employer, whoever serves it."""


class UnknownRole(KeyError):
    """The database names a role that the code does not have."""

    def __str__(self) -> str:
        return f"unknown role {self.args[0]!r}; known: {', '.join(ROLES)}"


def role(name: str) -> Role:
    """The role called `name`; raises UnknownRole."""
    try:
        return ROLES[name]
    except KeyError:
        raise UnknownRole(name) from None
