"""People enough to count: staff of an employer, their absences, appointments, requests and outcomes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.clinics.models import Appointment, Slot
from openoh.pathway.requests.models import HelpRequest
from openoh.population.absence.models import Spell
from openoh.population.measures import publishing_groups, rules

WORKER = Scope(Audience.WORKER)


def staff(world, employer, count):
    """So many people of one employer, all with persons of the provider."""
    with within(WORKER):
        people = Person.objects.bulk_create(
            Person(provider=world.provider, given_name="P", family_name=f"{n}") for n in range(count)
        )
        return Engagement.objects.bulk_create(
            Engagement(employer=employer, provider=world.provider, person=person, number=str(uuid4())[:20],
                       given_name="P", family_name="P", starts_on=date(2020, 1, 1))
            for person in people
        )  # fmt: skip


def absent(engagements, day, days=3):
    """An absence of each, from the day on."""
    with within(WORKER):
        Spell.objects.bulk_create(
            Spell(employer_id=e.employer_id, engagement=e, reference=str(new_id()), started_on=day,
                  ended_on=day + timedelta(days=days - 1))
            for e in engagements
        )  # fmt: skip


def book(world, engagement, starts, state):
    """An appointment of 45 minutes with the nurse."""
    ends = starts + timedelta(minutes=45)
    with within(WORKER):
        slot = Slot.objects.create(provider=world.provider, clinician=world.clinicians["nia"], service="nurse",
                                   starts_at=starts, ends_at=ends, during=(starts, ends))  # fmt: skip
        Appointment.objects.create(
            provider=world.provider, employer_id=engagement.employer_id, person_id=engagement.person_id, slot=slot,
            clinician=world.clinicians["nia"], service="nurse", starts_at=starts, ends_at=ends, state=state,
        )  # fmt: skip


def asked_for_help(world, engagements, sent_at):
    """A request of each, waiting for triage since."""
    with within(WORKER):
        HelpRequest.objects.bulk_create(
            HelpRequest(person_id=e.person_id, employer_id=e.employer_id, provider=world.provider, state="sent",
                        sent_at=sent_at)
            for e in engagements
        )  # fmt: skip


def months_back(count):
    """The first day of the month that lies `count` months before this one."""
    return rules.months_before(clock.today(), count + 1)


def two_years(world):
    """A trust of 120 people with two years of absences, and a clinic that got better at being attended."""
    trust = staff(world, world.trust, 120)
    absent(staff(world, world.practice, 12)[:7], months_back(2))
    for number in range(24, 0, -1):
        month = months_back(number)
        absent(trust[: 20 + number % 5], month + timedelta(days=3), 7 + number % 4)
        for person in range(22):
            starts = datetime.combine(month, time(8), UTC) + timedelta(days=person // 2 + 1, hours=person % 2)
            missed = person < (9 if number > 8 else 5)
            book(world, trust[person], starts, "did-not-attend" if missed else "attended")
    asked_for_help(world, trust[:18], clock.now() - timedelta(hours=1))
    asked_for_help(world, trust[18:26], clock.now() - timedelta(days=20))
    return trust


def reporting_to(people, manager, team=None):
    """These people report to the manager and work in the team."""
    with within(WORKER):
        Engagement.objects.filter(pk__in=[each.pk for each in people]).update(team=team, manager=manager)
    return people


def a_quarter_of_teams(world):
    """Ben leads 14 people in Ward A1, Dev four in Ward B2; three others lead fifteen each, without a team."""
    first, _ = publishing_groups.newest_quarter(clock.today())
    ben = reporting_to(staff(world, world.trust, 14), world.engagements["ben"], world.teams["A1"])
    dev = reporting_to(staff(world, world.trust, 4), world.engagements["dev"], world.teams["B2"])
    absent(ben[:1], first - timedelta(days=30))  # the feed began before the quarter
    absent(ben[:7] + dev[:3], first + timedelta(days=10), 18)
    for leader in staff(world, world.trust, 3):
        absent(reporting_to(staff(world, world.trust, 15), leader)[:7], first + timedelta(days=10), 18)
    publishing_groups.publish()
    return ben, dev
