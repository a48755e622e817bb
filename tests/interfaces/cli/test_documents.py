"""What the command prints for documents: OpenAPI and the table of settings."""

import json

import pytest

from infrastructure.settings import Settings
from interfaces.http.app import CONTRACTS


@pytest.mark.parametrize("contract", sorted(CONTRACTS))
def test_openapi_prints_the_document_of_a_contract(contract, opstream):
    ended = opstream("openapi", contract)
    document = json.loads(ended.out)
    assert ended.code == 0
    assert document["openapi"].startswith("3.")
    assert document["paths"]


def test_the_scheduler_document_has_its_story(opstream):
    paths = json.loads(opstream("openapi", "scheduler").out)["paths"]
    assert {"/auth/login", "/shifts", "/shifts/{shift_id}/assign", "/audit-logs"} <= set(paths)


def test_an_unknown_contract_is_a_usage_error(opstream):
    ended = opstream("openapi", "cookery")
    assert ended.code == 2
    assert "cookery" in ended.err


def test_settings_prints_a_row_for_every_setting(opstream):
    ended = opstream("settings")
    rows = ended.out.splitlines()
    assert ended.code == 0
    assert len(rows) == len(Settings.model_fields) + 2
    for row, name in zip(rows[2:], Settings.model_fields, strict=True):
        assert row.startswith(f"| `OPSTREAM_{name.upper()}` |")
        assert row.count("|") == 4
