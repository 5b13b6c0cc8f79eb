"""Registers what outcomes do when something happened."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "openoh.pathway.outcomes"
    default = True

    def ready(self) -> None:
        from openoh.pathway.outcomes import consumers

        consumers.register()
