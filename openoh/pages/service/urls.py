"""Addresses of those who run the service: all begin with /service."""

from django.urls import path

from openoh.pages.service import (
    administration,
    audit,
    benchmarks,
    clinicians,
    contracts,
    employers,
    matching,
    measures,
    offered,
    programs,
    roles,
    today,
    undelivered,
)

app_name = "service"
urlpatterns = [
    path("", today.today, name="today"),
    path("/waits", today.waits, name="waits"),
    path("/measures", measures.listing, name="measures"),
    path("/measures/<slug:code>", measures.measure, name="measure"),
    path("/benchmarks", benchmarks.benchmarks, name="benchmarks"),
    path("/matching", matching.queue, name="matching"),
    path("/matching/<uuid:candidate>", matching.decide, name="decide-match"),
    path("/matching/<uuid:merge>/undo", matching.undo, name="undo-merge"),
    path("/administration", administration.start, name="administration"),
    path("/administration/about", employers.about, name="about"),
    path("/administration/employers/new", employers.new, name="new-employer"),
    path("/administration/roles", roles.listing, name="roles"),
    path("/administration/roles/<uuid:assignment>/end", roles.end, name="end-role"),
    path("/administration/contracts/<uuid:contract>", contracts.contract, name="contract"),
    path("/administration/roles/<uuid:assignment>/lost-device", roles.lost_device, name="lost-device"),
    path("/administration/services", offered.listing, name="services"),
    path("/administration/services/<slug:code>", offered.service, name="service"),
    path("/administration/clinicians", clinicians.listing, name="clinicians"),
    path("/administration/clinicians/<uuid:clinician>", clinicians.change, name="clinician"),
    path("/administration/clinicians/accounts/<uuid:user>", clinicians.register, name="register-clinician"),
    path("/administration/cover", administration.cover, name="cover"),
    path("/administration/cover/<uuid:cover>", administration.change_cover, name="change-cover"),
    path("/administration/cover/<uuid:cover>/end", administration.end_cover, name="end-cover"),
    path("/administration/content", administration.content, name="content"),
    path("/administration/content/<slug:slug>", administration.content_file, name="content-file"),
    path("/administration/programs", programs.listing, name="programs"),
    path("/administration/programs/<uuid:key>/revoke", programs.revoke, name="revoke-key"),
    path("/administration/messages", undelivered.listing, name="undelivered"),
    path("/administration/messages/<uuid:message>/again", undelivered.again, name="send-again"),
    path("/audit", audit.events, name="audit"),
]
