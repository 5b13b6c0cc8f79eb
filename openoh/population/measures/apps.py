"""Publishing the figures joins the worker's round."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.population.measures"
    default = True

    def ready(self) -> None:
        from openoh.foundation.core import ticks
        from openoh.population.measures import publishing

        ticks.register("measures", 60, publishing.publish)
