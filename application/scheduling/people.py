"""Adding people to the directory, changing what is known of them, taking them out of service."""

from dataclasses import replace

from application.commands import Command, command, handles
from application.scheduling.roles import roles_for_a_person
from application.unit_of_work import Work
from domain.scheduling.person import Person, PersonKind, Profile, ProfileChange, roles_of
from domain.shared.ids import AccountId, PersonId
from domain.shared.keeping import Kept
from domain.shared.money import Money


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
    hourly_rate: Money | None = None


@handles(AddPerson)
async def add_person(command: AddPerson, work: Work) -> Person:
    """Raises Invalid, or RuleBroken when a role is closed."""
    profile = Profile(**vars(command)).checked()
    roles = await roles_for_a_person(profile.roles, work)
    return work.add(Person.add(work.new_id(), replace(profile, roles=roles)))


@command(needs="people:write")
class ChangePerson(Command[Person]):
    person_id: PersonId
    change: ProfileChange


@handles(ChangePerson)
async def change_person(command: ChangePerson, work: Work) -> Person:
    """Raises Invalid, or RuleBroken when a role is closed that the person does not have yet."""
    person = await work.get(Person, command.person_id)
    change = command.change
    if not isinstance(change.roles, Kept):
        roles = await roles_for_a_person(roles_of(change.roles), work, held=person.roles)
        change = replace(change, roles=roles)
    person.change(change)
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
