"""Addresses of the board: all begin with /insight."""

from django.urls import path

from openoh.pages.service import board

app_name = "insight"
urlpatterns = [
    path("", board.glance, name="glance"),
    path("/measures/<slug:code>", board.measure, name="measure"),
]
