"""Offers listen to absences, releases and objections, and join the worker's round."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.population.offers"
    default = True

    def ready(self) -> None:
        from openoh.foundation.core import facts, ticks
        from openoh.population.offers import consumers

        facts.register("offers", ["absence.recorded"], consumers.on_absence)
        facts.register("offer sending", ["offers.ready", "offer.released"], consumers.on_ready)
        facts.register("offers objected to", ["objection.made"], consumers.on_objection)
        ticks.register("offers", 60, consumers.send_in_contact_hours)
        ticks.register("long absences", 3600, consumers.nightly)
