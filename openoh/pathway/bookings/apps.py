"""Registers what bookings do when something happened."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "openoh.pathway.bookings"
    default = True

    def ready(self) -> None:
        from openoh.pathway.bookings import consumers

        consumers.register()
