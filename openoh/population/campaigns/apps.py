"""Campaigns have models; nothing listens."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "openoh.population.campaigns"
    default = True
