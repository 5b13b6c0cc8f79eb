"""Registers what reports do when something happened."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "openoh.pathway.reports"
    default = True

    def ready(self) -> None:
        from openoh.pathway.reports import consumers

        consumers.register()
