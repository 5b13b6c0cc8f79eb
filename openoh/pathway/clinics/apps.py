"""People are told of their appointments."""

from django.apps import AppConfig


class ClinicsConfig(AppConfig):
    name = "openoh.pathway.clinics"
    default = True

    def ready(self) -> None:
        from openoh.pathway.clinics import consumers

        consumers.register()
