"""Sealing joins the worker's round."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.foundation.audit"
    default = True

    def ready(self) -> None:
        from openoh.foundation.audit import sealing
        from openoh.foundation.core import ticks

        ticks.register("audit seal", 60, sealing.seal_all)
