"""Addresses of the person signed in for themselves: all begin with /me."""

from django.urls import path

from openoh.pages.employee import asking, booking, offers, outcomes, passports, questions, reports, views

app_name = "employee"
urlpatterns = [
    path("", views.start, name="start"),
    path("/campaigns/<uuid:campaign>/close", views.close_campaign, name="close-campaign"),
    path("/record", views.record, name="record"),
    path("/record/who-looked", views.who_looked, name="who-looked"),
    path("/record/messages", views.written_about_me, name="messages"),
    path("/contact", views.contact, name="contact"),
    path("/how-we-tell-you", views.how_we_tell_you, name="how-we-tell-you"),
    path("/passport", passports.your_passport, name="passport"),
    path("/passport/share", passports.share, name="share-passport"),
    path("/passport/shares/<uuid:share_id>/revoke", passports.revoke, name="revoke-share"),
    path("/help", asking.ask, name="help"),
    path("/help/<uuid:request_id>", asking.one, name="request"),
    path("/help/<uuid:request_id>/safety", asking.safety, name="safety"),
    path("/help/<uuid:request_id>/questions", asking.assess, name="assess"),
    path("/help/<uuid:request_id>/check", asking.check, name="check"),
    path("/help/<uuid:request_id>/send", asking.send, name="send"),
    path("/help/<uuid:request_id>/take-back", asking.withdraw, name="withdraw"),
    path("/help/<uuid:request_id>/times", booking.times, name="times"),
    path("/help/<uuid:request_id>/times/<uuid:slot_id>", booking.book, name="book"),
    path("/help/<uuid:request_id>/<slug:slug>", asking.step, name="step"),
    path("/questions/<uuid:answer_set_id>", questions.resume, name="questions"),
    path("/questions/<uuid:answer_set_id>/result", questions.result, name="result"),
    path("/questions/<uuid:answer_set_id>/safety", questions.safety, name="answer-safety"),
    path("/questions/<uuid:answer_set_id>/question/<slug:item>", questions.question, name="question"),
    path("/offers", offers.invitations, name="offers"),
    path("/offers/<uuid:offer_id>", offers.offer, name="offer"),
    path("/offers/<uuid:offer_id>/go-on", offers.go_on, name="go-on"),
    path("/choices", offers.choices, name="choices"),
    path("/cases/<uuid:case_id>/times", booking.case_times, name="case-times"),
    path("/cases/<uuid:case_id>/times/<uuid:slot_id>", booking.case_book, name="case-book"),
    path("/appointments/<uuid:appointment_id>", booking.appointment, name="appointment"),
    path("/appointments/<uuid:appointment_id>/move", booking.move, name="move"),
    path("/appointments/<uuid:appointment_id>/needs", booking.needs, name="needs"),
    path("/appointments/<uuid:appointment_id>/cancel", booking.cancel, name="cancel"),
    path("/appointments/<uuid:appointment_id>/appointment.ics", booking.calendar, name="calendar"),
    path("/reports/<uuid:report_id>", reports.report, name="report"),
    path("/reports/<uuid:report_id>/<slug:decision>", reports.decide, name="report-decision"),
    path("/how-it-went/<uuid:outcome_id>", outcomes.how_it_went, name="how-it-went"),
]
