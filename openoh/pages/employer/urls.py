"""Addresses of employers: all begin with /employer."""

from django.urls import path

from openoh.pages.employer import absences, campaigns, feeds, mapping, people, purposes, quarantine

app_name = "employer"
urlpatterns = [
    path("", feeds.feeds, name="feeds"),
    path("/upload", feeds.upload, name="upload"),
    path("/imports/<uuid:run>", feeds.one, name="import"),
    path("/imports/<uuid:run>/report.csv", feeds.report, name="report"),
    path("/rows/<uuid:row>", quarantine.correct, name="row"),
    path("/mapping", mapping.propose, name="mapping"),
    path("/mapping/save", mapping.save, name="save-mapping"),
    path("/people", people.listing, name="people"),
    path("/people/add", people.add, name="add"),
    path("/people/<uuid:engagement>", people.one, name="person"),
    path("/people/<uuid:engagement>/leaves", people.leaves, name="leaves"),
    path("/people/<uuid:engagement>/absent", absences.add, name="absent"),
    path("/absences/<int:spell>", absences.change, name="absence"),
    path("/offers", campaigns.offers, name="offers"),
    path("/offers/campaigns/new", campaigns.write, name="new-campaign"),
    path("/offers/campaigns/<uuid:campaign>", campaigns.one, name="campaign"),
    path("/offers/campaigns/<uuid:campaign>/change", campaigns.write, name="change-campaign"),
    path("/purposes", purposes.listing, name="purposes"),
    path("/purposes/<slug:code>", purposes.declare, name="purpose"),
    path("/purposes/<slug:code>/end", purposes.end, name="end-purpose"),
]
