"""What the dispatcher does for every command: permission, one append, one line to the observer."""

import pytest

from application import dispatch
from application.access import Actor
from application.attempt import Request
from application.commands import HANDLERS, Command, command, handles
from application.dispatch import Done
from application.scheduling.assignments import AssignPeople, DeclineAssignment
from application.scheduling.people import AddPerson, DeactivatePerson
from application.scheduling.shifts import ChangeShift, PublishShift
from application.scheduling.units import OpenUnit
from domain.scheduling.agenda import Agenda
from domain.scheduling.person import PersonKind
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.scheduling.unit import Unit
from domain.shared.errors import Forbidden, NotFound, RuleBroken, Unavailable
from domain.shared.permissions import Permission
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    when_asked,
)
from tests.support.scheduling import (
    ADMIN,
    ANA,
    ANA_HERSELF,
    AUDITOR,
    BEN,
    COORDINATOR,
    MORNING,
    NOW,
    SHIFT,
    STRANGER,
    SYSTEM,
    TENANT,
    agenda,
    draft,
    person,
    published,
)

ADD_ANA = AddPerson("Ana", "ana@demo.test", PersonKind.STAFF, ("nurse",))


@pytest.mark.parametrize("actor", [ANA_HERSELF, AUDITOR], ids=["volunteer", "auditor"])
async def test_who_has_no_permission_is_told_which_one(actor):
    given(draft())
    await when_asked(PublishShift(SHIFT), by=actor)
    then_failed(Forbidden, needs="shifts:write:all")


async def test_a_permission_for_all_is_one_for_ones_own():
    assert Permission.parse("assignments:answer:own").satisfied_by(COORDINATOR.granted)
    assert not COORDINATOR.may(Permission.parse("people:write"))
    assert ANA_HERSELF.may(Permission.parse("assignments:answer:own"))
    assert not ANA_HERSELF.may(Permission.parse("assignments:answer:all"))


async def test_opstream_itself_may_do_everything():
    await when_asked(OpenUnit("Ward 1", "Europe/Berlin"), by=SYSTEM)
    then(happened(Unit.Opened, name="Ward 1", zone="Europe/Berlin"))


async def test_permission_comes_before_existence():
    await when_asked(PublishShift(SHIFT), by=ANA_HERSELF)
    then_failed(Forbidden)


async def test_what_belongs_to_another_tenant_does_not_exist():
    given(draft())
    await when_asked(PublishShift(SHIFT), by=STRANGER)
    then_failed(NotFound, what="shift", id=str(SHIFT))


async def test_what_is_another_kind_of_thing_does_not_exist():
    given(person(ANA))
    await when_asked(PublishShift(ANA))
    then_failed(NotFound, what="shift")


async def test_all_that_a_command_changes_is_stored_in_one_append(story):
    given(published(headcount=2), person(ANA), person(BEN))
    done = await when_asked(AssignPeople(SHIFT, (ANA, BEN)))
    then(
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Shift.PersonAssigned, person_id=BEN),
        happened(Agenda.Opened, person_id=ANA, month="2026-11"),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
        happened(Agenda.Opened, person_id=BEN, month="2026-11"),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )
    assert len(story.log.appends) == 1
    assert done.position == len(story.log.truth.entries)


async def test_what_was_only_looked_at_is_guarded(story):
    given(published(), person(ANA))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    (append,) = story.log.appends
    assert [(read.id, read.version) for read in append.reads] == [(ANA, 1)]


async def test_what_was_taken_and_not_changed_is_guarded_too(story):
    hers = agenda(ANA)
    given(published(pending=[ANA]), hers)
    await when_asked(DeclineAssignment(SHIFT, ANA))
    (append,) = story.log.appends
    assert [(read.id, read.version) for read in append.reads] == [(hers.id, 1)]


async def test_the_log_remembers_who_asked_for_what_and_when(story):
    given(draft())
    await when_asked(PublishShift(SHIFT))
    (append,) = story.log.appends
    stamp = append.stamp
    assert (stamp.command, stamp.actor, stamp.moment) == ("PublishShift", COORDINATOR, NOW)
    assert (stamp.request_id, stamp.correlation_id, stamp.causation_id) == (
        "request-1",
        "request-1",
        None,
    )
    assert append.events[0][1].timestamp == NOW


async def test_a_command_may_name_what_it_belongs_to(story):
    given(draft())
    request = Request(COORDINATOR, "request-2", correlation_id="story-7", causation_id="event-9")
    await story.dispatcher.run(PublishShift(SHIFT), request, lambda shift: shift)
    stamp = story.log.appends[0].stamp
    assert (stamp.request_id, stamp.correlation_id, stamp.causation_id) == (
        "request-2",
        "story-7",
        "event-9",
    )


async def test_every_command_has_its_own_id(story):
    given(draft(), person(ANA))
    await when_asked(PublishShift(SHIFT))
    await when_asked(DeactivatePerson(ANA), by=ADMIN)
    first, second = (append.stamp.command_id for append in story.log.appends)
    assert first != second


async def test_what_changes_nothing_stores_nothing(story):
    given(person(ANA, active=False))
    done = await when_asked(DeactivatePerson(ANA), by=ADMIN)
    then_nothing()
    assert done.position == 0
    assert done.result.id == ANA
    assert story.log.appends == []


async def test_the_view_is_taken_while_the_command_still_owns_what_it_shows(story):
    given(draft())

    def view(shift):
        assert story.log.taken == {SHIFT}
        return shift.status

    done = await when_asked(PublishShift(SHIFT), view=view)
    assert done == Done("published", position=2)
    assert story.log.taken == set()


async def test_the_view_of_something_unchanged_is_taken_in_time_too(story):
    given(person(ANA, active=False))

    def view(ana):
        assert story.log.taken == {ANA}
        return ana.active

    done = await when_asked(DeactivatePerson(ANA), by=ADMIN, view=view)
    assert done.result is False


async def test_a_refused_command_leaves_the_cache_as_it_was(story):
    given(published(), person(ANA, roles=()))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    then_failed(RuleBroken)
    assert set(story.log.cached) == {SHIFT, ANA}


async def test_a_decision_that_broke_halfway_is_forgotten(story, monkeypatch):
    async def publish_twice(_, work):
        shift = await work.get(Shift, SHIFT)
        shift.publish()
        shift.publish()

    given(draft())
    monkeypatch.setitem(HANDLERS, PublishShift, publish_twice)
    await when_asked(PublishShift(SHIFT))
    then_failed(RuleBroken)
    assert SHIFT not in story.log.cached


async def test_each_command_is_told_once(story):
    given(draft(), person(ANA, active=False))
    await when_asked(PublishShift(SHIFT))
    await when_asked(PublishShift(SHIFT))
    await when_asked(DeactivatePerson(ANA), by=ADMIN)
    await when_asked(ADD_ANA, by=ANA_HERSELF)
    await when_asked(ChangeShift(ANA, PlanChange()))
    told = [(o.stamp.command, o.outcome, o.attempts, o.events) for o in story.outcomes]
    assert told == [
        ("PublishShift", "done", 1, 1),
        ("PublishShift", "rule_broken", 1, 0),
        ("DeactivatePerson", "unchanged", 1, 0),
        ("AddPerson", "forbidden", 0, 0),
        ("ChangeShift", "not_found", 1, 0),
    ]
    assert all(outcome.seconds >= 0 for outcome in story.outcomes)


async def test_a_log_that_does_not_answer_is_waited_for_in_patience(story, monkeypatch):
    monkeypatch.setattr(dispatch, "PATIENCE", 0.01)
    given(draft())
    story.log.fall_silent()
    await when_asked(PublishShift(SHIFT))
    then_failed(Unavailable, retry_after=1)
    assert [(o.outcome, o.events) for o in story.outcomes] == [("unavailable", 0)]


async def test_a_defect_is_told_as_one_and_leaves_nothing_owned(story, monkeypatch):
    given(draft())
    monkeypatch.setitem(HANDLERS, Stumble, stumble)
    with pytest.raises(ZeroDivisionError):
        await when_asked(Stumble(SHIFT))
    assert [outcome.outcome for outcome in story.outcomes] == ["error"]
    assert story.log.taken == set()


async def test_a_command_without_an_answer_answers_with_none(monkeypatch):
    given(draft())
    monkeypatch.setitem(HANDLERS, Stumble, publish_quietly)
    done = await when_asked(Stumble(SHIFT))
    then(happened(Shift.Published, notify=False))
    assert done.result is None


@command(needs="shifts:write")
class Stumble(Command[None]):
    shift_id: object


async def stumble(command, work):
    shift = await work.get(Shift, command.shift_id)
    shift.publish()
    return 1 / 0


async def publish_quietly(command, work):
    (await work.get(Shift, command.shift_id)).publish()


def test_a_command_has_one_handler():
    with pytest.raises(TypeError, match="PublishShift has a handler already"):
        handles(PublishShift)(publish_quietly)


def test_a_command_is_frozen_and_carries_its_permission():
    asked = PublishShift(SHIFT)
    assert asked == PublishShift(SHIFT)
    assert PublishShift.needs == Permission("shifts", "write", "all")
    with pytest.raises(AttributeError):
        asked.shift_id = ANA


def test_an_actor_does_not_tell_what_is_granted():
    actor = Actor.with_roles(ANA, TENANT, ("admin",))
    assert "Permission" not in repr(actor)


async def test_a_view_that_fails_leaves_nothing_owned(story):
    given(draft())
    with pytest.raises(ZeroDivisionError):
        await when_asked(PublishShift(SHIFT), view=lambda _: 1 / 0)
    assert story.log.taken == set()
    assert [outcome.outcome for outcome in story.outcomes] == ["error"]
