"""Reasons of absence are forgotten when their short time is over."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.population.absence"
    default = True

    def ready(self) -> None:
        from openoh.foundation.core import ticks
        from openoh.foundation.core.actors import system_actor
        from openoh.population.absence.actions import forget_reasons

        ticks.register("old reasons", 3600, lambda: forget_reasons(by=system_actor("old reasons")))
