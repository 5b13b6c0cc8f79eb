"""A link in a message opens a page: lower floors write addresses, and only the pages know them."""

from __future__ import annotations

import re
from uuid import uuid4

from django.urls import resolve

from tests.outside_data import CHECKOUT

LINK = re.compile(r'"link": f?"(/[^"]*)"')


def test_every_link_in_a_message_leads_to_a_page():
    sources = (path.read_text(encoding="utf-8") for path in (CHECKOUT / "openoh").glob("*/*/*.py"))
    written = {link for text in sources for link in LINK.findall(text)}
    assert {"/me/offers/{offer.id}", "/me/reports/{report.id}"} <= written  # the pattern still finds them
    for link in written:
        assert resolve(re.sub(r"\{[^}]*\}", str(uuid4()), link)), link
