"""A log as work leaves it: units, accounts, people, and shifts drafted, published and staffed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from domain.identity.account import Account, EmailAddress
from domain.identity.membership import Membership
from domain.identity.tenant import Tenant
from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.person import Person, PersonKind
from domain.scheduling.role import Role
from domain.scheduling.unit import Unit
from domain.shared.aggregate import Event
from domain.shared.ids import AccountId, PersonId, TenantId, UnitId
from domain.shared.moment import happening_at
from domain.shared.money import Money
from domain.shared.period import Month, Period
from tests.bench.opstream_log import drafted, events_of, writing

PEOPLE = 40
"""With two on each shift, everybody has gone home before his or her next one starts."""
UNITS = 5
RATE = Money(Decimal("24.50"), "EUR")


@dataclass
class Story:
    """One tenant's; the same people take their turns."""

    tenant_id: TenantId
    now: datetime
    units: list[Unit] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    agendas: dict[UUID, Agenda] = field(default_factory=dict)

    def cast(self) -> Iterator[Event]:
        with happening_at(self.now):
            yield from events_of(Tenant(id=self.tenant_id, name="Bench"))
            yield from events_of(Role.add(self.tenant_id, "nurse", "", RATE))
            for number in range(UNITS):
                self.units.append(Unit(id=uuid4(), name=f"Ward {number}", zone="Europe/Berlin"))
                yield from events_of(self.units[-1])
            for number in range(PEOPLE):
                yield from self._joined(number)

    def shift(self, number: int) -> Iterator[Event]:
        """The n-th shift; every third stays without an answer, every ninth is declined."""
        shift = drafted(number, UnitId(self.units[number % UNITS].id), self.now)
        with happening_at(self.now):
            shift.publish()
            for person in (self._person(number), self._person(number + PEOPLE // 2)):
                agendas = self._agendas(PersonId(person.id), shift.period)
                shift.assign_all([Candidate(person, agendas)])
                yield from events_of(shift, *agendas)
            if number % 3:
                shift.accept(PersonId(self._person(number).id))
            elif number % 9 == 0:
                person_id = PersonId(self._person(number).id)
                agendas = self._agendas(person_id, shift.period)
                shift.decline(person_id, agendas)
                yield from events_of(*agendas)
            yield from events_of(shift)

    def _joined(self, number: int) -> Iterator[Event]:
        account_id, email = AccountId(uuid4()), f"{number}@{self.tenant_id}.test"
        person = Person(
            id=uuid4(),
            name=f"Person {number}",
            email=email,
            kind=PersonKind.STAFF,
            roles=("nurse",),
            account_id=account_id,
        )
        self.people.append(person)
        yield from events_of(
            Account(id=account_id, email=email, name=person.name),
            EmailAddress(id=EmailAddress.id_of(email), account_id=account_id),
            Membership(
                id=Membership.id_of(self.tenant_id, account_id),
                account_id=account_id,
                roles=("staff",),
            ),
            person,
        )

    def _person(self, number: int) -> Person:
        return self.people[number % PEOPLE]

    def _agendas(self, person_id: PersonId, period: Period) -> list[Agenda]:
        return [self._agenda(person_id, month) for month in period.months()]

    def _agenda(self, person_id: PersonId, month: Month) -> Agenda:
        agenda_id = Agenda.id_of(self.tenant_id, person_id, month)
        if agenda_id not in self.agendas:
            self.agendas[agenda_id] = Agenda(id=agenda_id, person_id=person_id, month=str(month))
        return self.agendas[agenda_id]


def write_story(
    database_url: str, tenant_id: UUID | None = None, *, events: int = 0, shifts: int = 0
) -> int:
    """Writes at least so many events, and so many shifts, of one tenant; how many events."""
    tenant_id = TenantId(tenant_id or uuid4())
    story, number = Story(tenant_id, datetime.now(UTC)), 0
    with writing(database_url, tenant_id) as log:
        written = log.write(story.cast())
        while written < events or number < shifts:
            written += log.write(story.shift(number))
            number += 1
    return written
