"""What the sign-in library may do here: nobody signs themselves up; codes travel without a word about health."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage
from django.http import HttpRequest

SUBJECT = "Your sign-in code"
WORDS = (
    "Your code is {code}\n\n"
    "It works for ten minutes, once. If you did not ask for it, you can ignore this message; nobody got in.\n"
)
NO_ACCOUNT = (
    "Somebody asked for a sign-in code for this address, but there is no account with it.\n"
    "If it was you, use the address that your employer holds for you.\n"
)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Closed sign-up; neutral mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        code = context.get("code")
        body = WORDS.format(code=code) if code else NO_ACCOUNT
        return EmailMessage(SUBJECT, body, self.get_from_email(), [email], headers=headers)
