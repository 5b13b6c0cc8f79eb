"""Write, change, start and stop a campaign; close its card for oneself."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.lifecycle import begin, move
from openoh.population.campaigns import rules
from openoh.population.campaigns.access import own_dismissals, visible_to
from openoh.population.campaigns.models import Campaign, CampaignStep, Dismissal
from openoh.population.campaigns.rules import Wording
from openoh.population.campaigns.states import CAMPAIGN


@action("campaign.written")
def write(*, by: Actor, wording: Wording, campaign: UUID | None = None) -> Campaign:
    """Write a new campaign, or write a draft anew. Raises Invalid; Conflict for one that was started."""
    require(by, "campaign.run")
    clean = rules.checked(wording)
    found = (
        visible_to(by).select_for_update().get(pk=campaign)
        if campaign
        else Campaign(employer_id=by.employers[0], made_by=by.name)
    )
    if found.state != "draft":
        raise Conflict("What people have seen is not rewritten. Stop it, and write a new one.")
    for name in ("title", "words", "audience", "link", "starts_on", "ends_on"):
        setattr(found, name, getattr(clean, name))
    found.save(force_insert=campaign is None)
    if campaign is None:
        begin(found, step=CampaignStep, by=by)
    return found


@action("campaign.started")
def start(*, by: Actor, campaign: UUID) -> Campaign:
    """Let it be shown from its first day to its last. Raises Invalid when the last day has passed, and Conflict."""
    require(by, "campaign.run")
    found = visible_to(by).get(pk=campaign)
    if found.ends_on < clock.today():
        raise Invalid("The last day has passed. Change the days first.", field="ends_on")
    move(found, "running", lifecycle=CAMPAIGN, step=CampaignStep, by=by)
    return found


@action("campaign.stopped")
def stop(*, by: Actor, campaign: UUID) -> Campaign:
    """Nobody is shown it from now on. Raises Conflict when it was stopped already."""
    require(by, "campaign.run")
    found = visible_to(by).get(pk=campaign)
    move(found, "stopped", lifecycle=CAMPAIGN, step=CampaignStep, by=by)
    return found


@action("card.closed")
def dismiss(*, by: Actor, campaign: UUID) -> Dismissal:
    """The person does not want to see it any more; twice is once. Raises NotAllowed and DoesNotExist."""
    if by.audience is not Audience.PERSON or by.person is None:
        raise NotAllowed("Only the person can close what is on their own page.")
    found = visible_to(by).get(pk=campaign)
    if earlier := own_dismissals(by).filter(campaign=found).first():
        return earlier
    return Dismissal.objects.create(campaign=found, person_id=by.person)
