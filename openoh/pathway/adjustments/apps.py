"""Registers what adjustments do when something happened."""

from django.apps import AppConfig


class AdjustmentsConfig(AppConfig):
    name = "openoh.pathway.adjustments"
    default = True

    def ready(self) -> None:
        from openoh.pathway.adjustments import consumers

        consumers.register()
