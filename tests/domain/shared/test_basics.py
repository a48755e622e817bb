"""Failures, refusals, moments and identifiers."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from domain.scheduling import refusals
from domain.scheduling.shift import Shift
from domain.shared import errors
from domain.shared.errors import Failure, Kind, NotFound, RuleBroken, TooManyRequests, refuse
from domain.shared.ids import PLATFORM, derived_id
from domain.shared.moment import happening_at, moment
from domain.shared.refusals import Refusal
from tests.support.scheduling import ANA, NOW, OTHER, SHIFT, SWAP, draft


@dataclass(frozen=True)
class TooLate(Refusal):
    minutes: int

    @property
    def message(self):
        return f"{self.minutes} minutes too late."


def failures():
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    return [kind for kind in found if issubclass(kind, Failure) and kind is not Failure]


def test_every_failure_has_a_kind_and_every_kind_a_failure():
    assert len(failures()) == 11
    assert {failure.kind for failure in failures()} == set(Kind)


def test_nothing_is_refused_when_no_rule_says_no():
    refuse(None, None)


def test_all_broken_rules_are_told_in_order():
    with pytest.raises(RuleBroken, match=r"^3 minutes too late\. 5 minutes too late\.$") as broken:
        refuse(None, TooLate(3), None, TooLate(5))
    assert broken.value.refusals == (TooLate(3), TooLate(5))
    assert broken.value.data["broken"] == [
        {"rule": "TooLate", "message": "3 minutes too late.", "minutes": 3},
        {"rule": "TooLate", "message": "5 minutes too late.", "minutes": 5},
    ]


def test_what_was_not_found_is_named():
    failure = NotFound("shift", SHIFT)
    assert failure.data == {"what": "shift", "id": str(SHIFT)}
    assert failure.message == f"There is no shift {SHIFT}."


def test_who_is_too_fast_is_told_when_to_come_back():
    assert TooManyRequests("Slow down.", 30).data == {"retry_after": 30}


REFUSALS = [
    refusals.NotADraft("published"),
    refusals.NotOpen("draft"),
    refusals.ShiftIsOver(),
    refusals.NoPlaceLeft(3),
    refusals.PersonInactive(ANA),
    refusals.RoleMissing(ANA, "nurse"),
    refusals.Overlap(ANA, OTHER),
    refusals.AlreadyAssigned(ANA),
    refusals.NotAssigned(ANA),
    refusals.AlreadyAnswered("declined"),
    refusals.TooLittleRest(ANA, OTHER, 2.5, 11.0),
    refusals.BlackedOut(ANA, NOW, NOW + timedelta(days=1)),
    refusals.OutsideAvailability(ANA),
    refusals.ShiftIsNotOver(),
    refusals.NoWarnings(ANA),
    refusals.AlreadyOffered(ANA, SWAP),
    refusals.NotOnOffer("withdrawn"),
    refusals.OfferedToAnother(ANA),
    refusals.SwapIsNotTaken("offered"),
    refusals.SwapIsOver("lapsed"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_every_refusal_is_one_sentence_for_a_person(refusal):
    assert refusal.message.endswith(".")
    assert refusal.as_data()["rule"] == type(refusal).__name__


def test_no_refusal_of_staffing_is_forgotten_here():
    found = [value for value in vars(refusals).values() if isinstance(value, type)]
    kinds = {kind for kind in found if issubclass(kind, Refusal) and kind is not Refusal}
    assert kinds == {type(refusal) for refusal in REFUSALS}


def test_every_event_of_a_decision_carries_its_moment():
    shift = draft()
    with happening_at(NOW):
        shift.publish()
    *_, published = shift.pending_events
    assert isinstance(published, Shift.Published)
    assert published.timestamp == NOW


def test_a_moment_inside_a_moment_ends_before_it():
    with happening_at(NOW):
        with happening_at(NOW + timedelta(hours=1)):
            assert moment() == NOW + timedelta(hours=1)
        assert moment() == NOW


def test_outside_of_a_moment_nothing_can_happen():
    shift = draft()
    with pytest.raises(LookupError):
        shift.publish()
    assert len(shift.pending_events) == 1


def test_a_derived_id_follows_from_its_parts():
    assert derived_id(PLATFORM, "email", "a") == derived_id(PLATFORM, "email", "a")
    assert derived_id(PLATFORM, "email", "a") != derived_id(PLATFORM, "email", "b")
    assert derived_id("email", "a") == UUID("51aefee1-af8a-5641-8115-aba7679222b8")
