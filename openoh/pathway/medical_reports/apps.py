"""Registers what medical reports do when something happened."""

from django.apps import AppConfig


class MedicalReportsConfig(AppConfig):
    name = "openoh.pathway.medical_reports"
    default = True

    def ready(self) -> None:
        from openoh.pathway.medical_reports import consumers

        consumers.register()
