"""Addresses of managers: all begin with /manager."""

from django.urls import path

from openoh.pages.manager import advice, cover, messages, outcome, people, referrals, team, writing

app_name = "manager"
urlpatterns = [
    path("", people.my_people, name="people"),
    path("/refer/<uuid:engagement>", referrals.refer, name="refer"),
    path("/referrals", referrals.listing, name="referrals"),
    path("/referrals/<uuid:referral>", referrals.progress, name="progress"),
    path("/referrals/<uuid:referral>/messages", messages.about_referral, name="messages"),
    path("/referrals/<uuid:referral>/withdraw", referrals.withdraw, name="withdraw"),
    path("/referrals/<uuid:referral>/check", writing.check, name="check"),
    path("/referrals/<uuid:referral>/<slug:part>", writing.write, name="write"),
    path("/advice", advice.listing, name="advice"),
    path("/advice/<uuid:released>", advice.read, name="report"),
    path("/advice/<uuid:released>/messages", messages.about_advice, name="advice-messages"),
    path("/advice/adjustments/<uuid:adjustment>", advice.answer, name="adjustment"),
    path("/team", team.team, name="team"),
    path("/team/figure", team.about_figure, name="team-figure"),
    path("/team/conversation", team.talk, name="talk"),
    path("/cover", cover.cover, name="cover"),
    path("/cover/<uuid:delegation>/end", cover.end, name="end-cover"),
    path("/how-it-went/<uuid:outcome>", outcome.how_it_went, name="outcome"),
]
