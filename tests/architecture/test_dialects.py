"""Every contract has words for every failure."""

import pytest

from domain.shared.errors import Failure, Kind
from interfaces.http.app import CONTRACTS
from interfaces.http.contracts import NAMES
from interfaces.http.dialect import HTTP_KINDS, Problem, ProblemOut, problem_json
from interfaces.http.operations import FAILURES

DIALECTS = [dialect for dialect, _ in CONTRACTS.values()]
KINDS = [*Kind, *HTTP_KINDS.values()]
WHEREVER = {"no_route", "method_not_allowed", "internal"}
"""What no operation's document tells of: it may happen wherever one asks."""


def statuses(dialect):
    return {**dialect.statuses, **{kind: status for status, kind in HTTP_KINDS.items()}}


def test_contracts_are_known_by_their_names_before_they_are_loaded():
    assert tuple(CONTRACTS) == NAMES


def test_there_are_dialects_and_kinds_to_look_at():
    assert len(DIALECTS) == 3
    assert len(Kind) == 10
    assert len(set(KINDS)) == len(KINDS) >= 15


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
class TestOfEachDialect:
    def test_every_kind_has_a_status(self, dialect):
        assert set(dialect.statuses) == set(Kind)
        assert all(400 <= status < 600 for status in dialect.statuses.values())

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_has_a_name(self, dialect, kind):
        problem = Problem(kind, statuses(dialect)[kind], "message", {"detail": 1}, "request")
        body = dialect.body(problem)
        dialect.error.model_validate(body, strict=True, extra="forbid")
        assert "message" in body.values()
        assert {"detail": 1} in body.values()

    def test_what_is_not_the_clients_fault_is_said_to_be_so(self, dialect):
        assert {kind for kind, status in statuses(dialect).items() if status >= 500} == {
            Kind.UNAVAILABLE,
            "internal",
        }


def test_in_the_scheduler_each_kind_but_two_has_a_name_of_its_own():
    dialect, _ = CONTRACTS["scheduler"]
    names = [dialect.body(Problem(kind, 400, "", {}, ""))["error"] for kind in KINDS]
    assert len(set(names)) == len(KINDS) - 1, "only what is not found is told the same way twice"


def test_the_scheduler_answers_as_its_document_says():
    dialect, _ = CONTRACTS["scheduler"]
    assert dialect.statuses[Kind.RULE_BROKEN] == 422
    problem = Problem(Kind.INVALID, 422, "message", {"fields": {}}, "request")
    assert dialect.body(problem) == {
        "error": "ValidationError",
        "message": "message",
        "details": {"fields": {}},
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_told_as_rfc_9457(kind):
    body = problem_json(Problem(kind, 400, "message", {}, "request"))
    ProblemOut.model_validate(body, strict=True, extra="forbid")
    assert body["type"] == f"urn:opstream:problem:{kind}"


def test_every_kind_that_an_operation_tells_of_has_an_example():
    assert set(FAILURES) | WHEREVER == set(KINDS)


def test_every_path_has_a_dialect():
    assert "/" in {dialect.prefix for dialect in DIALECTS}


def test_every_failure_has_a_kind():
    failures = list(_below(Failure))
    assert len(failures) >= 10
    assert all(isinstance(failure.kind, Kind) for failure in failures)


def _below(kind):
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
