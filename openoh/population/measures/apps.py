"""Publishing the figures joins the worker's round."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.population.measures"
    default = True

    def ready(self) -> None:
        from openoh.foundation.core import ticks
        from openoh.population.measures import publishing, publishing_groups, publishing_offers

        ticks.register("measures", 60, publishing.publish)
        ticks.register("rates of groups", 600, publishing_groups.publish, lengthy=True)
        ticks.register("figures of offers", 600, publishing_offers.publish, lengthy=True)
