"""The service with one page more: a bare NHS page, for the other pages to be measured against in the same run.

The page passes no middleware, asks for 20 rows in one query, and shows them in a table with a date, by the NHS
template and macros alone.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openoh.config.settings")

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test.utils import override_settings
from django.urls import path

from bench.pages import BARE
from openoh.config.receiving import Limits, Receiving
from openoh.config.wsgi import comes_signed_in, django

ROWS = "SELECT name, started_on, days FROM bench_bare WHERE organisation = %s ORDER BY started_on LIMIT 20"
TEMPLATE = """
{% extends "nhsuk/template.jinja" %}
{% block content %}
<h1 class="nhsuk-heading-l">Twenty rows</h1>
<table class="nhsuk-table"><thead><tr><th>Name</th><th>Since</th><th>Days</th></tr></thead><tbody>
{% for name, started_on, days in rows %}
<tr><td>{{ name }}</td><td>{{ started_on | day }}</td><td>{{ days }}</td></tr>
{% endfor %}
</tbody></table>
{% endblock %}
"""
page = engines["jinja2"].from_string(TEMPLATE)


def show(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [7])
        rows = cursor.fetchall()
    content = page.render({"rows": rows}).encode()
    return HttpResponse(content, headers={"Content-Length": str(len(content))})


class BareRequest(WSGIRequest):
    urlconf = __name__


class Bare(WSGIHandler):
    request_class = BareRequest


urlpatterns = [path("bare", show)]
with override_settings(MIDDLEWARE=[]):
    bare = Bare()


def choose(environ: dict[str, Any], start_response: Any) -> Any:
    return (bare if environ["PATH_INFO"] == BARE else django)(environ, start_response)


# Received as the service's own pages are: in a thread that waits, then answered in the one thread of Django.
application = Receiving(
    choose,
    limits=Limits(form=settings.LARGEST_FORM, file=settings.LARGEST_FILE),
    signed_in=comes_signed_in,
)
