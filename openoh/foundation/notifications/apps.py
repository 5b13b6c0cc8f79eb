"""The outbox joins the worker's round, and people are told what earlier packages did."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.foundation.notifications"
    default = True

    def ready(self) -> None:
        from openoh.foundation.core import ticks
        from openoh.foundation.notifications import consumers, outbox

        ticks.register("outbox", 1, outbox.send_due)
        ticks.register("daily summaries", 900, outbox.make_digests_at_their_hour)
        consumers.register()
