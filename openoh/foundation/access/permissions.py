"""Every permission by name, with what it allows in plain words. An unknown permission crashes."""

from __future__ import annotations

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import NotAllowed

PERMISSIONS = {
    "own.record": "See and use their own record, ask for help, answer, book, decide about reports",
    "people.manage": "See who in their own team is absent and since when, never why",
    "referral.make": "Refer somebody in their own team to occupational health",
    "advice.read": "Read the reports released to them and answer each adjustment",
    "delegation.make": "Let another manager stand in for named people for at most 28 days",
    "feed.run": "Import people and absence, and look at rows that could not be taken",
    "people.maintain": "Add starters, leavers and absences of their employer by hand",
    "purpose.maintain": "Keep the purposes, notices and mappings of their employer",
    "campaign.run": "See which offers run and how many took them, protected; write and stop campaigns",
    "record.clinical": "Open the records of people in care",
    "triage.decide": "Decide what happens next with requests and referrals",
    "consultation.write": "Record and sign consultations",
    "report.write": "Write and sign reports",
    "risk.handle": "Take, contact and close risk flags",
    "offer.release": "Release offers that a person must release",
    "diary.run": "Run diaries, bookings and recalls",
    "glass.break": "Open a record in an emergency, with a reason, for a short time",
    "glass.review": "Review emergency openings of records",
    "quality.lead": "Review samples, incidents and open risks",
    "service.measure": "See the figures of the service, protected",
    "service.run": "Keep roles, contracts, content and matching",
    "audit.read": "Read the audit of the service",
    "insight.read": "See protected figures of the whole workforce",
}


class UnknownPermission(KeyError):
    """Somebody asked for a permission that does not exist: a mistake in the code."""

    def __str__(self) -> str:
        return f"unknown permission {self.args[0]!r}; known: {', '.join(PERMISSIONS)}"


def known(permission: str) -> str:
    """The permission itself; raises UnknownPermission, so that a misspelt check can never pass quietly."""
    if permission not in PERMISSIONS:
        raise UnknownPermission(permission)
    return permission


def holds(actor: Actor, permission: str) -> bool:
    """Whether the actor has the permission; parts of the system have all. Raises UnknownPermission."""
    return known(permission) in actor.permissions or "*" in actor.permissions


def require(actor: Actor, permission: str) -> None:
    """Raises NotAllowed, with what the permission is for, when the actor does not have it."""
    if not holds(actor, permission):
        raise NotAllowed(f"Your role does not let you do this: {PERMISSIONS[permission].lower()}.")
