"""The catalogue of roles, and what may be named of it."""

import pytest

from application.attempt import Request
from application.scheduling.people import AddPerson, ChangePerson
from application.scheduling.roles import AddRole, ChangeRole, CloseRole, ReopenRole
from application.scheduling.shifts import ChangeShift, DraftShift
from domain.scheduling.person import PersonKind, ProfileChange
from domain.scheduling.role import Role, RoleChange, RoleExists, RoleIsClosed
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.shared.errors import Forbidden, Invalid, NotFound
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_refused,
    when_asked,
)
from tests.support.scheduling import (
    ADMIN,
    ANA,
    COORDINATOR,
    FOREIGN,
    MORNING,
    SHIFT,
    STRANGER,
    TENANT,
    WARD,
    draft,
    euros,
    person,
    role,
    ward,
)

NURSE = Role.id_of(TENANT, "nurse")


def drafting(name):
    return DraftShift(WARD, name, MORNING.start, MORNING.end, 1, {})


def adding(*names):
    return AddPerson("Ana", "ana@demo.test", PersonKind.STAFF, names)


def giving(*names):
    return ChangePerson(ANA, ProfileChange(roles=names))


async def test_an_admin_adds_a_role_whose_id_follows_from_its_name():
    await when_asked(AddRole("Nurse", "With a licence", euros("24.5")), by=ADMIN)
    then(
        happened(
            Role.Added,
            originator_id=NURSE,
            name="Nurse",
            description="With a licence",
            hourly_rate=euros("24.50"),
        )
    )


@pytest.mark.parametrize("active", [True, False])
async def test_a_name_is_there_once_however_it_is_spelled(active):
    given(role("Nurse", active=active))
    await when_asked(AddRole(" NURSE"), by=ADMIN)
    then_refused(RoleExists, role_id=NURSE, active=active)


async def test_of_two_who_add_the_same_role_at_once_one_does(story):
    other = story.another_process(story.log.beside())
    add = Request(ADMIN, "request-2")
    story.log.meanwhile(lambda: other.run(AddRole("nurse"), add, repr))
    await when_asked(AddRole("Nurse"), by=ADMIN)
    assert [type(refusal) for refusal in story.failure.refusals] == [RoleExists]
    assert [event.name for event in story.news()] == ["nurse"]


async def test_every_tenant_has_a_catalogue_of_its_own():
    given(role("nurse"))
    await when_asked(AddRole("nurse"), by=STRANGER)
    then(happened(Role.Added, name="nurse", description="", hourly_rate=None))
    await when_asked(ChangeRole(NURSE, RoleChange(description="x")), by=STRANGER)
    then_failed(NotFound, what="role", id=str(NURSE))


async def test_an_admin_changes_a_role_and_closes_it_and_opens_it_again():
    given(role())
    await when_asked(ChangeRole(NURSE, RoleChange(hourly_rate=euros("30"))), by=ADMIN)
    then(happened(Role.Changed, description="", hourly_rate=euros("30.00")))
    await when_asked(CloseRole(NURSE), by=ADMIN)
    then(happened(Role.Closed))
    await when_asked(ReopenRole(NURSE), by=ADMIN)
    then(happened(Role.Reopened))


@pytest.mark.parametrize(
    "command",
    [AddRole("cook"), ChangeRole(NURSE, RoleChange()), CloseRole(NURSE), ReopenRole(NURSE)],
)
async def test_a_coordinator_may_not(command):
    given(role())
    await when_asked(command, by=COORDINATOR)
    then_failed(Forbidden, needs="roles:write:all")


@pytest.mark.parametrize(
    ("command", "by", "field"),
    [
        (drafting("pilot"), COORDINATOR, "role"),
        (ChangeShift(SHIFT, PlanChange(role="pilot")), COORDINATOR, "role"),
        (adding("nurse", "pilot", "diver"), ADMIN, "roles"),
        (giving("nurse", "pilot", "diver"), ADMIN, "roles"),
    ],
    ids=repr,
)
async def test_only_what_is_in_the_catalogue_is_named(command, by, field):
    given(role("nurse"), ward(), draft(), person(ANA))
    given(role("pilot"), tenant=FOREIGN)
    await when_asked(command, by=by)
    unknown = "pilot" if field == "role" else "diver, pilot"
    fields = {field: f"not in the catalogue of roles: {unknown}"}
    then_failed(Invalid, fields=fields)


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (drafting("cook"), COORDINATOR),
        (ChangeShift(SHIFT, PlanChange(role="Cook")), COORDINATOR),
        (adding("cook", "nurse"), ADMIN),
        (giving("cook", "nurse"), ADMIN),
    ],
    ids=repr,
)
async def test_a_closed_role_is_given_to_nothing_new(command, by):
    given(role("nurse"), role("cook", active=False), ward(), draft(), person(ANA))
    await when_asked(command, by=by)
    then_refused(RoleIsClosed, role="cook")


async def test_every_closed_role_is_told():
    given(role("cook", active=False), role("diver", active=False), role("nurse"))
    await when_asked(adding("nurse", "diver", "cook"), by=ADMIN)
    then_refused(RoleIsClosed, RoleIsClosed, role="cook")


async def test_a_role_that_is_closed_meanwhile_is_given_to_nothing_new(story):
    given(role("nurse"), ward())
    other = story.another_process(story.log.beside())
    close = Request(ADMIN, "request-2")
    story.log.meanwhile(lambda: other.run(CloseRole(NURSE), close, repr))
    await when_asked(drafting("nurse"))
    assert [type(refusal) for refusal in story.failure.refusals] == [RoleIsClosed]
    assert [type(event) for event in story.news()] == [Role.Closed]


async def test_a_shift_names_a_role_as_the_catalogue_does():
    given(role("Night nurse"), ward())
    done = await when_asked(drafting(" night  NURSE"))
    assert done.result.role == "Night nurse"


async def test_a_person_has_a_role_once_however_it_was_named():
    given(role("Nurse"), role("cook"))
    done = await when_asked(adding("nurse", "cook", "NURSE"), by=ADMIN)
    assert done.result.roles == ("Nurse", "cook")


async def test_a_draft_keeps_a_role_that_was_closed():
    given(role("nurse", active=False), draft())
    await when_asked(ChangeShift(SHIFT, PlanChange(role="NURSE", headcount=3)))
    then(happened(Shift.Changed, role="nurse", period=MORNING, headcount=3, notes={}, people=()))


async def test_a_person_keeps_a_role_that_was_closed():
    given(role("nurse", active=False), role("cook"), person(ANA))
    done = await when_asked(giving("Nurse", "cook"), by=ADMIN)
    assert done.result.roles == ("cook", "nurse")
    await when_asked(ChangePerson(ANA, ProfileChange(phone="112 112")), by=ADMIN)
    assert done.result.roles == ("cook", "nurse")
    await when_asked(giving("cook"), by=ADMIN)
    await when_asked(giving("cook", "nurse"), by=ADMIN)
    then_refused(RoleIsClosed, role="nurse")


async def test_what_is_changed_besides_does_not_need_the_catalogue():
    given(draft(), person(ANA))
    await when_asked(ChangeShift(SHIFT, PlanChange(headcount=3)))
    then(happened(Shift.Changed, role="nurse", period=MORNING, headcount=3, notes={}, people=()))
    done = await when_asked(ChangePerson(ANA, ProfileChange(hourly_rate=euros("9"))), by=ADMIN)
    assert done.result.hourly_rate == euros("9.00")
