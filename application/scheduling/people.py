"""Adding people to the directory and taking them out of service."""

from application.commands import Command, command, handles
from application.work import Work
from domain.scheduling.person import Person, PersonKind
from domain.shared.ids import AccountId, PersonId


@command(needs="people:write")
class AddPerson(Command[Person]):
    name: str
    email: str
    kind: PersonKind
    roles: tuple[str, ...]
    account_id: AccountId | None = None
    """The account that acts for this person, such as when accepting a shift."""


@handles(AddPerson)
async def add_person(command: AddPerson, work: Work) -> Person:
    person = Person(
        id=work.new_id(),
        name=command.name,
        email=command.email,
        kind=command.kind,
        roles=tuple(sorted(set(command.roles))),
        account_id=command.account_id,
    )
    return work.add(person)


@command(needs="people:write")
class DeactivatePerson(Command[Person]):
    person_id: PersonId


@handles(DeactivatePerson)
async def deactivate_person(command: DeactivatePerson, work: Work) -> Person:
    person = await work.get(Person, command.person_id)
    person.deactivate()
    return person
