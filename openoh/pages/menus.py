"""The menu of each audience: few words, in the order in which they are needed."""

from __future__ import annotations

from openoh.foundation.core.actors import Actor, Audience

MENUS: dict[Audience, tuple[tuple[str, str, str], ...]] = {
    Audience.PERSON: (
        ("/me", "Start", "own.record"),
        ("/me/help", "Ask for help", "own.record"),
        ("/me/record", "Your record", "own.record"),
        ("/me/passport", "Your passport", "own.record"),
    ),
    Audience.EMPLOYER: (
        ("/manager", "My people", "people.manage"),
        ("/manager/referrals", "Referrals", "referral.make"),
        ("/manager/advice", "Advice", "advice.read"),
        ("/manager/team", "Team", "people.manage"),
        ("/manager/cover", "Cover for me", "delegation.make"),
        ("/employer", "Feeds", "feed.run"),
        ("/employer/people", "Our people", "people.maintain"),
        ("/employer/offers", "Offers and campaigns", "campaign.run"),
        ("/employer/purposes", "Purposes", "purpose.maintain"),
    ),
    Audience.CLINICAL: (
        ("/clinic", "Today", "diary.run"),
        ("/clinic/diary", "Diary", "diary.run"),
        ("/clinic/triage", "Triage", "triage.decide"),
        ("/clinic/caseload", "Caseload", "record.clinical"),
        ("/clinic/messages", "Messages", "record.clinical"),
        ("/clinic/calls", "Calls", "diary.run"),
        ("/clinic/offers", "Offers", "offer.release"),
        ("/clinic/people", "Find a person", "record.clinical"),
        ("/clinic/incidents", "Incidents", "record.clinical"),
        ("/clinic/lead", "Lead", "quality.lead"),
    ),
    Audience.SERVICE: (
        ("/service", "Service today", "service.measure"),
        ("/clinic/diary", "Diary", "diary.run"),
        ("/clinic/people", "Find a person", "diary.run"),
        ("/clinic/calls", "Calls", "diary.run"),
        ("/service/waits", "Waits", "service.measure"),
        ("/service/measures", "Measures", "service.measure"),
        ("/service/benchmarks", "Benchmarks", "service.measure"),
        ("/service/matching", "Matching", "service.run"),
        ("/service/administration", "Administration", "service.run"),
        ("/service/audit", "Audit", "audit.read"),
    ),
    Audience.INSIGHT: (("/insight", "At a glance", "insight.read"),),
    Audience.WORKER: (),
}


def menu_for(actor: Actor, path: str) -> list[dict[str, object]]:
    """The items that the actor's permissions allow; the longest address that begins `path` is the current one."""
    items = [
        (href, text) for href, text, permission in MENUS[actor.audience] if permission in actor.permissions
    ]
    begun = [href for href, _ in items if path == href or path.startswith(f"{href}/")]
    current = max(begun, key=len, default=None)
    return [{"href": href, "text": text, "current": href == current} for href, text in items]
