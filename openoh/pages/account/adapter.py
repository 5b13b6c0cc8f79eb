"""What the sign-in library may do here: nobody signs themselves up; messages travel without a word about health."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.mail import EmailMessage
from django.http import HttpRequest

from openoh.foundation.accounts import secrets
from openoh.foundation.accounts.models import User
from openoh.foundation.core.actors import system_actor
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.notifications.rules import sender

SUBJECT = "Your sign-in code"
WORDS = (
    "Your code is {code}\n\n"
    "It works for ten minutes, once. If you did not ask for it, you can ignore this message; nobody got in.\n"
)
NO_ACCOUNT = (
    "Somebody asked for a sign-in code for this address, but there is no account with it.\n"
    "If it was you, use the address that your employer holds for you.\n"
)
CHANGES = {
    "mfa/email/totp_activated": "An authenticator app was added to your sign-in.",
    "mfa/email/totp_deactivated": "The authenticator app was removed from your sign-in.",
    "mfa/email/webauthn_added": "A passkey was added to your sign-in.",
    "mfa/email/webauthn_removed": "A passkey was removed from your sign-in.",
    "mfa/email/recovery_codes_generated": "New recovery codes were made for your sign-in. The old ones no longer work.",
}


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Closed sign-up; neutral mail."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": "This code is not right. Check the message, or ask for another code.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, then try again.",
        "rate_limited": "Too many tries. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_from_email(self) -> str:
        return sender()

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """A passkey first, where there is one: it cannot be read out to somebody on the telephone."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return sorted(methods, key=lambda method: "webauthn" not in method["id"])

    def add_message(self, request: HttpRequest, level: int, message_template: str | None = None,
                    message_context: dict[str, Any] | None = None, extra_tags: str = "",
                    message: str | None = None) -> None:  # fmt: skip
        """Problems are told; that something worked is said by our own pages, in their own words."""
        if message:
            super().add_message(request, level, message=message, extra_tags=extra_tags)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """That a sign-in was changed is said by the outbox, which tries again: it is changed, whether or not the
        carrier answers now."""
        values: dict[str, object] = {
            "given_name": user.name.partition(" ")[0],
            "what": CHANGES[template_prefix],
        }
        message = draft(template="sign-in-changed", user_id=user.pk, values=values)
        queue(by=system_actor("sign-in"), message=message)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        code = context.get("code")
        body = WORDS.format(code=code) if code else NO_ACCOUNT
        return EmailMessage(SUBJECT, body, self.get_from_email(), [email], headers=headers)


class SecondProof(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Keys of authenticator apps are sealed in the database; names and errors are in our words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or was used already. Wait for the next one and type it."
    }

    def encrypt(self, text: str) -> str:
        return secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.unseal(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        held = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {held + 1}"
