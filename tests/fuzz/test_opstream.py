"""A modest run, always the same; ``uv run fuzz`` asks more."""

from pathlib import Path

from interfaces.http.app import CONTRACTS
from tests.fuzz.campaign import campaign
from tests.fuzz.opstream import EVERYBODY, opstream
from tests.fuzz.report import told
from tests.fuzz.serving import serving
from tests.fuzz.settings import Budget
from tests.fuzz.target import labels_of

MODEST = Budget(examples=5, seed=3)


def test_whoever_asks_whatever_is_answered_as_the_documents_tell(
    database_url: str, tmp_path: Path
) -> None:
    with serving(lambda: opstream(database_url, tmp_path)) as (url, target):
        findings = campaign(target, url, MODEST)
    assert not findings.found, "".join(told(each, MODEST) for each in findings.found.values())
    assert set(target.documents) == set(CONTRACTS)
    assert set(target.callers) == set(EVERYBODY)
    labels = [label for document in target.documents.values() for label in labels_of(document)]
    assert len(labels) == 17
    assert {(role, label) for role, label, _ in findings.answers} == {
        (role, label) for role in EVERYBODY for label in labels
    }
    assert findings.cases > 2000
