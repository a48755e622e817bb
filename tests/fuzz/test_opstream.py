"""A modest run, always the same, for CI; ``uv run fuzz`` asks more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interfaces.http.app import CONTRACTS
from interfaces.http.dialect import ContractRoute
from tests.architecture.test_routes import OPERATIONS
from tests.fuzz.campaign import campaign
from tests.fuzz.opstream import EVERYBODY, opstream
from tests.fuzz.report import told
from tests.fuzz.serving import serving
from tests.fuzz.settings import Budget
from tests.fuzz.target import NOBODY, Target, labels_of
from tests.support.engines import NewDatabase

MODEST = Budget(examples=5, seed=3, bounds=("admin", NOBODY))
Served = tuple[str, Target]


@pytest.fixture(scope="module")
def served(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("data")
    with new_database() as url, serving(lambda: opstream(url, folder)) as both:
        yield both


@pytest.mark.bed
def test_whoever_asks_whatever_is_answered_as_the_documents_tell(served: Served) -> None:
    url, target = served
    findings = campaign(target, url, MODEST)
    assert not findings.found, "".join(told(each, MODEST) for each in findings.found.values())
    labels = [label for document in target.documents.values() for label in labels_of(document)]
    assert set(target.documents) == set(CONTRACTS)
    assert set(target.callers) == set(EVERYBODY)
    assert len(labels) == OPERATIONS
    assert {(role, label) for role, label, _ in findings.answers} == {
        (role, label) for role in EVERYBODY for label in labels
    }
    assert findings.cases > 2000


@pytest.mark.bed
def test_a_guard_that_is_taken_off_is_found(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, target = served
    _, routes = CONTRACTS["scheduler"]
    (route,) = [each for each in routes().routes if getattr(each, "name", "") == "get_units"]
    assert isinstance(route, ContractRoute)
    monkeypatch.setattr(route, "guards", [])
    findings = campaign(target, url, MODEST, ["scheduler"], ["volunteer"])
    found = {each.what for each in findings.found.values() if each.label == "GET /units"}
    assert found == {"answered 200 to who may not ask"}
