"""Addresses that need no sign-in."""

from django.urls import path

from openoh.pages.public import passports, views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("crisis", views.crisis, name="crisis"),
    path("confidentiality", views.confidentiality, name="confidentiality"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("privacy", views.privacy, name="privacy"),
    path("shared/<str:code>", passports.shared_passport, name="shared-passport"),
    path("personas", views.personas, name="personas"),
    path("roles", views.roles, name="roles"),
    path("kept", views.kept, name="kept"),
    path("sign-out", views.sign_out, name="sign-out"),
]
