"""Sessions in the database, as Django keeps them, looked up by a query that is composed once."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from openoh.foundation.core.composed import composed


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        found = _running.first(self.session_key or "", timezone.now())
        if found is None:
            self._session_key = None
        return found


@composed
def _running(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
