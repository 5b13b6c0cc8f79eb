"""Adding persons, deciding whether two are one, merging them, and parting them again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model, Q, UUIDField

from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience, system_actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.core.models import DataKey
from openoh.foundation.core.postgresql.base import write_soon
from openoh.foundation.core.scope import within
from openoh.foundation.core.staging import execute
from openoh.foundation.core.wall import classification_of
from openoh.foundation.people import ports
from openoh.foundation.people.access import candidates_visible_to, may_match, visible_to
from openoh.foundation.people.models import MatchCandidate, Merge, Person, PersonTrigram
from openoh.foundation.people.trigrams import index_names, index_new

# Seven digits or more, as somebody writes them down.
TELEPHONE = re.compile(r"\+?(?:[ ()-]*[0-9]){7,15}")
STAYING = (
    MatchCandidate,
    Merge,
    Person,
    PersonTrigram,
)  # their rows are about the pair, not about the person


@action("person.added")
def add_person(
    *, by: Actor, provider: UUID, given_name: str, family_name: str, birth_date: date | None = None,
    email: str = "", mobile: str = "", known_as: str = "",
) -> Person:  # fmt: skip
    """A new person in the provider's records, who can be found by any part of the name at once."""
    person = Person(
        provider_id=provider, given_name=given_name, family_name=family_name, birth_date=birth_date, email=email,
        mobile=mobile, known_as=known_as,
    )  # fmt: skip
    index_new(person)
    write_soon(person)
    return person


@action("person.mobile-changed")
def change_mobile(*, by: Actor, mobile: str) -> Person:
    """The person says on which number they are reached; empty takes it away. Raises Invalid for what is no number."""
    if by.audience is not Audience.PERSON:
        raise NotAllowed("Only the person can change this here.")
    number = " ".join(mobile.split())
    if number and not TELEPHONE.fullmatch(number):
        raise Invalid("Give a telephone number, like 07700 900 982", field="mobile")
    person = visible_to(by).select_for_update().get(pk=by.person or NOBODY)
    person.mobile = number
    person.save(update_fields=["mobile"])
    return person


@action("person.channel-chosen")
def choose_channel(*, by: Actor, channel: str) -> Person:
    """The person says how they want to be told things: a value of `Person.Channel`. Raises Invalid for another."""
    if by.audience is not Audience.PERSON:
        raise NotAllowed("Only the person can change this here.")
    if channel not in Person.Channel.values:
        raise Invalid("Choose how we tell you things", field="channel")
    person = visible_to(by).select_for_update().get(pk=by.person or NOBODY)
    person.channel = channel
    person.save(update_fields=["channel"])
    return person


@action("match.decided")
def decide_match(*, by: Actor, candidate: MatchCandidate, same: bool) -> MatchCandidate:
    """Say whether the engagement belongs to the person that we know. “Same” merges; the merge can be undone."""
    _must_match(by)
    if by.user is None:
        raise NotAllowed("A match is decided by somebody with a name, not by the system.")
    decided = candidates_visible_to(by).select_for_update(of=("self",)).get(pk=candidate.pk)
    if decided.state != MatchCandidate.State.OPEN:
        raise Conflict("Somebody has decided this match already. Look at the queue again.")
    decided.state = MatchCandidate.State.SAME if same else MatchCandidate.State.DIFFERENT
    decided.decided_by, decided.decided_at = by.user, clock.now()
    decided.save(update_fields=["state", "decided_by", "decided_at"])
    other = decided.engagement.person
    if same and other is not None and other.pk != decided.person_id:
        kept, gone = (decided.person, other) if not _has_care_record(other) else (other, decided.person)
        merge(by=by, kept=kept, gone=gone)
    return decided


@action("person.merged")
def merge(*, by: Actor, kept: Person, gone: Person) -> Merge:
    """Make `gone` the same person as `kept`: engagements and choices move, and the move is written down. From then on
    the account of `kept` acts for both.

    Raises Conflict when `gone` has a care record, which is sealed with that person's own key; merge the other way
    round then, or, when both have one, keep both and tell the clinicians.
    """
    _must_match(by)
    if kept.pk == gone.pk:
        raise Conflict("These are already the same person.")
    with within(system_actor("merging", provider=kept.provider_id).scope):
        _wait_for_writers(kept.pk, gone.pk)
        pair = Person.objects.select_for_update().in_bulk(sorted([kept.pk, gone.pk], key=str))
        kept, gone = pair[kept.pk], pair[gone.pk]
        if by.provider != kept.provider_id or gone.provider_id != kept.provider_id:
            raise NotAllowed("People are matched only within your own service.")
        if kept.merged_into_id or gone.merged_into_id:
            raise Conflict("One of the two was merged already. Look again.")
        if _has_care_record(gone):
            raise Conflict(
                "The person who would disappear has a care record. Merge the other way round; when both have one, "
                "keep both."
            )
        done = Merge(provider_id=kept.provider_id, kept=kept, gone=gone)
        # An employer gave the address of the one who goes; it must not open the record of the one who stays.
        ports.close_accounts(gone.pk)
        done.moved = _move(gone.pk, kept.pk)
        done.save(force_insert=True)
        gone.merged_into = kept
        gone.save(update_fields=["merged_into"])
        index_names([gone.pk])
    return done


@action("person.parted")
def undo_merge(*, by: Actor, merged: Merge) -> Merge:
    """Part two people again: what moved goes back, with what was added to it since; what is new since stays with the
    person who was kept."""
    _must_match(by)
    with within(system_actor("merging", provider=by.provider).scope):
        undone = Merge.objects.select_for_update(of=("self",)).get(
            pk=merged.pk, provider_id=by.provider or NOBODY
        )
        if undone.undone_at:
            raise Conflict("This merge was undone already.")
        _wait_for_writers(undone.kept_id, undone.gone_id)
        models = {model._meta.label: (model, name) for model, name in _pointing_to_people()}
        for label, moved in undone.moved.items():
            model, name = models[label]
            model._default_manager.filter(pk__in=moved).update(**{name: undone.gone_id})
        _bring_along(undone)
        Person.objects.filter(pk=undone.gone_id).update(merged_into=None)
        index_names([undone.gone_id])
        ports.reopen_accounts(undone.gone_id)
        undone.undone_at = clock.now()
        undone.save(update_fields=["undone_at"])
    return undone


def _wait_for_writers(*people: UUID) -> None:
    """Until the end of the transaction nobody begins to write about these people; who does already is waited for."""
    for person in sorted(map(str, people)):
        execute("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", {"key": f"person {person}"})


def _bring_along(undone: Merge) -> None:
    """What was added to something that goes back, such as a time for a case, goes back with it.

    Earlier rooms name later ones by a plain identifier, so every identifier that a row holds is looked at.
    """
    moved = [key for rows in undone.moved.values() for key in rows if not key.isdecimal()]
    for model, name in _pointing_to_people():
        pointing = Q()
        for field in model._meta.fields:
            kind = getattr(field, "target_field", field)
            if isinstance(kind, UUIDField) and field.name != name and not field.primary_key:
                pointing |= Q(**{f"{field.attname}__in": moved})
        changes = "UPDATE" in classification_of(model).privileges(Audience.WORKER)
        if moved and pointing and changes:  # what is only added to stays
            model._default_manager.filter(pointing, **{name: undone.kept_id}).update(**{name: undone.gone_id})


def _must_match(by: Actor) -> None:
    if not may_match(by):
        raise NotAllowed("Only those who keep the service's matching may decide who is who.")


def _pointing_to_people() -> Iterator[tuple[type[Model], str]]:
    """Every table of every floor that points to a person, with the name of its field."""
    for relation in Person._meta.related_objects:
        model = relation.related_model
        if isinstance(model, type) and model not in STAYING:
            yield model, relation.field.name


def _is_sealed(model: type[Model]) -> bool:
    return bool(classification_of(model).sealed)


def _has_care_record(person: Person) -> bool:
    """Whether anything is sealed with the person's own key, or stands in a table of sealed text."""
    with within(system_actor("merging", provider=person.provider_id).scope):
        return DataKey.objects.filter(owner=person.pk).exists() or any(
            model._default_manager.filter(**{name: person.pk}).exists()
            for model, name in _pointing_to_people()
            if _is_sealed(model)
        )


def _move(gone: UUID, kept: UUID) -> dict[str, list[str]]:
    """Point every row of `gone` to `kept`; returns the moved rows' identifiers by table."""
    moved: dict[str, list[str]] = {}
    for model, name in _pointing_to_people():
        rows = [
            str(key) for key in model._default_manager.filter(**{name: gone}).values_list("pk", flat=True)
        ]
        if not rows:
            continue
        try:
            with transaction.atomic():
                model._default_manager.filter(pk__in=rows).update(**{name: kept})
        except IntegrityError:
            raise Conflict(
                f"Both people have their own {model._meta.verbose_name_plural}, which cannot be put together."
            ) from None
        moved[model._meta.label] = rows
    return moved
