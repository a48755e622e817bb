"""What is planted is found, and nothing else: the bed can fail."""

import pytest

from tests.fuzz.campaign import campaign
from tests.fuzz.findings import Findings
from tests.fuzz.planted import TOKEN, planted
from tests.fuzz.report import told
from tests.fuzz.serving import serving
from tests.fuzz.settings import Budget

pytestmark = pytest.mark.bed

BUDGET = Budget(examples=20, seed=1)
EXPECTED = {
    ("admin", "server-error", "Server error"),
    ("admin", "server-error", "Undocumented status code"),
    ("admin", "undescribed-status", "Undocumented status code"),
    ("admin", "another-body", "Response violates schema"),
    ("admin", "another-content-type", "Undocumented Content-Type"),
    ("admin", "missing-header", "Missing required response headers"),
    ("admin", "forbidden-value", "Schema-violating request accepted"),
    ("admin", "ignored-authentication", "API accepts requests without authentication"),
    ("nobody", "ignored-authentication", "API accepts requests without authentication"),
    ("nobody", "ignored-authentication", "API accepts invalid authentication"),
    ("nobody", "ignored-authentication", "Schema-violating request accepted"),
    ("nobody", "ignored-authentication", "answered 200 to who may not ask"),
    ("nobody", "look-before-the-door", "answered 422 to who may not ask"),
    ("admin", "never-reached", "was never reached"),
    ("admin", "never-reached", "schemathesis warns: missing_test_data"),
    ("admin", "unreadable-pattern", "schemathesis warns: unsupported_regex"),
    ("nobody", "unreadable-pattern", "schemathesis warns: unsupported_regex"),
}


@pytest.fixture(scope="module")
def findings() -> Findings:
    with serving(planted) as (url, target):
        return campaign(target, url, BUDGET)


def test_every_mistake_is_found_and_nothing_else(findings: Findings) -> None:
    found = {(each.role, each.label.split("/")[1], each.what) for each in findings.found.values()}
    assert found == EXPECTED


def test_a_finding_tells_how_to_see_it_again(findings: Findings) -> None:
    finding = findings.found["admin", "GET /server-error", "Server error"]
    text = told(finding, BUDGET)
    assert "curl" in text
    assert "/server-error?size=0" in text
    assert "\n500 Internal Server Error\n" in text
    assert TOKEN not in text
    assert "uv run fuzz --seed 1 --examples 20 --contract planted --role admin" in text
