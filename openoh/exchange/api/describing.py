"""The description of the API, for programs that read it."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from openoh.exchange.api.operations import api
from openoh.foundation.access.rules_of_pages import public


@public("a description of the API; it holds no data")
@require_GET
def describe(request: HttpRequest) -> JsonResponse:
    return JsonResponse(api.get_openapi_schema(path_prefix="/api/"))
