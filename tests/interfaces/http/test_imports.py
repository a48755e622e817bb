"""Shifts from a spreadsheet: all of them, or none and every reason."""

import asyncio
import time
from io import BytesIO
from uuid import uuid4

import psutil
import pytest
from openpyxl import load_workbook

from domain.scheduling.shift_import import ShiftImport
from infrastructure.imports.staging import MOST_WAITING, SHOWN
from interfaces.http.scheduler import imports
from tests.interfaces.http.answers import invalid, refused
from tests.interfaces.http.documented import documented
from tests.support.api import a_person, a_unit, new_shift, position, running_api
from tests.support.sheets import ROW, a_sheet, hostile, many_rows

PATH = "/import/shifts"
HOSTILE = (
    *("a zip bomb", "a forged dimension", "huge shared strings", "entities that expand"),
    *("not a zip", "a truncated zip", "macros", "an encrypted file", "a million rows"),
    *("formulas", "deeply nested XML", "NUL bytes", "another heading", "an empty sheet"),
)
WITHIN = 10.0
"""Seconds."""


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented, imports=True) as running:
        yield running


@pytest.fixture
async def ward(api):
    """The name of a new unit."""
    name = f"Ward {uuid4().hex}"
    await api.admin.post("/units", json={"name": name, "zone": "Europe/Berlin"})
    return name


@pytest.fixture
async def ana(api):
    """The address of a new nurse."""
    email = f"{uuid4().hex}@example.test"
    await a_person(api, email=email)
    return email


async def send(client, file, **options):
    name = options.pop("name", "week.xlsx")
    return await client.post(PATH, files={"file": (name, file)}, **options)


def rows_for(ward, ana=None):
    """A day, a night, and the night in which clocks go back in 2198 (28 October)."""
    return [
        (ward, "nurse", "2198-03-01", "08:00", "16:00", 2, ana, "Bring the keys"),
        (ward, "cook", "2198-03-01", "22:00", "06:00", None, None, None),
        (ward, "nurse", "2198-10-27", "22:00", "06:00", 1, ana, None),
    ]


async def shifts_of(api, ward):
    found = await api.coordinator.get("/units", params={"search": ward})
    (unit,) = found.json()["items"]
    listed = await api.coordinator.get("/shifts", params={"unit_id": unit["id"]})
    return listed.json()["items"]


async def events(api, topic):
    async with api.core.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM stored_events WHERE topic = %s", (topic,)
        )
        (row,) = await cursor.fetchall()
    return row[0]


async def test_every_row_becomes_a_draft_that_reads_show_at_once(api, ward, ana):
    file = a_sheet(*rows_for(ward, ana))
    answer = await send(api.coordinator, file)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["state"], told["dry_run"], told["created"]) == ("done", False, 3)
    assert (told["rows_done"], told["rows_total"], told["failure"]) == (3, 3, None)
    shown = await shifts_of(api, ward)
    assert [shift["id"] for shift in shown] == [shift["id"] for shift in told["shifts"]]
    first, night, long_night = shown
    assert first["start"] == "2198-03-01T08:00:00+01:00"
    assert (first["status"], first["headcount"], first["notes"]) == (
        *("draft", 2),
        {"text": "Bring the keys"},
    )
    people = (await api.coordinator.get("/people", params={"search": ana})).json()["items"]
    assert first["people"] == [people[0]["id"]]
    assert night["end"] == "2198-03-02T06:00:00+01:00"
    assert (long_night["start"][-6:], long_night["end"][-6:]) == ("+02:00", "+01:00")
    where = answer.headers["location"]
    assert (await api.coordinator.get(where)).json() == told


async def test_the_log_tells_who_imported_what(api, ward):
    before = await events(api, ShiftImport.Imported.TOPIC)
    told = (await send(api.coordinator, a_sheet(*rows_for(ward)), name="März.xlsx")).json()
    assert await events(api, ShiftImport.Imported.TOPIC) == before + 1
    async with api.core.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT convert_from(state, 'UTF8')::jsonb, metadata->>'actor', notification_id "
            "FROM stored_events WHERE originator_id = %s",
            (told["id"],),
        )
        ((state, actor, where),) = await cursor.fetchall()
    assert state["source"] == {"file_name": "März.xlsx", "sha256": told["sha256"], "rows": 3}
    assert (state["shifts"], actor) == (3, str(api.accounts["coordinator"]))
    assert where == await position(api)


async def test_a_dry_run_tells_what_would_be_drafted_and_drafts_nothing(api, ward, ana):
    before = await position(api)
    file = a_sheet(*rows_for(ward, ana))
    answer = await send(api.coordinator, file, params={"dry_run": True})
    told = answer.json()
    assert (answer.status_code, told["state"], told["created"]) == (201, "done", 0)
    assert [shift["id"] for shift in told["shifts"]] == [None] * 3
    assert await position(api) == before
    real = (await send(api.coordinator, file)).json()
    assert [{**shift, "id": None} for shift in real["shifts"]] == told["shifts"]


async def test_every_bad_cell_is_told_and_nothing_is_imported(api, ward, ana):
    before = await position(api)
    good, *_ = rows_for(ward, ana)
    answer = await send(
        api.coordinator,
        a_sheet(
            good,
            ("Attic", "nurse", "soon", "8", "16:00", 0, "nobody@example.test", None),
            (ward, "cook", "2198-03-01", "09:00", "10:00", 1, ana, None),
        ),
    )
    details = refused(answer, 422, "ValidationError")
    assert details["rows"] == [
        {"row": 3, "column": "unit", "reason": "there is no unit of this name"},
        {"row": 3, "column": "date", "reason": "must be a date, such as 2027-03-01"},
        {"row": 3, "column": "start", "reason": "must be a time of day, such as 08:00"},
        {"row": 3, "column": "headcount", "reason": "must be a whole number from 1 to 1000"},
        {
            "row": 3,
            "column": "people",
            "reason": "there is nobody with the address nobody@example.test",
        },
        {"row": 4, "column": "people", "reason": f"{ana} does not have the role cook"},
        {
            "row": 4,
            "column": "people",
            "reason": f"{ana} is on row 2 at that time too",
        },
    ]
    assert details["total"] == 7
    assert details["fields"] == {"file": "7 cells can't be used"}
    assert await position(api) == before
    shown = (await api.coordinator.get(f"/import/{details['import_id']}")).json()
    assert (shown["state"], shown["created"], shown["shifts"]) == ("refused", 0, [])
    assert shown["failure"]["details"] == details


async def test_of_very_many_bad_cells_the_first_are_told(api, ward):
    answer = await send(api.coordinator, a_sheet(*[(ward,)] * 100))
    details = refused(answer, 422, "ValidationError")
    assert details["total"] == 400
    assert len(details["rows"]) == 200
    assert details["rows"][-1]["row"] == 51


async def test_a_wrong_heading_is_told_by_its_column(api):
    answer = await send(api.coordinator, a_sheet(ROW, heading=("unit", "when")))
    details = refused(answer, 422, "ValidationError")
    assert details["rows"] == [
        {"row": 1, "column": "when", "reason": "is not a column of the template"}
    ]


class TestKeys:
    @pytest.fixture
    def key(self):
        return {"Idempotency-Key": uuid4().hex}

    async def test_the_same_file_is_imported_once(self, api, ward, key):
        file = a_sheet(*rows_for(ward))
        first = await send(api.coordinator, file, headers=key)
        length = await position(api)
        again = await send(api.coordinator, file, headers=key, name="another name.xlsx")
        assert (again.status_code, again.json()) == (201, first.json())
        assert await position(api) == length

    async def test_also_when_it_is_sent_at_the_same_time(self, api, ward, key):
        file = a_sheet(*rows_for(ward))
        both = await asyncio.gather(*(send(api.coordinator, file, headers=key) for _ in range(2)))
        assert [answer.status_code for answer in both] == [201, 201]
        assert both[0].json() == both[1].json()
        assert len(await shifts_of(api, ward)) == 3

    async def test_without_a_key_it_is_imported_again(self, api, ward):
        file = a_sheet(*rows_for(ward))
        both = [(await send(api.coordinator, file)).json()["id"] for _ in range(2)]
        assert len(set(both)) == 2
        assert len(await shifts_of(api, ward)) == 6

    async def test_another_file_under_the_key_is_refused(self, api, ward, key):
        one, two, three = rows_for(ward)
        await send(api.coordinator, a_sheet(one, two), headers=key)
        other = await send(api.coordinator, a_sheet(one, three), headers=key)
        assert refused(other, 422, "IdempotencyKeyReused") == {"key": key["Idempotency-Key"]}
        assert len(await shifts_of(api, ward)) == 2

    async def test_a_dry_run_is_another_request(self, api, ward, key):
        file = a_sheet(*rows_for(ward))
        await send(api.coordinator, file, headers=key, params={"dry_run": True})
        refused(await send(api.coordinator, file, headers=key), 422, "IdempotencyKeyReused")

    async def test_a_key_stands_for_one_request_of_any_kind(self, api, ward, key):
        file, body = a_sheet(*rows_for(ward)), new_shift(await a_unit(api))
        await send(api.coordinator, file, headers=key)
        other = await api.coordinator.post("/shifts", json=body, headers=key)
        refused(other, 422, "IdempotencyKeyReused")
        key = {"Idempotency-Key": uuid4().hex}
        await api.coordinator.post("/shifts", json=body, headers=key)
        refused(await send(api.coordinator, file, headers=key), 422, "IdempotencyKeyReused")

    async def test_a_refusal_is_told_again(self, api, key):
        file = a_sheet(("Attic", *ROW[1:]))
        first = await send(api.coordinator, file, headers=key)
        await api.admin.post("/units", json={"name": "Attic", "zone": "Europe/Berlin"})
        again = await send(api.coordinator, file, headers=key)
        assert (again.status_code, again.json()) == (422, first.json())
        assert (await send(api.coordinator, file)).status_code == 201

    async def test_keys_of_two_accounts_have_nothing_in_common(self, api, ward, key):
        file = a_sheet(*rows_for(ward))
        one = await send(api.coordinator, file, headers=key)
        two = await send(api.admin, file, headers=key)
        assert one.json()["id"] != two.json()["id"]


class TestWatching:
    async def test_who_does_not_wait_is_told_where_to_look(self, api, ward):
        file, prefer = a_sheet(*rows_for(ward)), {"Prefer": "respond-async"}
        answer = await send(api.coordinator, file, headers=prefer)
        told = answer.json()
        assert (answer.status_code, told["created"]) == (202, 0)
        assert answer.headers["preference-applied"] == "respond-async"
        assert answer.headers["location"] == f"/import/{told['id']}"
        assert (await ended(api, told["id"]))["created"] == 3

    async def test_so_is_who_has_waited_long_enough(self, api, ward, monkeypatch):
        monkeypatch.setattr(imports, "WAIT", 0.0)
        answer = await send(api.coordinator, a_sheet(*rows_for(ward)))
        assert answer.status_code == 202
        assert answer.json()["state"] in {"queued", "parsing"}
        await ended(api, answer.json()["id"])

    async def test_a_large_one_is_seen_to_get_on(self, api, ward):
        file = many_rows(1500, ward)
        prefer = {"Prefer": "respond-async"}
        answer = await send(api.coordinator, file, headers=prefer)
        seen = [answer.json()]
        while seen[-1]["ended_at"] is None:
            await asyncio.sleep(0.02)
            seen.append((await api.coordinator.get(answer.headers["location"])).json())
        between = {(one["state"], one["rows_done"]) for one in seen}
        assert len(between) >= 4
        assert {state for state, _ in between} <= {
            *("queued", "parsing", "checking", "storing", "done")
        }
        last = seen[-1]
        assert (last["rows_done"], last["rows_total"], last["created"]) == (1500, 1500, 1500)
        assert len(last["shifts"]) == SHOWN

    async def test_all_of_it_is_told_by_page(self, api, ward):
        told = (await send(api.coordinator, many_rows(60, ward))).json()
        path = f"/import/{told['id']}/shifts"
        page = (await api.coordinator.get(path, params={"page": 2, "pageSize": 50})).json()
        assert (page["total"], len(page["items"])) == (60, 10)
        assert page["items"][0]["row"] == 52
        past = (await api.coordinator.get(path, params={"page": 9})).json()
        assert (past["total"], past["items"]) == (60, [])

    async def test_imports_are_listed_the_newest_first(self, api, ward):
        sent = [(await send(api.coordinator, a_sheet(row))).json()["id"] for row in rows_for(ward)]
        listed = (await api.coordinator.get("/import", params={"pageSize": 2})).json()
        assert [one["id"] for one in listed["items"]] == sent[:0:-1]
        assert listed["total"] >= 3
        assert "shifts" not in listed["items"][0]
        past = (await api.coordinator.get("/import", params={"page": 1000})).json()
        assert (past["items"], past["total"]) == ([], listed["total"])

    async def test_another_tenants_imports_are_not_there(self, api, ward):
        told = (await send(api.coordinator, a_sheet(*rows_for(ward)))).json()
        for path in (f"/import/{told['id']}", f"/import/{told['id']}/shifts"):
            refused(await api.stranger.get(path), 404, "NotFoundError")
        assert (await api.stranger.get("/import")).json()["items"] == []
        refused(await api.coordinator.get(f"/import/{uuid4()}"), 404, "NotFoundError")

    async def test_another_tenants_units_and_people_are_not_there(self, api, ward, ana):
        details = refused(
            await send(api.stranger, a_sheet(*rows_for(ward, ana))), 422, "ValidationError"
        )
        assert {one["column"] for one in details["rows"]} == {"unit", "people"}


async def ended(api, import_id):
    async with asyncio.timeout(20):
        while True:
            told = (await api.coordinator.get(f"/import/{import_id}")).json()
            if told["ended_at"] is not None:
                return told
            await asyncio.sleep(0.02)


async def test_the_template_comes_back_filled_in(api, ward):
    answer = await api.coordinator.get(f"{PATH}/template")
    assert answer.headers["content-disposition"] == 'attachment; filename="shifts.xlsx"'
    book = load_workbook(BytesIO(answer.content))
    assert "Help" in book.sheetnames
    for row in rows_for(ward):
        book["Shifts"].append(row)
    written = BytesIO()
    book.save(written)
    assert (await send(api.coordinator, written.getvalue())).json()["created"] == 3


async def test_hostile_files_are_refused_soon_and_harm_nobody(api, ward):
    files, this = hostile(), psutil.Process()
    await send(api.coordinator, a_sheet(*rows_for(ward)))
    before, size = await position(api), this.memory_info().rss
    for what in HOSTILE:
        started = time.monotonic()
        answer = await send(api.coordinator, files[what])
        assert time.monotonic() - started < WITHIN, what
        assert refused(answer, 422, "ValidationError")["fields"]["file"], what
    # The API, the importer and the projector are all in this process.
    assert this.memory_info().rss - size < 80_000_000
    assert [each for each in this.children() if "spreadsheets" in " ".join(each.cmdline())] == []
    assert await position(api) == before
    assert (await send(api.coordinator, a_sheet(*rows_for(ward)))).status_code == 201


async def test_files_of_others_do_not_wait_behind_a_heap_of_mine(api, ward):
    prefer = {"Prefer": "respond-async"}
    mine = [await send(api.coordinator, many_rows(300, ward), headers=prefer) for _ in range(6)]
    theirs = await send(api.stranger, a_sheet(("Attic", *ROW[1:])))
    refused(theirs, 422, "ValidationError")
    last = (await api.coordinator.get(mine[-1].headers["location"])).json()
    assert last["ended_at"] is None
    for answer in mine:
        await ended(api, answer.json()["id"])


async def test_only_so_many_files_of_a_tenant_wait(api, ward):
    prefer, file = {"Prefer": "respond-async"}, many_rows(200, ward)
    answers = [await send(api.coordinator, file, headers=prefer) for _ in range(MOST_WAITING + 6)]
    taken = [answer for answer in answers if answer.status_code == 202]
    turned_away = [answer for answer in answers if answer.status_code == 503]
    assert len(taken) + len(turned_away) == len(answers)
    assert len(taken) >= MOST_WAITING
    assert {answer.headers["retry-after"] for answer in turned_away} == {"10"}
    assert turned_away
    for answer in taken:
        await ended(api, answer.json()["id"])


class TestBodies:
    async def test_there_must_be_a_file(self, api):
        invalid(await api.coordinator.post(PATH, data={"name": "x"}), "file")
        invalid(await api.coordinator.post(PATH, json={"file": "x"}), "file")
        invalid(await api.coordinator.post(PATH), "file")

    async def test_there_must_be_nothing_else(self, api):
        file = a_sheet(ROW)
        extra = await api.coordinator.post(PATH, files={"file": file}, data={"unit": "Ward"})
        invalid(extra, "unit")
        twice = await api.coordinator.post(PATH, files=[("file", file), ("file", file)])
        invalid(twice, "file")
        assert (await send(api.coordinator, file, params={"dry": 1})).status_code == 422

    async def test_what_is_no_form_is_said_to_be_none(self, api):
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await api.coordinator.post(PATH, content=b"--y\r\n\r\n", headers=kind)
        details = refused(answer, 422, "ValidationError")
        assert details["fields"] == {"body": "can't be read as multipart/form-data"}

    async def test_a_file_may_be_larger_than_other_bodies_but_not_endless(self, api):
        most = api.core.settings.max_import_bytes
        beyond_others = await send(api.coordinator, b"x" * 2 * api.core.settings.max_body_bytes)
        assert refused(beyond_others, 422, "ValidationError")["fields"]["file"]
        too_large = await send(api.coordinator, b"x" * most)
        refused(too_large, 413, "PayloadTooLarge")
        elsewhere = await api.coordinator.post("/shifts", content=b"x" * 2_000_000)
        refused(elsewhere, 413, "PayloadTooLarge")

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("../../etc/passwd", "../../etc/passwd"),
            ("x" * 300, "x" * 200),
        ],
    )
    async def test_a_files_name_is_only_a_name(self, api, ward, name, kept):
        answer = await send(api.coordinator, a_sheet(*rows_for(ward)), name=name)
        assert answer.json()["file_name"] == kept

    @pytest.mark.parametrize("key", ["", "x" * 256])
    async def test_a_key_has_bounds(self, api, key):
        answer = await send(api.coordinator, a_sheet(ROW), headers={"Idempotency-Key": key})
        invalid(answer, "Idempotency-Key")
