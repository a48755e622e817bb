"""Kinds of users and tasks."""

import pytest

from domain.shared.errors import Invalid, refuse
from domain.shared.period import Period
from domain.work.occasion import Occasion, OccasionChange
from domain.work.profile import Profile
from domain.work.task_type import LONGEST_MINUTES, TaskType, TaskTypeChange, TaskTypeIsRetired
from domain.work.user_type import TaskPermission, UserType, UserTypeChange
from tests.support.given import given, happened, then, then_failed, then_nothing, then_refused, when
from tests.support.scheduling import FOREIGN, TENANT
from tests.support.work import (
    CATERING,
    FLOWERS,
    MANAGER,
    PASSER_BY,
    VENDOR,
    occasion,
    profile,
    task_type,
    user_type,
    user_type_id,
)


class TestUserTypes:
    def test_a_name_is_one_however_it_is_spelled_and_each_tenants_own(self):
        assert UserType.id_of(TENANT, " event  MANAGER ") == UserType.id_of(TENANT, "Event manager")
        assert UserType.id_of(TENANT, "Vendor") != UserType.id_of(FOREIGN, "Vendor")

    def test_permissions_are_a_set(self):
        given(user_type("Vendor"))
        twice = (TaskPermission.TAKE, TaskPermission.VIEW, TaskPermission.TAKE)
        when(lambda kind: kind.change(UserTypeChange(permissions=twice)))
        once = (TaskPermission.VIEW, TaskPermission.TAKE)
        then(happened(UserType.Changed, description="", permissions=once, read_only=False))

    def test_what_is_the_same_is_no_change(self):
        given(user_type("Vendor"))
        when(lambda kind: kind.change(UserTypeChange(permissions=kind.permissions)))
        then_nothing()

    def test_a_type_of_task_is_mapped_and_unmapped_once(self):
        given(user_type("Vendor"))
        when(lambda kind: [kind.map(FLOWERS), kind.map(FLOWERS), kind.unmap(CATERING)])
        then(
            happened(UserType.Mapped, task_type_id=FLOWERS),
            happened(UserType.Unmapped, task_type_id=CATERING),
        )
        when(lambda kind: kind.unmap(CATERING))
        then_nothing()


class TestTaskTypes:
    def test_a_duration_is_changed(self):
        given(task_type())
        when(lambda kind: kind.change(TaskTypeChange(minutes=90)))
        then(happened(TaskType.Changed, description="", minutes=90))

    @pytest.mark.parametrize("minutes", [-1, LONGEST_MINUTES + 1])
    def test_a_duration_has_bounds(self, minutes):
        given(task_type())
        when(lambda kind: kind.change(TaskTypeChange(minutes=minutes)))
        then_failed(Invalid)

    def test_what_is_retired_is_given_to_nothing_new(self):
        given(task_type())
        when(lambda kind: [kind.retire(), kind.retire()])
        then(happened(TaskType.Retired))
        when(lambda kind: refuse(kind.retired))
        then_refused(TaskTypeIsRetired)
        when(lambda kind: [kind.reopen(), refuse(kind.retired)])
        then(happened(TaskType.Reopened))


def test_an_account_is_of_one_user_type_at_a_time():
    given(profile(VENDOR))
    when(lambda profile: profile.become(user_type_id("Customer")))
    then(happened(Profile.TypeChanged, user_type_id=user_type_id("Customer")))
    when(lambda profile: profile.become(user_type_id("Customer")))
    then_nothing()


class TestOccasions:
    def test_somebody_is_a_member_once(self):
        given(occasion(members=(MANAGER,)))
        when(lambda wedding: [wedding.add_member(PASSER_BY), wedding.add_member(PASSER_BY)])
        then(happened(Occasion.MemberAdded, account_id=PASSER_BY))

    def test_a_member_leaves_once(self):
        given(occasion(members=(MANAGER, VENDOR)))
        when(lambda wedding: [wedding.remove_member(VENDOR), wedding.remove_member(VENDOR)])
        then(happened(Occasion.MemberRemoved, account_id=VENDOR))

    def test_what_is_not_given_stays(self):
        given(occasion())
        when(lambda wedding: wedding.change(OccasionChange(name="Their wedding")))
        period = occasion().period
        then(happened(Occasion.Changed, name="Their wedding", description="", period=period))

    def test_it_ends_after_it_starts(self):
        given(occasion())
        when(lambda wedding: wedding.change(OccasionChange(end=wedding.period.start)))
        then_failed(Invalid, fields={"endsAt": "must be after startsAt"})
        backwards = Period(occasion().period.end, occasion().period.start)
        with pytest.raises(Invalid):
            Occasion.plan(occasion().id, "Wedding", "", backwards)
