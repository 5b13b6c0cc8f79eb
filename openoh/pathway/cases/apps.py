"""The application `cases`."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "openoh.pathway.cases"
    default = True

    def ready(self) -> None:
        from openoh.pathway.cases import opening

        opening.connect()
