"""Every address of the service against every role: built from the URLs and the rules that the views carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from openoh.exchange.api.operations import api
from openoh.foundation.access.roles import ROLES
from openoh.pages.gate import DenyByDefault, PageRule


@dataclass(frozen=True)
class Route:
    """One address: how it is written, what it is called, and the rule that guards it (None: nobody decided)."""

    path: str
    name: str
    rule: PageRule | None
    library: bool

    def roles(self) -> frozenset[str]:
        """The roles whose permissions open this page; every role for a public one."""
        if self.rule is None or self.rule.permission is None:
            return frozenset(ROLES)
        return frozenset(name for name, role in ROLES.items() if self.rule.permission in role.permissions)


def routes() -> list[Route]:
    """All addresses, in order."""
    return sorted(_walk(get_resolver().url_patterns, "/", ""), key=lambda route: route.path)


def operations() -> list[tuple[str, str, str]]:
    """Every operation of the API: method, address, and the permission that it needs ("" when nobody decided)."""
    found = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for entry in view.operations:
                permission = getattr(entry.view_func, "permission", "")
                found += [(method, f"/api{prefix}{path}", permission) for method in entry.methods]
    return sorted(found, key=lambda row: (row[1], row[0]))


def _walk(patterns: list[URLPattern | URLResolver], path: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        written = path + str(entry.pattern).lstrip("^").rstrip("$").removesuffix(r"\Z")
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, written, inner)
        else:
            view = entry.callback
            library = view.__module__.startswith(DenyByDefault.LIBRARY_PREFIXES)
            yield Route(written, f"{namespace}{entry.name}", getattr(view, "page_rule", None), library)
