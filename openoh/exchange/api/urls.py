"""Where the API is mounted."""

from django.urls import path

from openoh.exchange.api.operations import api

urlpatterns = [path("api/", api.urls)]
