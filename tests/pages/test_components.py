"""Components that we draw ourselves are the NHS library's, to the letter but for white space."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.template import engines
from django.urls import reverse

from openoh.pages.jinja import url


class Tokens(HTMLParser):
    """Tags with their attributes, and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Any] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.found.append((tag, sorted(attributes)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if words := " ".join(data.split()):
            self.found.append(words)


def drawn(template: str, **context: Any) -> list[Any]:
    return Tokens(engines["jinja2"].from_string(template).render(context)).found


@pytest.mark.parametrize("colour", ["grey", "green", "blue", "red", "orange", "yellow"])
@pytest.mark.parametrize("words", ["Waiting for triage", "Ben & Dev <late>"])
def test_a_tag_is_the_librarys(words, colour):
    ours = '{% from "layout/components.jinja" import tag %}{{ tag(words, colour) }}'
    theirs = (
        '{% from "nhsuk/components/tag/macro.jinja" import tag %}{{ tag({"text": words, "colour": colour}) }}'
    )
    assert drawn(ours, words=words, colour=colour) == drawn(theirs, words=words, colour=colour)


@pytest.mark.parametrize("href", ["/me/help", '/me?a=1&b="'])
def test_an_action_link_is_the_librarys(href):
    ours = '{% from "layout/components.jinja" import action_link %}{{ action_link(words, href) }}'
    theirs = (
        '{% from "nhsuk/components/action-link/macro.jinja" import actionLink %}'
        '{{ actionLink({"text": words, "href": href}) }}'
    )
    words = "Ask for help & more"
    assert drawn(ours, words=words, href=href) == drawn(theirs, words=words, href=href)


@pytest.mark.parametrize("error", [None, "Choose <one>"])
@pytest.mark.parametrize("hint", ["", "You & yours"])
@pytest.mark.parametrize("chosen", [None, "b"])
@pytest.mark.parametrize(
    ("small", "inline", "id"), [(False, False, ""), (True, False, "other"), (True, True, "")]
)
def test_radios_are_the_librarys(error, hint, chosen, small, inline, id):
    ours = (
        '{% from "layout/components.jinja" import radios %}'
        '{{ radios("way", "Which <way>?", choices, chosen, error, hint, "s", small, inline, id) }}'
    )
    theirs = (
        '{% from "nhsuk/components/radios/macro.jinja" import radios %}'
        '{{ radios({"name": "way", "idPrefix": id or "way", "hint": hint or none, "errorMessage": error,'
        ' "items": items, "small": small, "inline": inline,'
        ' "fieldset": {"legend": {"text": "Which <way>?", "classes": "nhsuk-fieldset__legend--s"}}}) }}'
    )
    choices = [("a", "This & that"), ("b", "The other")]
    items = [{"value": value, "text": text, "checked": value == chosen} for value, text in choices]
    context = {"error": error, "hint": hint, "chosen": chosen, "small": small, "inline": inline, "id": id}
    assert drawn(ours, choices=choices, **context) == drawn(theirs, items=items, **context)


def test_the_skip_link_is_the_librarys():
    ours = drawn('{% extends "layout/base.jinja" %}')
    (start,) = (n for n, token in enumerate(ours) if "nhsuk-skip-link" in str(token))
    theirs = drawn(
        '{% from "nhsuk/components/skip-link/macro.jinja" import skipLink %}'
        '{{ skipLink({"href": "#maincontent", "text": "Skip to main content"}) }}'
    )
    assert ours[start : start + len(theirs)] == theirs


def test_an_address_is_djangos_whatever_it_holds():
    thing, other = uuid4(), uuid4()
    for kind, identifier in (("request", thing), ("referral", other), ("request", other)):
        expected = reverse("clinic:triage-one", kwargs={"kind": kind, "thing": identifier})
        assert url("clinic:triage-one", kind=kind, thing=identifier) == expected
    assert url("manager:people") == reverse("manager:people")
