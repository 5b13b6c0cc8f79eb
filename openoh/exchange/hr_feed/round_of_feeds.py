"""What the worker does for the feeds from time to time. Each function bears being repeated."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from openoh.exchange.hr_feed import folder
from openoh.foundation.access.standing import give_standing_roles
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer


def watch() -> int:
    """Take what HR's systems dropped into the watched folder; returns how many files."""
    watched = Path(settings.WATCHED_FOLDER)
    return len(folder.collect(watched)) if watched.is_dir() else 0


def sweep() -> int:
    """Delete received files that no run needs; returns how many."""
    return folder.sweep()


def renew_standing_roles() -> None:
    """Begin and end the roles that follow from engagements, one employer in one transaction."""
    with within(Scope(Audience.WORKER)):
        employers = list(Employer.objects.values_list("pk", flat=True))
    for employer in employers:
        with within(Scope(Audience.WORKER)):
            give_standing_roles(employer=employer)
