"""Commands about tasks: who asks is looked up in the log with what is decided."""

import pytest

from application.processes.user_types import SetUserType
from application.work.reference import MapEligibility, RetireTaskType, UnmapEligibility
from application.work.tasks import (
    AssignTask,
    CorrectTask,
    DeleteTask,
    PickTask,
    PlanTask,
    explained,
    viewed,
)
from domain.identity.membership import Membership
from domain.shared.errors import Forbidden, Invalid, NotFound, RuleBroken
from domain.shared.ids import ScopeId
from domain.shared.moment import happening_at
from domain.work.profile import Profile
from domain.work.refusals import TaskIsTaken
from domain.work.states import TaskState
from domain.work.task import Task
from domain.work.task_type import TaskTypeIsRetired
from tests.support.given import given, happened, then, then_failed, then_refused, when_asked
from tests.support.scheduling import LAST_WEEK, STRANGER, TENANT
from tests.support.work import (
    CATERING,
    CHIEF,
    FAIR,
    FLORIST,
    FLOWERS,
    ITS_CUSTOMER,
    ITS_FLORIST,
    ITS_MANAGER,
    ITS_VENDOR,
    MANAGER,
    OTHER_TASK,
    PASSER_BY,
    SOMEBODY,
    TASK,
    THE_ADMIN,
    VENDOR,
    WEDDING,
    caller,
    everybody,
    occasion,
    task,
    user_type_id,
)


def given_the_wedding(*more):
    given(*everybody(), *(more or (task(),)))


class TestPicking:
    async def test_a_vendor_picks_a_task(self):
        given_the_wedding()
        await when_asked(PickTask(TASK), by=ITS_VENDOR)
        then(happened(Task.Picked, account_id=VENDOR))

    async def test_the_next_one_is_told_who_has_it(self):
        taken = task()
        with happening_at(LAST_WEEK):
            taken.pick(caller(VENDOR))
        given_the_wedding(taken)
        await when_asked(PickTask(TASK), by=ITS_FLORIST)
        then_refused(TaskIsTaken, assignee_id=VENDOR)

    @pytest.mark.parametrize("who", [SOMEBODY, STRANGER, ITS_CUSTOMER], ids=str)
    async def test_for_whom_it_is_not_there_it_is_not_found(self, who):
        """Somebody without scope, one of another tenant, and a customer."""
        given_the_wedding()
        await when_asked(PickTask(TASK), by=who)
        then_failed(NotFound)

    async def test_an_admin_has_everything_in_scope(self):
        given_the_wedding()
        await when_asked(PickTask(TASK), by=THE_ADMIN)
        then(happened(Task.Picked, account_id=CHIEF))

    async def test_what_an_admin_takes_from_a_user_type_is_gone_at_once(self):
        given_the_wedding()
        await when_asked(UnmapEligibility(user_type_id("Vendor"), CATERING), by=THE_ADMIN)
        await when_asked(PickTask(TASK), by=ITS_VENDOR)
        then_failed(Forbidden)


class TestPlanning:
    async def test_who_may_assign_may_plan(self):
        given_the_wedding()
        command = PlanTask(ScopeId(WEDDING), FLOWERS, "  Roses ", "Red ones")
        done = await when_asked(command, by=ITS_MANAGER)
        assert (done.result.title, done.result.state) == ("Roses", TaskState.TODO)

    async def test_who_may_not_assign_may_not_plan(self):
        given_the_wedding()
        await when_asked(PlanTask(ScopeId(WEDDING), CATERING, "Roses"), by=ITS_VENDOR)
        then_failed(Forbidden)

    async def test_in_a_foreign_event_nobody_plans(self):
        given_the_wedding(occasion(FAIR, members=(MANAGER,)))
        await when_asked(PlanTask(ScopeId(FAIR), CATERING, "Roses"), by=ITS_VENDOR)
        then_failed(Forbidden)

    async def test_where_there_is_no_event_nothing_is_planned(self):
        given_the_wedding()
        await when_asked(PlanTask(ScopeId(FAIR), CATERING, "Roses"), by=THE_ADMIN)
        then_failed(NotFound, what="event")

    async def test_of_no_known_type_nothing_is_planned(self):
        given_the_wedding()
        await when_asked(PlanTask(ScopeId(WEDDING), FAIR, "Roses"), by=THE_ADMIN)
        then_failed(Invalid, fields={"taskTypeId": "no such task type"})

    async def test_of_a_retired_type_nothing_new_is_planned(self):
        given_the_wedding()
        await when_asked(RetireTaskType(CATERING), by=THE_ADMIN)
        await when_asked(PlanTask(ScopeId(WEDDING), CATERING, "Roses"), by=ITS_MANAGER)
        then_refused(TaskTypeIsRetired)


class TestAssigning:
    async def test_a_manager_gives_it_to_a_member(self):
        given_the_wedding()
        await when_asked(AssignTask(TASK, FLORIST), by=ITS_MANAGER)
        then(happened(Task.Assigned, account_id=FLORIST, by=MANAGER))

    @pytest.mark.parametrize("assignee", [PASSER_BY, CHIEF], ids=["no member", "an admin"])
    async def test_nobody_else_gets_it(self, assignee):
        """Admins have no type here; what they need for themselves they pick."""
        given_the_wedding()
        await when_asked(AssignTask(TASK, assignee), by=ITS_MANAGER)
        assert then_failed(RuleBroken).refusals[0].name == "AssigneeOutOfScope"

    async def test_null_takes_it_away(self):
        given_the_wedding()
        await when_asked(AssignTask(TASK, FLORIST), by=ITS_MANAGER)
        await when_asked(AssignTask(TASK, None), by=ITS_MANAGER)
        then(happened(Task.Unassigned, account_id=FLORIST, by=MANAGER))


async def test_a_correction_is_a_task_of_its_own():
    done = task()
    with happening_at(LAST_WEEK):
        done.move(TaskState.IN_PROGRESS, "Now.", caller())
        done.move(TaskState.DONE, "Done.", caller())
    given_the_wedding(done)
    answer = await when_asked(CorrectTask(TASK, "Again", "Nuts."), by=ITS_VENDOR)
    assert answer.result.corrects == TASK


async def test_a_deleted_task_is_not_there():
    given_the_wedding()
    await when_asked(DeleteTask(TASK, "Planned twice."), by=ITS_MANAGER)
    await when_asked(PickTask(TASK), by=ITS_VENDOR)
    then_failed(NotFound)


class TestLooking:
    async def test_a_task_explains_itself(self, story):
        given_the_wedding()
        found = await story.dispatcher.look(lambda work: explained(TASK, work), ITS_VENDOR)
        allowed = {each.action: each.allowed for each in found.explanations}
        assert allowed == {"view": True, "take": True, "move": True, "assign": False}
        assert found.next_states == (TaskState.IN_PROGRESS,)

    async def test_who_may_not_view_it_does_not(self, story):
        given_the_wedding(task(kind=FLOWERS))
        with pytest.raises(Forbidden):
            await story.dispatcher.look(lambda work: viewed(TASK, work), ITS_VENDOR)
        with pytest.raises(NotFound):
            await story.dispatcher.look(lambda work: viewed(OTHER_TASK, work), ITS_VENDOR)


class TestUserTypes:
    async def test_a_member_of_the_tenant_gets_a_user_type(self):
        with happening_at(LAST_WEEK):
            membership = Membership(
                id=Membership.id_of(TENANT, CHIEF), account_id=CHIEF, roles=("admin",)
            )
        given_the_wedding(membership)
        await when_asked(SetUserType(CHIEF, user_type_id("Vendor")), by=THE_ADMIN)
        vendor = user_type_id("Vendor")
        then(happened(Profile.Made, account_id=CHIEF, user_type_id=vendor))
        await when_asked(SetUserType(CHIEF, user_type_id("Customer")), by=THE_ADMIN)
        then(happened(Profile.TypeChanged, user_type_id=user_type_id("Customer")))

    async def test_nobody_else_does(self):
        given_the_wedding()
        await when_asked(SetUserType(CHIEF, user_type_id("Vendor")), by=THE_ADMIN)
        then_failed(NotFound, what="user")

    async def test_only_what_is_there_is_mapped(self):
        given_the_wedding()
        await when_asked(MapEligibility(user_type_id("Vendor"), FAIR), by=THE_ADMIN)
        then_failed(NotFound, what="task type")
