"""Accounts follow people: when two are merged, and when they are parted again."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.foundation.access"
    default = True

    def ready(self) -> None:
        from openoh.foundation.access import standing
        from openoh.foundation.people import ports

        ports.close_accounts.fill(standing.close_accounts)
        ports.reopen_accounts.fill(standing.reopen_accounts)
