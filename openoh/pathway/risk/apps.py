"""The application `risk`."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "openoh.pathway.risk"
    default = True

    def ready(self) -> None:
        from openoh.pathway.risk import consumers, watch

        watch.connect()
        consumers.register()
