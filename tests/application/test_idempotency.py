"""The same request twice, told by its Idempotency-Key, happens once."""

from dataclasses import replace

import pytest

from application.attempt import Request
from application.commands import HANDLERS, Command, Deferred, command
from application.ports import IdempotencyKey
from application.scheduling.assignments import AssignPeople
from application.scheduling.people import DeactivatePerson
from application.scheduling.shifts import ChangeShift, PublishShift
from application.scheduling.units import OpenUnit
from domain.scheduling.refusals import NotADraft
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.scheduling.unit import Unit
from domain.shared.errors import Forbidden, KeyReused, NotFound, StillRunning, Unavailable
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when_asked,
)
from tests.support.scheduling import (
    ADMIN,
    ANA,
    ANA_HERSELF,
    COORDINATOR,
    COORDINATORS_ACCOUNT,
    FOREIGN,
    SHIFT,
    TENANT,
    draft,
    person,
    published,
)

KEY = IdempotencyKey("monday", b"what was asked")
SAME_KEY_OTHER_BODY = IdempotencyKey("monday", b"something else")
OPEN_WARD = OpenUnit("Ward 1", "Europe/Berlin")
OPENED = happened(Unit.Opened, name="Ward 1", zone="Europe/Berlin")


def asked_elsewhere(story, command, key, by=ADMIN):
    other = story.another_process(story.log.beside())
    return lambda: other.run(command, Request(by, "request-2", key=key), lambda result: result)


async def test_the_same_request_gets_the_same_answer():
    first = await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    then(OPENED)
    again = await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    then_nothing()
    assert again.result == first.result
    assert again.position == first.position == 1


async def test_the_answer_is_as_it_was_then():
    given(draft(headcount=1))
    await when_asked(ChangeShift(SHIFT, PlanChange(headcount=2)), key=KEY)
    await when_asked(ChangeShift(SHIFT, PlanChange(headcount=9)))
    await when_asked(PublishShift(SHIFT))
    again = await when_asked(ChangeShift(SHIFT, PlanChange(headcount=2)), key=KEY)
    then_nothing()
    assert (again.result.headcount, again.result.is_draft, again.position) == (2, True, 2)


async def test_another_process_gives_the_same_answer(story):
    first = await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    again = await asked_elsewhere(story, OPEN_WARD, KEY)()
    assert again == first
    assert len(story.log.truth.entries) == 1


async def test_a_repeated_request_is_told_as_one(story):
    await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    assert [(o.outcome, o.events) for o in story.outcomes] == [("done", 1), ("repeated", 0)]


async def test_a_key_can_not_be_used_for_another_request():
    await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    await when_asked(OPEN_WARD, by=ADMIN, key=SAME_KEY_OTHER_BODY)
    then_failed(KeyReused, key="monday")


async def test_a_key_belongs_to_an_account_in_a_tenant():
    await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    somebody_else = replace(ADMIN, account_id=ANA)
    await when_asked(OPEN_WARD, by=somebody_else, key=KEY)
    then(OPENED)
    elsewhere = replace(ADMIN, tenant_id=FOREIGN)
    await when_asked(OPEN_WARD, by=elsewhere, key=KEY)
    then(OPENED)
    assert somebody_else.account_id != elsewhere.account_id == COORDINATORS_ACCOUNT


async def test_different_keys_are_different_requests():
    await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    await when_asked(OPEN_WARD, by=ADMIN, key=replace(KEY, key="tuesday"))
    then(OPENED)


async def test_the_second_is_told_that_the_first_still_runs(story):
    told = []

    async def ask_again():
        request = Request(ADMIN, "request-2", key=KEY)
        with pytest.raises(StillRunning) as failed:
            await story.dispatcher.run(OPEN_WARD, request, repr)
        told.append(failed.value.kind)

    story.log.meanwhile(ask_again)
    await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    then(OPENED)
    assert told == ["conflict"]


async def test_a_refusal_is_told_again_without_being_decided_again(story):
    given(published())
    await when_asked(PublishShift(SHIFT), key=KEY)
    then_refused(NotADraft)
    told = story.failure
    await when_asked(PublishShift(SHIFT), key=KEY)
    assert story.failure is told


async def test_a_key_that_was_refused_can_not_be_used_for_another_request():
    given(published())
    await when_asked(PublishShift(SHIFT), key=KEY)
    then_refused(NotADraft)
    await when_asked(PublishShift(SHIFT), key=SAME_KEY_OTHER_BODY)
    then_failed(KeyReused, key="monday")


async def test_a_request_that_another_process_works_on_is_still_running(story):
    story.log.meanwhile(asked_elsewhere(story, OPEN_WARD, KEY))
    await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    assert isinstance(story.failure, StillRunning)
    done = await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    assert len(story.log.truth.entries) == 1
    assert done.position == 1
    assert done.result.id == story.log.truth.entries[0].event.originator_id
    assert [outcome.outcome for outcome in story.outcomes] == ["done", "conflict", "repeated"]


async def test_a_key_that_was_stored_meanwhile_for_another_request_is_reused(story):
    story.log.meanwhile(asked_elsewhere(story, OPEN_WARD, SAME_KEY_OTHER_BODY))
    await when_asked(OPEN_WARD, by=ADMIN, key=KEY)
    assert isinstance(story.failure, KeyReused)
    assert len(story.log.truth.entries) == 1


async def test_a_refusal_that_is_only_the_echo_of_the_same_request_is_none(story):
    given(published(), person(ANA))
    command = AssignPeople(SHIFT, (ANA,))
    story.log.meanwhile(asked_elsewhere(story, command, KEY, by=COORDINATOR), before="Shift")
    await when_asked(command, key=KEY)
    assert isinstance(story.failure, StillRunning)
    done = await when_asked(command, key=KEY)
    topics = [entry.event.TOPIC for entry in story.log.truth.entries]
    assert topics.count("scheduling.PersonAssigned") == 1
    assert done.result.is_held_by(ANA)
    assert story.outcomes[-1].outcome == "repeated"


async def test_a_refusal_stays_one_when_nobody_has_used_the_key():
    given(published())
    await when_asked(PublishShift(SHIFT), key=KEY)
    then_refused(NotADraft)


async def test_what_changes_nothing_keeps_its_key(story):
    given(person(ANA, active=False))
    first = await when_asked(DeactivatePerson(ANA), by=ADMIN, key=KEY)
    again = await when_asked(DeactivatePerson(ANA), by=ADMIN, key=KEY)
    assert (again.result, again.position) == (first.result, 0)
    await when_asked(DeactivatePerson(ANA), by=ADMIN, key=SAME_KEY_OTHER_BODY)
    assert isinstance(story.failure, KeyReused)
    assert [outcome.outcome for outcome in story.outcomes] == [
        "unchanged",
        "repeated",
        "key_reused",
    ]


@pytest.mark.parametrize("units", [0, 1, 2])
async def test_an_answer_of_several_is_several_again(monkeypatch, units):
    monkeypatch.setitem(HANDLERS, OpenUnits, open_units)
    first = await when_asked(OpenUnits(units), by=ADMIN, key=KEY)
    again = await when_asked(OpenUnits(units), by=ADMIN, key=KEY)
    assert isinstance(first.result, tuple)
    assert again.result == first.result
    assert len(again.result) == units


async def test_an_answer_of_none_is_none_again(monkeypatch):
    monkeypatch.setitem(HANDLERS, OpenUnits, open_unit_quietly)
    await when_asked(OpenUnits(1), by=ADMIN, key=KEY)
    then(OPENED)
    again = await when_asked(OpenUnits(1), by=ADMIN, key=KEY)
    then_nothing()
    assert again.result is None


async def test_what_a_command_is_made_of_is_looked_up_once_per_key():
    given(draft())
    looked_up = []

    async def find():
        looked_up.append(SHIFT)
        return PublishShift(SHIFT)

    first = await when_asked(Deferred(PublishShift, find), key=KEY)
    then(happened(Shift.Published, notify=False))
    assert await when_asked(Deferred(PublishShift, find), key=KEY) == first
    assert looked_up == [SHIFT]


async def test_what_was_not_found_is_not_found_again_once_it_is_there(story):
    async def find():
        raise NotFound("shift", SHIFT)

    await when_asked(Deferred(PublishShift, find), key=KEY)
    given(draft())
    await when_asked(PublishShift(SHIFT), key=KEY)
    then_failed(NotFound, what="shift", id=str(SHIFT))
    await when_asked(PublishShift(SHIFT), key=SAME_KEY_OTHER_BODY)
    then_failed(KeyReused, key="monday")
    told = [(outcome.stamp.command, outcome.outcome) for outcome in story.outcomes]
    assert told == [("PublishShift", kind) for kind in ("not_found", "not_found", "key_reused")]


async def test_what_could_not_be_looked_up_may_be_asked_for_again():
    async def find():
        raise Unavailable("Behind.")

    given(draft())
    await when_asked(Deferred(PublishShift, find), key=KEY)
    then_failed(Unavailable)
    await when_asked(PublishShift(SHIFT), key=KEY)
    then(happened(Shift.Published, notify=False))


async def test_nothing_is_looked_up_for_who_may_not():
    async def find():
        raise NotFound("shift", SHIFT)

    await when_asked(Deferred(PublishShift, find), by=ANA_HERSELF)
    then_failed(Forbidden, needs="shifts:write:all")


@pytest.mark.parametrize("change", [{"role": "nurse"}, {"headcount": 3}], ids=["none", "refused"])
async def test_an_answer_that_can_not_be_kept_takes_nothing_from_the_next_command(
    story, change, monkeypatch
):
    """Whoever has the aggregate by then has the same object."""
    given(draft() if "role" in change else published())

    async def the_next_is_at_it(*_):
        assert await story.log.take(Shift, SHIFT, TENANT)
        raise Unavailable("Gone.")

    monkeypatch.setattr(story.log, "remember", the_next_is_at_it)
    with pytest.raises(Unavailable):
        await story.dispatcher.run(
            ChangeShift(SHIFT, PlanChange(**change)),
            Request(COORDINATOR, "1", key=KEY),
            lambda done: done,
        )
    assert story.log.taken == {SHIFT}


@command(needs="units:write")
class OpenUnits(Command[tuple[Unit, ...]]):
    how_many: int


async def open_units(command, work):
    """Three, whatever it answers with, so that there is always something to store."""
    make = [Unit(id=work.new_id(), name="Ward 1", zone="Europe/Berlin") for _ in range(3)]
    return tuple(work.add(unit) for unit in make)[: command.how_many]


async def open_unit_quietly(_, work):
    work.add(Unit(id=work.new_id(), name="Ward 1", zone="Europe/Berlin"))
