"""Bodies whose fields can't be: each is named, and nothing is stored."""

import pytest

from tests.interfaces.http.answers import invalid
from tests.support.api import (
    a_draft,
    a_pattern,
    a_person,
    a_role,
    a_unit,
    new_pattern,
    new_shift,
    position,
)

ID = "b1e3d3a0-6c5e-4f0a-9d5f-3f2a6a0c7e11"
LONE = '"\\ud800"'
DEEP = '{"a":' * 40 + "1" + "}" * 40

TEXTS = ["", "   ", "x" * 201, "a\x00b", 1, None, True, [], {}]
TIMES = [
    "2199-03-01T08:00:00",
    "2199-03-01",
    "08:00",
    "1999-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "0000-01-01T00:00:00Z",
    "-2199-03-01T08:00:00Z",
    "2199-02-30T08:00:00Z",
    "2199-03-01T25:00:00Z",
    "2199-03-01T08:00:00+99:00",
    "7232000000",
    7232000000,
    1e300,
    True,
    "",
    "soon",
    "\x00",
    [],
]
WHOLES = [0, -1, 1001, 2**53, 2**70, 1.0, 1.5, "3", True, None, [], "x"]
PHONES = ["", "123", "1" * 21, "call me", "112 112\x00", 1, True, {}]
CAPS = [0, -1, 168.5, 1e300, "40", True, []]
CLOCKS = [
    "",
    "8:00",
    "24:00",
    "08:60",
    "08:00:00",
    "08:00Z",
    "0800",
    "\N{ARABIC-INDIC DIGIT EIGHT}8:00",
    8,
    None,
    [],
    "\x00",
]
RULES = ["", "x" * 501, "FREQ=DAILY\x00", 1, None, [], {}]
DAYS = [
    "",
    "2027-02-30",
    "2027-3-1",
    "20270301",
    "2027-W09-1",
    "2027-03-01T00:00:00",
    "1999-12-31",
    "2200-01-01",
    "\N{ARABIC-INDIC DIGIT TWO}027-03-01",
    "soon",
    20270301,
    True,
    [],
]
WEEKS = [-1, 53, 1.0, "4", True, None, []]
RATES = [12, "12 EUR", True, []]
IDS = ["", "x", "\x00", 1, None, [], ID + "0"]

FIELDS = {
    "/units": {
        "name": TEXTS,
        "zone": ["", "Europe", "Europe/Nowhere", "../../etc/passwd", "europe/berlin\x00", 1, None],
    },
    "/people": {
        "name": TEXTS,
        "email": ["", "a", "a@b", "@b.de", "a b@c.de", "a@b.de\x00", "a@@b.de", "é" * 250, 1, None],
        "kind": ["", "boss", "Staff", 1, None],
        "roles": ["nurse", 1, None, {}, ["r"] * 51],
        "account_id": [value for value in IDS if value is not None],
        "phone": PHONES,
        "weekly_hour_cap": CAPS,
        "hourly_rate": RATES,
    },
    "/units/{unit}": {"name": TEXTS, "zone": ["", "Europe", 1, None]},
    "/roles": {
        "name": TEXTS,
        "description": ["x" * 1001, "a\x00", 1, None],
        "hourly_rate": RATES,
    },
    "/roles/{role}": {
        "name": TEXTS,
        "description": ["x" * 1001, "a\x00", 1, None],
        "hourly_rate": RATES,
    },
    "/people/{person}": {
        "name": TEXTS,
        "email": ["", "a", "@b.de", 1, None],
        "kind": ["", "boss", "kept", 1, None],
        "roles": ["nurse", 1, None, {}, ["r"] * 51],
        "account_id": [value for value in IDS if value is not None],
        "phone": PHONES,
        "weekly_hour_cap": CAPS,
        "hourly_rate": RATES,
    },
    "/shifts": {
        "unit_id": IDS,
        "role": TEXTS,
        "start": [*TIMES, None],
        "end": [*TIMES, None],
        "headcount": WHOLES,
        "notes": ["x", 1, None, []],
    },
    "/shifts/{shift}": {
        "role": [value for value in TEXTS if value is not None],
        "start": TIMES,
        "headcount": [value for value in WHOLES if value is not None],
        "notes": ["x", 1, []],
    },
    "/shifts/{shift}/assign": {"person_ids": ["", ID, None, [], {}, 1, [ID] * 101]},
    "/shift-patterns": {
        "unit_id": IDS,
        "role": TEXTS,
        "start": CLOCKS,
        "end": CLOCKS,
        "rrule": RULES,
        "first_day": [*DAYS, None],
        "last_day": DAYS,
        "headcount": WHOLES,
        "notes": ["x", 1, None, []],
        "people": ["", ID, None, {}, 1, [ID] * 1001],
        "weeks_ahead": WEEKS,
    },
    "/shift-patterns/{pattern}": {
        "role": TEXTS,
        "start": CLOCKS,
        "rrule": RULES,
        "first_day": [*DAYS, None],
        "last_day": [*DAYS, "2027-02-28"],
        "headcount": WHOLES,
        "notes": ["x", 1, None, []],
        "people": ["", ID, None, {}, 1, [ID] * 1001],
        "weeks_ahead": WEEKS,
    },
    "/shift-patterns/{pattern}/drafts": {"from": [*DAYS, None], "to": [*DAYS, None]},
    "/auth/login": {
        "email": ["e" * 255, "a\x00@b.de", 1, None],
        "password": ["p" * 1025, "é" * 513, 1, None],
    },
}
GOOD = {
    "/units": {"name": "Ward", "zone": "Europe/Berlin"},
    "/people": {"name": "Ana", "email": "ana@example.test", "kind": "staff"},
    "/shifts": new_shift(ID),
    "/units/{unit}": {},
    "/roles": {"name": "porter"},
    "/roles/{role}": {},
    "/people/{person}": {},
    "/shifts/{shift}": {},
    "/shifts/{shift}/assign": {"person_ids": [ID]},
    "/shift-patterns": new_pattern(ID),
    "/shift-patterns/{pattern}": {},
    "/shift-patterns/{pattern}/drafts": {"from": "2027-03-01", "to": "2027-03-31"},
    "/auth/login": {"email": "a@example.test", "password": "x"},
}
WRONG = [
    (path, field, value)
    for path, fields in FIELDS.items()
    for field, values in fields.items()
    for value in values
]


@pytest.fixture(scope="module")
async def ids(api):
    return {
        "shift": await a_draft(api),
        "unit": await a_unit(api),
        "role": await a_role(api, "driver"),
        "person": await a_person(api),
        "pattern": await a_pattern(api),
    }


@pytest.fixture
async def send(api, ids):
    """Sends a body, and makes sure that the log is as long as before."""
    before = await position(api)

    async def ask(path, **body):
        method = "PATCH" if path.endswith("}") else "POST"
        return await api.admin.request(method, path.format(**ids), **body)

    yield ask
    assert await position(api) == before


@pytest.mark.parametrize(("path", "field", "value"), WRONG)
async def test_a_value_that_can_not_be_is_named(send, path, field, value):
    invalid(await send(path, json={**GOOD[path], field: value}), field)


AMOUNTS = [-0.01, 0.001, 24.505, 1e8, 1e300, -1e300, "24.50", True, None, []]
CURRENCIES = ["", "EU", "eur", "EURO", "XXX", "KWD", "EUR\x00", 1, None]


@pytest.mark.parametrize("path", ["/roles", "/roles/{role}", "/people", "/people/{person}"])
@pytest.mark.parametrize(
    ("part", "value"),
    [("amount", value) for value in AMOUNTS] + [("currency", value) for value in CURRENCIES],
)
async def test_a_part_of_a_rate_that_can_not_be_is_named(send, path, part, value):
    rate = {"amount": 24.5, "currency": "EUR", part: value}
    invalid(await send(path, json={**GOOD[path], "hourly_rate": rate}), f"hourly_rate.{part}")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (path, field)
        for path, good in GOOD.items()
        for field in good
        if field not in {"headcount", "notes"}
    ],
)
async def test_a_field_that_is_missing_is_named(send, path, field):
    body = {name: value for name, value in GOOD[path].items() if name != field}
    response = await send(path, json=body)
    invalid(response, field)
    assert response.json()["details"] == {"fields": {field: "is required"}}


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("field", ["tenant_id", "id", "Name", "ü", "a\x00", "__proto__", ""])
async def test_a_field_that_nobody_knows_is_named(send, path, field):
    response = await send(path, json={**GOOD[path], field: 1})
    assert response.json()["details"] == {"fields": {field or "body": "is not known here"}}


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("body", [[], [GOOD["/units"]], "x", 1, True, None])
async def test_a_body_is_an_object(send, path, body):
    invalid(await send(path, json=body), "body")


async def test_everything_that_is_wrong_is_named_at_once(send):
    body = {"role": "", "start": "x", "end": 1, "headcount": "many", "more": 1}
    invalid(
        await send("/shifts", json=body),
        *("unit_id", "role", "start", "end", "headcount", "more"),
    )


async def test_a_thousand_unknown_fields_are_not_all_told(send):
    response = await send("/units", json={f"{'f' * 300}{n}": n for n in range(1000)})
    assert response.status_code == 422
    assert len(response.json()["details"]["fields"]) <= 50
    assert len(response.content) < 20_000


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (f'{{"name": {LONE}, "zone": "Europe/Berlin"}}', ["name"]),
        (f'{{"name": "a", "zone": {LONE}}}', ["zone"]),
        (f'{{"name": "a", "zone": "Europe/Berlin", {LONE}: 1}}', ["body"]),
        ('{"name": "a", "zone": "Europe/Berlin", "zone": 1}', ["zone"]),
    ],
)
async def test_half_a_character_is_not_text(send, text, fields):
    headers = {"Content-Type": "application/json"}
    invalid(await send("/units", content=text, headers=headers), *fields)


@pytest.mark.parametrize(
    ("notes", "field"),
    [
        ('{"a": NaN}', "notes"),
        ('{"a": [Infinity]}', "notes"),
        ('{"a": -Infinity}', "notes"),
        ('{"a": 1e999}', "notes"),
        ('{"a": 9007199254740992}', "notes"),
        ('{"a": -9007199254740992}', "notes"),
        ('{"a": ' + "9" * 4000 + "}", "notes"),
        ('{"a": ' + "9" * 10_000 + "}", "body"),
        ('{"a": ' + "[" * 100_000 + "}", "body"),
        ('{"a": ' + "[" * 50_000 + "]" * 50_000 + "}", "body"),
        (DEEP, "notes"),
        (f'{{"a": {LONE}}}', "notes"),
        (f'{{"a": {{{LONE}: 1}}}}', "notes"),
        ('{"a\\u0000": 1}', "notes"),
        ('{"a": [["\\u0000"]]}', "notes"),
        ('{"a": "' + "x" * 17_000 + '"}', "notes"),
    ],
    ids=lambda value: value[:20],
)
async def test_notes_are_plain_and_small(send, notes, field):
    text = f'{{"notes": {notes}}}'
    headers = {"Content-Type": "application/json"}
    response = await send("/shifts/{shift}", content=text, headers=headers)
    assert response.status_code == 422, response.text
    assert [name.split(".")[0] for name in response.json()["details"]["fields"]] == [field]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2199-03-01T08:00:00Z", "2199-03-01T08:00:00Z"),
        ("2199-03-01T08:00:00Z", "2199-03-01T07:59:59Z"),
        ("2199-03-01T08:00:00+01:00", "2199-03-01T08:00:00+02:00"),
        ("2199-03-01T08:00:00Z", "2199-03-08T08:00:01Z"),
        # The second half past two of the night in which clocks go back, before the first.
        ("2027-10-31T02:30:00+01:00", "2027-10-31T02:30:00+02:00"),
    ],
)
async def test_a_shift_ends_after_it_starts_and_within_a_week(api, start, end):
    unit = await a_unit(api)
    before = await position(api)
    body = new_shift(unit, start=start, end=end)
    invalid(await api.coordinator.post("/shifts", json=body), "end")
    assert await position(api) == before


@pytest.mark.parametrize("which", ["x", "%00", "%ED%A0%80", "1", ID + "x", "%F0%9F%90%99"])
@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("PATCH", "/members/{}", "account_id"),
        ("DELETE", "/members/{}", "account_id"),
        ("GET", "/units/{}", "unit_id"),
        ("PATCH", "/units/{}", "unit_id"),
        ("DELETE", "/units/{}", "unit_id"),
        ("POST", "/units/{}/reopen", "unit_id"),
        ("GET", "/people/{}", "person_id"),
        ("PATCH", "/people/{}", "person_id"),
        ("DELETE", "/people/{}", "person_id"),
        ("POST", "/people/{}/reactivate", "person_id"),
        ("GET", "/shift-patterns/{}", "pattern_id"),
        ("PATCH", "/shift-patterns/{}", "pattern_id"),
        ("DELETE", "/shift-patterns/{}", "pattern_id"),
        ("POST", "/shift-patterns/{}/drafts", "pattern_id"),
        ("PATCH", "/shifts/{}", "shift_id"),
        ("POST", "/shifts/{}/publish", "shift_id"),
        ("POST", "/shifts/{}/assign", "shift_id"),
        ("POST", "/assignments/{}/status", "assignment_id"),
    ],
)
async def test_an_id_in_a_path_is_a_uuid(api, method, path, field, which):
    good = {
        "status": {"status": "accepted"},
        "assign": {"person_ids": [ID]},
        "drafts": GOOD["/shift-patterns/{pattern}/drafts"],
    }
    roles = {"roles": ["staff"]} if "members" in path else {}
    body = good.get(path.rsplit("/", 1)[1], roles if method == "PATCH" else {})
    invalid(await api.admin.request(method, path.format(which), json=body), field)
