"""Reports over HTTP, as JSON and as CSV; who may read them is in test_permissions.py."""

import csv
import io

import pytest

from interfaces.http import csv_answers
from tests.interfaces.http.answers import invalid, page
from tests.interfaces.http.documented import documented
from tests.support.api import a_person, a_role, a_shift, assignment_of, running_api

FORMULA = '=HYPERLINK("http://evil.test")'
NIGHT = {"start": "2199-03-01T22:00:00+01:00", "end": "2199-03-02T06:20:00+01:00"}
LATER = {"start": "2199-03-12T08:00:00+01:00", "end": "2199-03-12T12:00:00+01:00"}
EUROS = {"amount": 24.5, "currency": "EUR"}


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    """With a role that is paid."""
    async with running_api(a_database, a_folder, documented) as running:
        await a_role(running, "medic", hourly_rate=EUROS)
        yield running


@pytest.fixture(scope="module", autouse=True)
async def known(api):
    """The ids of what there is: two shifts of a nurse who is paid and of a volunteer with a wicked
    name, who declines the second; and somebody on the first who works too much.
    """
    unit = await api.admin.post("/units", json={"name": "+Ward, 1", "zone": "Europe/Berlin"})
    unit = unit.json()["id"]
    nurse = await a_person(api, name="Nora", kind="staff", roles=["medic"])
    volunteer = await a_person(api, name=FORMULA, roles=["medic"])
    capped = await a_person(api, name="Cora", roles=["medic"], weekly_hour_cap=1)
    both = (nurse, volunteer)
    first = await a_shift(api, unit, *both, capped, role="medic", **NIGHT)
    second = await a_shift(api, unit, *both, role="medic", **LATER)
    for shift, person, status in (
        *((first, nurse, "accepted"), (first, volunteer, "accepted")),
        *((second, nurse, "accepted"), (second, volunteer, "declined")),
    ):
        path = f"/assignments/{assignment_of(shift, person)}/status"
        answer = await api.coordinator.post(path, json={"status": status})
        assert answer.status_code == 200, answer.text
    path = f"/assignments/{assignment_of(first, capped)}/override"
    answer = await api.admin.post(path, json={"reason": "@her own wish"})
    assert answer.status_code == 200, answer.text
    people = {"nurse": nurse, "volunteer": volunteer, "capped": capped}
    return {"unit": unit, "first": first, "second": second, **people}


@pytest.fixture
def ask(api):
    async def ask(report, role="auditor", headers=None, **query):
        return await api.clients[role].get(f"/reports/{report}", params=query, headers=headers)

    return ask


def worked(known):
    nora = {"person_id": known["nurse"], "person": "Nora"}
    other = {"person_id": known["volunteer"], "person": FORMULA}
    return [
        {"week": "2199-W09", **other, "hours": 8.33, "cost": None},
        {"week": "2199-W09", **nora, "hours": 8.33, "cost": {"amount": 204.17, "currency": "EUR"}},
        {"week": "2199-W11", **nora, "hours": 4.0, "cost": {"amount": 98.0, "currency": "EUR"}},
    ]


async def test_hours_and_their_cost_are_told_per_person_and_week(ask, known):
    lines = worked(known)
    assert (await ask("hours")).json() == page(*lines)
    assert (await ask("hours", person_id=known["nurse"])).json() == page(*lines[1:])
    days = {"from": "2199-03-11", "to": "2199-03-11"}
    assert (await ask("hours", **days)).json() == page(lines[2])
    second = await ask("hours", page=2, pageSize=2)
    assert second.json() == page(lines[2], number=2, size=2, total=3)


def filled(known, **figures):
    return {"unit_id": known["unit"], "unit": "+Ward, 1", **figures}


async def test_it_is_told_how_well_a_unit_is_filled(ask, known):
    whole = {"shifts": 2, "places": 5, "accepted": 3, "pending": 1, "fill_rate": 0.6}
    assert (await ask("fill")).json() == page(filled(known, **whole))
    first = {"shifts": 1, "places": 3, "accepted": 2, "pending": 1, "fill_rate": 0.6667}
    answer = await ask("fill", to="2199-03-01", unit_id=known["unit"])
    assert answer.json() == page(filled(known, **first))
    assert (await ask("fill", to="2199-02-28")).json() == page()


async def test_what_was_declined_is_told(ask, known):
    answer = (await ask("answers", what="declined")).json()
    told = answer["items"][0]
    assert answer == page(
        {
            "what": "declined",
            "at": told["at"],
            "person_id": known["volunteer"],
            "person": FORMULA,
            "unit_id": known["unit"],
            "unit": "+Ward, 1",
            "shift_id": known["second"],
            "role": "medic",
            "start": LATER["start"],
            "reason": None,
            "warnings": [],
        }
    )
    assert (await ask("answers", person_id=known["nurse"])).json() == page()


async def test_what_was_overridden_is_told(ask, known):
    answer = (await ask("answers", what="overridden")).json()
    told = answer["items"][0]
    assert answer == page(
        {
            "what": "overridden",
            "at": told["at"],
            "person_id": known["capped"],
            "person": "Cora",
            "unit_id": known["unit"],
            "unit": "+Ward, 1",
            "shift_id": known["first"],
            "role": "medic",
            "start": NIGHT["start"],
            "reason": "@her own wish",
            "warnings": ["The person has 8.33 h in week 2199-W09; the cap is 1 h."],
        }
    )


async def test_hours_are_told_as_csv(ask, known):
    answer = await ask("hours", format="csv")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="hours.csv"'
    nurse, volunteer = known["nurse"], known["volunteer"]
    assert answer.text.split("\r\n") == [
        "week,person_id,person,hours,cost,currency",
        f'2199-W09,{volunteer},"\'=HYPERLINK(""http://evil.test"")",8.33,,',
        f"2199-W09,{nurse},Nora,8.33,204.17,EUR",
        f"2199-W11,{nurse},Nora,4.0,98.00,EUR",
        "",
    ]


async def test_other_reports_are_told_as_csv_too(ask, known):
    (fill,) = csv.DictReader(io.StringIO((await ask("fill", format="csv")).text))
    assert fill == {
        "unit_id": known["unit"],
        "unit": "'+Ward, 1",
        "shifts": "2",
        "places": "5",
        "accepted": "3",
        "pending": "1",
        "fill_rate": "0.6",
    }
    answer = await ask("answers", format="csv")
    overridden, declined = csv.DictReader(io.StringIO(answer.text))
    assert overridden["reason"] == "'@her own wish"
    at = (await ask("answers", what="declined")).json()["items"][0]["at"]
    assert declined == {
        "what": "declined",
        "at": at.replace("Z", "+00:00"),
        "person_id": known["volunteer"],
        "person": f"'{FORMULA}",
        "unit_id": known["unit"],
        "unit": "'+Ward, 1",
        "shift_id": known["second"],
        "role": "medic",
        "start": LATER["start"],
        "reason": "",
        "warnings": "",
    }


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        ("text/csv", {}, "text/csv"),
        ("text/csv; charset=utf-8, application/json", {}, "text/csv"),
        ("application/json, text/csv", {}, "application/json"),
        ("text/html, */*", {}, "application/json"),
        ("text/csv", {"format": "json"}, "application/json"),
        ("application/json", {"format": "csv"}, "text/csv"),
    ],
)
async def test_who_names_csv_first_gets_it(ask, accept, query, media_type):
    answer = await ask("fill", headers={"Accept": accept}, **query)
    assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("report", ["hours", "fill", "answers"])
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"from": "2199-03-02", "to": "2199-03-01"}, ["to"]),
        ({"from": "1709251200"}, ["from"]),
        ({"from": "2199-02-30"}, ["from"]),
        ({"to": "1999-12-31"}, ["to"]),
        ({"to": "2200-01-01"}, ["to"]),
        ({"to": "2199-03-01T00:00:00Z"}, ["to"]),
        ({"format": "xlsx"}, ["format"]),
        ({"unit_id": "ward"}, ["unit_id"]),
        ({"format": "csv", "page": "1"}, ["page"]),
        ({"format": "csv", "page": "1", "pageSize": "7"}, ["page", "pageSize"]),
    ],
)
async def test_what_can_not_be_asked_is_named(ask, report, query, fields):
    invalid(await ask(report, **query), *fields)


async def test_a_file_is_not_the_whole_world(ask, monkeypatch):
    monkeypatch.setattr(csv_answers, "MOST_LINES", 2)
    answer = await ask("hours", format="csv")
    invalid(answer, "from")
    assert answer.json()["details"]["fields"]["from"].startswith("3 lines are more than 2")
    assert (await ask("hours", format="csv", to="2199-03-05")).status_code == 200


async def test_another_tenant_reads_nothing_of_it(ask):
    for report in ("hours", "fill", "answers"):
        assert (await ask(report, role="stranger")).json() == page()
