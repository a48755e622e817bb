"""The catalogue of roles: each name once, for ever, with what an hour of it costs."""

import pytest

from domain.scheduling.role import Role, RoleChange, RoleExists, RoleIsClosed, RoleNameIsFixed
from domain.shared.errors import Invalid
from domain.shared.moment import happening_at
from tests.support.given import given, happened, then, then_failed, then_nothing, then_refused, when
from tests.support.scheduling import FOREIGN, LAST_WEEK, TENANT, euros, role


def changing(**given):
    return lambda nurse: nurse.change(RoleChange(**given))


def added(name="nurse", description="", rate=None):
    with happening_at(LAST_WEEK):
        return Role.add(TENANT, name, description, rate)


def test_a_role_is_added_in_a_plain_form():
    nurse = added("  Night \t nurse ", " On call\n", euros("24.5"))
    assert (nurse.name, nurse.description) == ("Night nurse", "On call")
    assert str(nurse.hourly_rate.amount) == "24.50"
    assert nurse.active


@pytest.mark.parametrize(
    "spelled", ["Night Nurse", "night nurse", " NIGHT  NURSE", "\uff4eight nurse"]
)
def test_however_a_name_is_spelled_it_is_the_same_role(spelled):
    assert added(spelled).id == added("Night nurse").id == Role.id_of(TENANT, spelled)


def test_another_name_or_another_tenant_is_another_role():
    ids = {Role.id_of(TENANT, "nurse"), Role.id_of(TENANT, "nurses"), Role.id_of(FOREIGN, "nurse")}
    assert len(ids) == 3


WRONG = [
    ("name", " "),
    ("name", "x" * 201),
    ("name", "a\x00"),
    ("description", "x" * 1001),
    ("description", "\ud800"),
    ("hourly_rate", euros("-0.01")),
    ("hourly_rate", euros("0.005")),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=str)
def test_what_can_not_be_known_of_a_role_is_refused_by_name(field, value):
    given(role())
    when(changing(**{field: value}))
    failure = then_failed(Invalid)
    assert {name.split(".")[0] for name in failure.data["fields"]} == {field}
    parts = {"name": "nurse", "description": "", "hourly_rate": None, field: value}
    with pytest.raises(Invalid) as told:
        Role.add(TENANT, *parts.values())
    assert told.value.data == failure.data


@pytest.mark.parametrize(
    ("change", "description", "rate"),
    [
        ({"description": " Of the night "}, "Of the night", euros("24.50")),
        ({"hourly_rate": euros("30")}, "", euros("30.00")),
        ({"hourly_rate": None}, "", None),
        ({"name": "nurse ", "description": "x", "hourly_rate": None}, "x", None),
    ],
    ids=str,
)
def test_only_what_is_given_changes(change, description, rate):
    given(role(rate=euros("24.50")))
    when(changing(**change))
    then(happened(Role.Changed, description=description, hourly_rate=rate))


@pytest.mark.parametrize("change", [{}, {"name": "nurse"}, {"hourly_rate": euros("24.5")}], ids=str)
def test_what_is_so_already_does_not_happen(change):
    given(role(rate=euros("24.50")))
    when(changing(**change))
    then_nothing()


@pytest.mark.parametrize("name", ["cook", "Nurse", "nurses"])
def test_a_role_keeps_its_name_and_how_it_is_spelled(name):
    given(role())
    when(changing(name=name, description="x"))
    then_refused(RoleNameIsFixed, role="nurse")


def test_a_role_is_closed_once_and_opened_again_once():
    given(role())
    when(lambda nurse: nurse.close())
    then(happened(Role.Closed))
    when(lambda nurse: nurse.close())
    then_nothing()
    when(changing(description="Not any more"))
    then(happened(Role.Changed, description="Not any more", hourly_rate=None))
    when(lambda nurse: nurse.reopen())
    then(happened(Role.Reopened))
    when(lambda nurse: nurse.reopen())
    then_nothing()


def test_who_adds_a_role_that_is_closed_is_told_to_reopen_it():
    assert "reopen" in RoleExists(role().id, active=False).message
    assert "reopen" not in RoleExists(role().id, active=True).message


def test_a_closed_role_says_so():
    assert role().closed is None
    assert role(active=False).closed == RoleIsClosed("nurse")
