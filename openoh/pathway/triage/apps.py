"""The clock of triage follows what happens to requests and referrals."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "openoh.pathway.triage"
    default = True

    def ready(self) -> None:
        from openoh.pathway.triage import consumers, messages

        consumers.register()
        messages.register()
