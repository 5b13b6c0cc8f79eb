"""What the import linter cannot see: string foreign keys, and fields that nobody judged."""

from __future__ import annotations

import pytest

from openoh.config.settings import OPENOH_APPS
from openoh.foundation.core.classification import Kind
from openoh.foundation.core.wall import classification_of, classified_models

ORDER = {package: place for place, package in enumerate(OPENOH_APPS)}
MODELS = classified_models()


def package_of(model) -> str:
    return model._meta.app_config.name


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_relations_point_to_the_same_or_an_earlier_package(model):
    later = [
        f"{field.name} -> {field.related_model._meta.label}"
        for field in model._meta.get_fields()
        if (field.many_to_one or field.one_to_one or field.many_to_many)
        and field.concrete
        and ORDER[package_of(field.related_model)] > ORDER[package_of(model)]
    ]
    assert later == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_is_classified_once(model):
    named = set(classification_of(model).fields())
    fields = {field.name for field in [*model._meta.fields, *model._meta.many_to_many]}
    assert named == fields


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_employers_are_never_given_a_table_that_holds_sealed_text(model):
    """Sealed means clinical. The one table that employers may add to without reading is the reason of a spell."""
    classified = classification_of(model)
    sealed = [name for name, kind in classified.fields().items() if kind is Kind.SEALED]
    if sealed:
        assert classified.rows.get("employer", "false") == "false"


def test_the_apps_stand_in_the_order_of_the_house():
    floors = ["foundation", "pathway", "protection", "population", "improvement", "exchange"]
    places = [floors.index(package.split(".")[1]) for package in OPENOH_APPS]
    assert places == sorted(places)
