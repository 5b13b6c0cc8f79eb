"""The feed joins the worker's round: the watched folder, left-over files, and roles that follow from engagements."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.exchange.hr_feed"
    default = True

    def ready(self) -> None:
        from openoh.exchange.hr_feed import round_of_feeds
        from openoh.foundation.core import ticks

        ticks.register("watched folder", 5, round_of_feeds.watch, lengthy=True)
        ticks.register("large files", 1, round_of_feeds.take_what_waits, lengthy=True)
        ticks.register("left-over files", 86_400, round_of_feeds.sweep)
        ticks.register("standing roles", 86_400, round_of_feeds.renew_standing_roles)
