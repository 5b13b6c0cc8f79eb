"""Which pages are measured, as whom. An address that the service does not have is left out."""

from __future__ import annotations

from typing import Any

BARE = "/bare"
HOLDERS = {
    "employee": "p90001", "manager": "p1", "hr": "cara", "oh-nurse": "nurse1", "clinical-lead": "rita",
    "service-manager": "sam", "oh-administrator": "tess",
}  # fmt: skip

# In the order of how often they are opened: employees and managers first, then the clinic, then the rest.
MOST_USED = (
    ("employee", "/me"),
    ("employee", "/confidentiality"),
    ("employee", "/me/record"),
    ("employee", "/me/record/who-looked"),
    ("employee", "/me/passport"),
    ("manager", "/manager"),
    ("manager", "/manager/referrals"),
    ("oh-nurse", "/clinic"),
    ("oh-nurse", "/clinic/triage"),
    ("oh-nurse", "/clinic/caseload"),
    ("hr", "/employer"),
    ("service-manager", "/service"),
    ("employee", "/me/help"),
    ("employee", "/crisis"),
    ("employee", "/roles"),
    ("employee", "/privacy"),
    ("employee", "/accessibility"),
)
LISTS = (
    ("oh-nurse", "/api/people?text=an"),
    ("oh-nurse", "/api/slots?service=nurse"),
    ("hr", "/api/imports"),
    ("employee", "/me/record/who-looked"),
    ("manager", "/manager"),
    ("manager", "/manager/referrals"),
    ("manager", "/manager/advice"),
    ("hr", "/employer"),
    ("hr", "/employer/people"),
    ("oh-nurse", "/clinic/triage"),
    ("oh-nurse", "/clinic/caseload"),
    ("oh-nurse", "/clinic/offers"),
    ("oh-nurse", "/clinic/people"),
    ("service-manager", "/service/matching"),
    ("service-manager", "/service/audit"),
)


def holder_of(role: str) -> Any:
    """The account of the tenant that holds `role`."""
    from openoh.foundation.accounts.models import User

    return User.objects.get(email=f"{HOLDERS[role]}@example.org")


def served_addresses() -> set[str]:
    """The addresses of pages and operations that the service has."""
    from openoh.pages.role_table import operations, routes

    return {route.path for route in routes()} | {path for method, path, _ in operations() if method == "GET"}
