"""The quality package as Django knows it."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "openoh.pathway.quality"
    default = True
