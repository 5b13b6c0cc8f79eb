"""Every table says who may touch it, whose rows they see, and what each of its fields is.

A model carries one `Classified` as its attribute `classified`. From it come the database grants, the row
policies and the record of processing; a test fails when a model or a field has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from openoh.foundation.core.actors import Audience


class Kind(StrEnum):
    """What a field holds."""

    TECHNICAL = "technical"  # identifiers, versions, who wrote it and when
    IDENTITY = "identity"  # says who somebody is or how to reach them
    EMPLOYMENT = "employment"  # what an employer knows about a job
    CODED = "coded"  # codes, scores, bands, dates of care: countable
    SEALED = "sealed"  # encrypted free text, answers, documents
    OPEN = "open"  # not about a person


OF_EMPLOYER = "employer_id = ANY ((SELECT oh_employers())::uuid[])"
OF_PROVIDER = "provider_id = (SELECT oh_provider())"
OF_BOTH = f"{OF_EMPLOYER} AND {OF_PROVIDER}"
OF_PERSON = "person_id = (SELECT oh_person())"
OF_MANAGER = f"{OF_EMPLOYER} AND recipient_id = (SELECT oh_engagement())"
OF_ACCOUNT = "user_id = (SELECT oh_account())"
ANY_ROW = "true"

_SHORT = {
    "person": Audience.PERSON,
    "employer": Audience.EMPLOYER,
    "clinical": Audience.CLINICAL,
    "service": Audience.SERVICE,
    "insight": Audience.INSIGHT,
    "worker": Audience.WORKER,
}


@dataclass(frozen=True)
class Classified:
    """The classification of one table.

    `rows`: for each audience (``person employer clinical service insight worker``) the SQL condition of the rows
    it may see; an audience that is absent is denied the table. `write`: the audiences that may insert and update;
    `insert_only`: those that may only add. `delete`: those that may delete. `door`: what the login role may do
    before a scope exists (sign-in tables only). `also_merged`: rows
    are added also about somebody who was found to be another person. The rest names every field once.
    """

    purpose: str
    retention: str
    rows: Mapping[str, str]
    write: str = ""
    insert_only: str = ""
    delete: str = ""
    door: str = ""
    also_merged: bool = False
    technical: str = ""
    identity: str = ""
    employment: str = ""
    coded: str = ""
    sealed: str = ""
    open: str = ""
    write_rows: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Kind]:
        """Each field's kind, by name. Raises ValueError when a field is named twice."""
        kinds: dict[str, Kind] = {}
        for kind in Kind:
            for name in getattr(self, kind.value).split():
                if name in kinds:
                    raise ValueError(f"field {name!r} is classified twice: {kinds[name]} and {kind}")
                kinds[name] = kind
        return kinds

    def readers(self) -> dict[Audience, str]:
        return {_SHORT[name]: condition for name, condition in self.rows.items()}

    def privileges(self, audience: Audience) -> set[str]:
        """The SQL privileges of `audience` on this table."""
        if audience not in self.readers():
            return set()
        short = audience.value.removeprefix("oh_")
        granted = {"SELECT"}
        if short in self.write.split():
            granted |= {"INSERT", "UPDATE"}
        if short in self.insert_only.split():
            granted |= {"INSERT"}
        if short in self.delete.split():
            granted |= {"DELETE"}
        return granted
