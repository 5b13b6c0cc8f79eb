"""Registers what correspondence does when something happened."""

from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "openoh.pathway.correspondence"
    default = True

    def ready(self) -> None:
        from openoh.pathway.correspondence import consumers

        consumers.register()
