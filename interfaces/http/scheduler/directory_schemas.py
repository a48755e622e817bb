"""Bodies of units and people."""

from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from domain.scheduling.person import Person, PersonKind
from domain.scheduling.unit import Unit
from interfaces.http.fields import Body, Email, Text, Zone, example
from interfaces.http.scheduler.common import Out, Row


class UnitIn(Body):
    model_config = example(name="Ward 1", zone="Europe/Berlin")

    name: Text
    zone: Zone


class UnitOut(Out):
    id: UUID
    name: str
    zone: str

    @classmethod
    def of(cls, unit: Unit) -> Self:
        return cls(id=unit.id, name=unit.name, zone=unit.zone)

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(id=row.unit_id, name=row.name, zone=row.zone)


class PersonIn(Body):
    model_config = example(
        name="Ana Silva", email="ana@example.org", kind="volunteer", roles=["nurse"]
    )

    name: Text
    email: Email
    kind: PersonKind
    roles: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    account_id: UUID | None = None


class PersonOut(Out):
    id: UUID
    name: str
    email: str
    kind: PersonKind
    roles: Sequence[str]
    active: bool
    account_id: UUID | None

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(
            id=person.id,
            name=person.name,
            email=person.email,
            kind=person.kind,
            roles=person.roles,
            active=person.active,
            account_id=person.account_id,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.person_id,
            name=row.name,
            email=row.email,
            kind=row.kind,
            roles=row.roles,
            active=row.active,
            account_id=row.account_id,
        )
