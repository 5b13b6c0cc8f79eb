"""The Jinja environment of every page: the NHS design system's macros, our layout, words for dates and codes."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup

from openoh.foundation.core.clock import UK, now

NHSUK_VERSION = "10.6.1"


def environment(**options: Any) -> Environment:
    """Called once by Django's Jinja backend."""
    # The NHS macros read parameters that were not given; they need undefined values that can be chained.
    options.pop("autoescape", None)
    chosen = {"undefined": ChainableUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(autoescape=True, **{**options, **chosen})
    if made.loader is None:
        raise RuntimeError("Django gives every environment a loader")
    made.loader = ChoiceLoader([made.loader, PackageLoader("nhsuk_frontend_jinja")])
    made.globals |= {
        "static": static,
        "url": url,
        "now": now,
        "csrf_field": csrf_field,
        "assetPath": "/assets",
        "nhsuk_version": NHSUK_VERSION,
    }
    made.filters |= {
        "day": day,
        "short_day": short_day,
        "moment": moment,
        "time": clock_time,
        "plural": plural,
    }
    return made


def url(name: str, **parts: Any) -> str:
    """The address of a page by its name, e.g. ``url("employee:start")``."""
    identifiers = {key: value for key, value in parts.items() if isinstance(value, UUID)}
    address = _address(name, *((key, key in identifiers or str(value)) for key, value in parts.items()))
    for key, value in identifiers.items():
        address = address.replace(str(_stand_in(key)), str(value))
    return address


@lru_cache(maxsize=2_000)
def _address(name: str, *parts: tuple[str, str | bool]) -> str:
    """The address with stand-ins for identifiers, so that a list's many addresses are looked up once."""
    return reverse(name, kwargs={key: _stand_in(key) if part is True else part for key, part in parts})


@cache
def _stand_in(key: str) -> UUID:
    return uuid5(NAMESPACE_URL, key)


def csrf_field(request: Any) -> Markup:
    """The hidden field that every form that changes something carries; the same in all forms of a page."""
    if not hasattr(request, "csrf_field"):
        field = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">')
        request.csrf_field = field.format(get_token(request))
    drawn: Markup = request.csrf_field
    return drawn


def day(value: date | datetime | None, empty: str = "") -> str:
    """``Tuesday 3 March``, with the year when it is not this one."""
    if value is None:
        return empty
    local = value.astimezone(UK) if isinstance(value, datetime) else value
    words = f"{local:%A} {local.day} {local:%B}"
    return words if local.year == now().astimezone(UK).year else f"{words} {local.year}"


def short_day(value: date | datetime | None, empty: str = "") -> str:
    """``3 Mar 2026``, for tables."""
    if value is None:
        return empty
    local = value.astimezone(UK) if isinstance(value, datetime) else value
    return f"{local.day} {local:%b} {local.year}"


def moment(value: datetime | None, empty: str = "") -> str:
    """``Tuesday 3 March at 2:30pm``."""
    return empty if value is None else f"{day(value)} at {clock_time(value)}"


def clock_time(value: datetime) -> str:
    """``2:30pm``, ``9am``, ``midday``: as the NHS content guide writes times."""
    local = value.astimezone(UK)
    if (local.hour, local.minute) == (12, 0):
        return "midday"
    half = "am" if local.hour < 12 else "pm"
    hour = local.hour % 12 or 12
    return f"{hour}{half}" if local.minute == 0 else f"{hour}:{local.minute:02d}{half}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 person``, ``2 people``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
