"""The application `passports`."""

from django.apps import AppConfig


class PassportsConfig(AppConfig):
    name = "openoh.exchange.passports"
    default = True
