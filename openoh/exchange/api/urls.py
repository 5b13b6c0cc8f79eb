"""Where the API is mounted: its operations, and its description. The library's own start page is left out."""

from django.urls import include, path

from openoh.exchange.api.describing import describe
from openoh.exchange.api.operations import api
from openoh.exchange.api.receipts import receipt

patterns, app_name, namespace = api.urls
operations = [pattern for pattern in patterns if getattr(pattern, "name", "") != "api-root"]

urlpatterns = [
    path("api/openapi.json", describe, name="api-description"),
    path("api/notify/receipts", receipt, name="notify-receipts"),
    path("api/", include((operations, app_name), namespace=namespace)),
]
