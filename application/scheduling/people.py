"""Adding people to the directory, changing what is known of them, taking them out of service."""

from application.commands import Command, command, handles
from application.work import Work
from domain.scheduling.person import Person, PersonKind, Profile, ProfileChange
from domain.shared.ids import AccountId, PersonId


@command(needs="people:write")
class AddPerson(Command[Person]):
    name: str
    email: str
    kind: PersonKind
    roles: tuple[str, ...]
    account_id: AccountId | None = None
    """The account that acts for this person, such as when accepting a shift."""
    phone: str | None = None
    weekly_hour_cap: float | None = None


@handles(AddPerson)
async def add_person(command: AddPerson, work: Work) -> Person:
    return work.add(Person.add(work.new_id(), Profile(**vars(command))))


@command(needs="people:write")
class ChangePerson(Command[Person]):
    person_id: PersonId
    change: ProfileChange


@handles(ChangePerson)
async def change_person(command: ChangePerson, work: Work) -> Person:
    person = await work.get(Person, command.person_id)
    person.change(command.change)
    return person


@command(needs="people:write")
class DeactivatePerson(Command[Person]):
    person_id: PersonId


@handles(DeactivatePerson)
async def deactivate_person(command: DeactivatePerson, work: Work) -> Person:
    person = await work.get(Person, command.person_id)
    person.deactivate()
    return person


@command(needs="people:write")
class ReactivatePerson(Command[Person]):
    person_id: PersonId


@handles(ReactivatePerson)
async def reactivate_person(command: ReactivatePerson, work: Work) -> Person:
    person = await work.get(Person, command.person_id)
    person.reactivate()
    return person
