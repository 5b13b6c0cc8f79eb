"""Whoever follows links, from the first page on, never ends at a page that is not there for them."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache

from openoh.foundation.access.roles import ROLES
from openoh.foundation.core import facts
from openoh.pathway.requests import actions as requests
from tests.pathway.diary import request_of, session
from tests.security.test_role_table import HOLDERS
from tests.signing_in import client_of
from tests.stories import open_case, signed

LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/|$)")
FOUND = (200, 302)


def links_of(response) -> list[str]:
    if not response.headers["Content-Type"].startswith("text/html"):
        return []
    return [link.replace("&amp;", "&") for link in LINK.findall(response.content.decode())]


def shape(path: str) -> str:
    """Two addresses that differ in an identifier alone are one page."""
    return IDENTIFIER.sub("·", path.partition("?")[0])


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_link_leads_nowhere(world, role):
    session(world, clinician="nia", service="nurse", days=1, hours=2, minutes=60)
    requests.send(by=world.as_amara, request_id=request_of(world.as_amara).pk)
    signed(world, open_case(world))
    facts.consume()
    client = client_of(world, HOLDERS[role])
    waiting, met, lost = ["/", "/confidentiality", "/crisis", "/privacy", "/accessibility"], {}, {}
    while waiting:
        path = waiting.pop(0)
        if shape(path) in met or path.startswith(("/assets", "/static")):
            continue
        met[shape(path)] = path
        cache.clear()  # guesses are counted, and this is a lot of pages in a second
        response = client.get(path)
        if response.status_code not in FOUND:
            lost[path] = response.status_code
        elif response.status_code == 302:
            waiting.append(response["Location"])
        else:
            waiting += links_of(response)
    assert lost == {}
    assert len(met) > 8
