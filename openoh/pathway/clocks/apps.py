"""Clocks join the nightly round."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.pathway.clocks"
    default = True

    def ready(self) -> None:
        from openoh.foundation.core import ticks
        from openoh.foundation.core.actors import system_actor
        from openoh.pathway.clocks.actions import recompute

        ticks.register("paused clocks", 3600, lambda: recompute(by=system_actor("paused clocks")))
