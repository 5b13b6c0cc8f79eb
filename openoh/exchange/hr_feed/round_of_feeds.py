"""What the worker does for the feeds from time to time. Each function bears being repeated."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError

from openoh.exchange.hr_feed import access, actions, folder, queries
from openoh.exchange.hr_feed.models import ImportRun
from openoh.foundation.access.standing import give_standing_roles
from openoh.foundation.core.actors import Audience, Scope, system_actor
from openoh.foundation.core.errors import OpenOHError
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer
from openoh.foundation.people.intake import bring_up_to_date

log = logging.getLogger(__name__)
OUR_FAULT = "We could not take this file, through a fault of ours. Send it again later, or tell your service."


def take_what_waits() -> int:
    """Take the files that were left to the worker, one after the other; returns how many.

    One that another process is taking at this moment is locked and left; one whose process was killed is not.
    """
    with within(Scope(Audience.WORKER)):
        waiting = list(
            queries.left_to_worker(access.every_run()).select_for_update(skip_locked=True).order_by("id")
        )
    for run in waiting:
        _take(run)
    return len(waiting)


def _take(run: ImportRun) -> None:
    """Take one file; one that cannot be taken is refused, so that it does not come again and again."""
    by = system_actor("import", employers=(run.employer_id,))
    try:
        actions.run(by=by, run=run)
    except (OperationalError, InterfaceError):
        raise  # the database is away, not the file wrong: it is taken when the database is back
    except OpenOHError as error:
        actions.refuse(by=by, run=run, why=str(error))
    except Exception:  # whatever a file brings about, it must not come back every second for good
        log.exception("the file of the run %s could not be taken", run.pk)
        actions.refuse(by=by, run=run, why=OUR_FAULT)


def watch() -> int:
    """Take what HR's systems dropped into the watched folder; returns how many files."""
    watched = Path(settings.WATCHED_FOLDER)
    return len(folder.collect(watched)) if watched.is_dir() else 0


def sweep() -> int:
    """Delete received files that no run needs; returns how many."""
    return folder.sweep()


def renew_standing_roles() -> None:
    """Changes whose day has come, and the roles that follow from engagements, one employer in one transaction."""
    with within(Scope(Audience.WORKER)):
        employers = list(Employer.objects.values_list("pk", flat=True))
    for employer in employers:
        with within(Scope(Audience.WORKER)):
            bring_up_to_date(employer=employer)
            give_standing_roles(employer=employer)
