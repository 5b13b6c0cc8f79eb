"""The address of every page and API operation: one line an audience."""

from django.urls import include, path

urlpatterns = [
    path("", include("openoh.pages.public.urls")),
    path("", include("openoh.pages.account.urls")),
    path("", include("openoh.exchange.api.urls")),
    path("me", include("openoh.pages.employee.urls")),
    path("manager", include("openoh.pages.manager.urls")),
    path("clinic", include("openoh.pages.clinic.urls")),
    path("service", include("openoh.pages.service.urls")),
    path("insight", include("openoh.pages.service.insight_urls")),
    path("employer", include("openoh.pages.employer.urls")),
]

handler404 = "openoh.pages.errors.not_found"
handler500 = "openoh.pages.errors.broken"
handler403 = "openoh.pages.errors.refused"
handler400 = "openoh.pages.errors.bad_request"
