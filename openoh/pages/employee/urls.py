"""Addresses of the person signed in for themselves: all begin with /me."""

from django.urls import path

from openoh.pages.employee import views

app_name = "employee"
urlpatterns = [
    path("", views.start, name="start"),
    path("/record/who-looked", views.who_looked, name="who-looked"),
]
