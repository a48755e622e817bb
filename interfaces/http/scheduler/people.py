"""The directory of people."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.commands import Command, Deferred
from application.scheduling.people import (
    AddPerson,
    ChangePerson,
    DeactivatePerson,
    ReactivatePerson,
)
from domain.scheduling.person import Person, PersonKind
from domain.shared.errors import Invalid
from domain.shared.ids import AccountId, PersonId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Text
from interfaces.http.money import money_of
from interfaces.http.scheduler.common import PageOut, Paging, existing
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.directory_schemas import PersonChangeIn, PersonIn, PersonOut
from projections.scheduling.people import PeopleFilter, find_person, list_people

router = scheduler_router()


@router.get("/people", tags=["directory"], dependencies=[needs("people:read")])
async def get_people(
    call: Call,
    paging: Paging,
    role: Annotated[Text | None, Query()] = None,
    kind: Annotated[PersonKind | None, Query()] = None,
    active: Annotated[bool | None, Query()] = None,
    search: Annotated[
        Text | None, Query(description="Part of a name or an e-mail address.")
    ] = None,
) -> PageOut[PersonOut]:
    """People, by name."""
    wanted = PeopleFilter(role, kind, active, search)
    page = await call.ask(list_people, call.actor.tenant_id, wanted, paging)
    return PageOut[PersonOut].of(page, [PersonOut.of_row(row) for row in page.items])


@router.post("/people", status_code=201, tags=["directory"], dependencies=[needs(AddPerson)])
async def add_person(body: PersonIn, call: Call) -> PersonOut:
    """Add a member of staff or a volunteer, who acts through an account if one is named."""
    account_id = None if body.account_id is None else AccountId(body.account_id)
    command = AddPerson(
        name=body.name,
        email=body.email,
        kind=body.kind,
        roles=body.roles,
        account_id=account_id,
        phone=body.phone,
        weekly_hour_cap=body.weekly_hour_cap,
        hourly_rate=money_of(body.hourly_rate),
    )
    return await call.run(_for_a_member(call, account_id, command), PersonOut.of)


@router.get("/people/{person_id}", tags=["directory"], dependencies=[needs("people:read")])
async def get_person(person_id: UUID, call: Call) -> PersonOut:
    """One person, active or not."""
    row = await call.ask(find_person, call.actor.tenant_id, PersonId(person_id))
    return PersonOut.of_row(existing(row, "person", person_id))


@router.patch("/people/{person_id}", tags=["directory"], dependencies=[needs(ChangePerson)])
async def change_person(person_id: UUID, body: PersonChangeIn, call: Call) -> PersonOut:
    """Change what is known of a person; shifts that he or she is on stay as they are."""
    command = ChangePerson(PersonId(person_id), body.change())
    return await call.run(_for_a_member(call, body.account, command), PersonOut.of)


@router.delete("/people/{person_id}", tags=["directory"], dependencies=[needs(DeactivatePerson)])
async def deactivate_person(person_id: UUID, call: Call) -> PersonOut:
    """Take a person out of service: no new shifts; what he or she was on stays in the books."""
    return await call.run(DeactivatePerson(PersonId(person_id)), PersonOut.of)


@router.post(
    "/people/{person_id}/reactivate", tags=["directory"], dependencies=[needs(ReactivatePerson)]
)
async def reactivate_person(person_id: UUID, call: Call) -> PersonOut:
    """Put a person back into service."""
    return await call.run(ReactivatePerson(PersonId(person_id)), PersonOut.of)


def _for_a_member(
    call: Call, account_id: AccountId | None, command: Command[Person]
) -> Command[Person] | Deferred[Person]:
    """The command, once the account that it names is known to be one of this tenant."""
    if account_id is None:
        return command

    async def checked() -> Command[Person]:
        if await call.core.roles.find(account_id, call.actor.tenant_id) is None:
            raise Invalid(
                "The account can't act for this person.", {"account_id": "is not a member here"}
            )
        return command

    return Deferred(type(command), checked)
