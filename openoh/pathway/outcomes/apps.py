"""Registers what outcomes do when something happened."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "openoh.pathway.outcomes"
    default = True

    def ready(self) -> None:
        from openoh.foundation.core import ticks
        from openoh.foundation.core.actors import system_actor
        from openoh.pathway.outcomes import actions, consumers

        consumers.register()
        ticks.register("outcomes", 3600, lambda: actions.ask_and_chase(by=system_actor("outcomes")))
