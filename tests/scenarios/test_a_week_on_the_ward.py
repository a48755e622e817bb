"""A ward's week, as a coordinator runs it: twelve people, sixty shifts, and the night in which the
clocks go back. The system's clock is set to that week; whatever is done is done over HTTP.
"""

import asyncio
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook
from pydantic import SecretStr

from infrastructure.settings import Settings
from interfaces.cli import accounts
from tests.faults.checker import violations
from tests.faults.clock import beginning_at
from tests.faults.disks import SkippedError
from tests.faults.evidence import found_in
from tests.support.served import Served, wait_for

MONDAY = date(2027, 10, 25)
"""On the Sunday of this week, at 03:00, clocks in Berlin go back to 02:00."""
SUNDAY_BEFORE = datetime(2027, 10, 24, 8, tzinfo=UTC)
MONDAY_AFTER = datetime(2027, 11, 1, 8, tzinfo=UTC)
ZONE = "Europe/Berlin"
PASSWORD = "a week on the ward"
NURSES = [f"nurse-{number}@ward.test" for number in range(8)]
HELPERS = [f"helper-{number}@ward.test" for number in range(4)]
EARLY, LATE, NIGHT = (time(6), time(14)), (time(14), time(22)), (time(22), time(6))


class Ward:
    """The system, and the clients of those who work with it."""

    def __init__(self, system: Served) -> None:
        self.system = system
        self.clients: dict[str, httpx.Client] = {}

    def account(self, email: str, role: str) -> None:
        """As ``opstream account`` makes it, without the time that it takes to start."""
        settings = Settings(
            database_url=SecretStr(self.system.database_url), data_dir=self.system.data_dir
        )
        name = email.partition("@")[0]
        asyncio.run(accounts.create(settings, email, name, (role,), "ward", PASSWORD))

    def client(self, email: str) -> httpx.Client:
        if email not in self.clients:
            body = {"email": email, "password": PASSWORD}
            answer = httpx.post(f"{self.system.url}/auth/login", json=body, timeout=15)
            token = answer.raise_for_status().json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            self.clients[email] = httpx.Client(
                base_url=self.system.url, headers=headers, timeout=30
            )
        return self.clients[email]

    @property
    def admin(self) -> httpx.Client:
        return self.client("head@ward.test")

    @property
    def coordinator(self) -> httpx.Client:
        return self.client("coordinator@ward.test")

    def sleep_until(self, moment: datetime) -> None:
        """The system is stopped, and started again when it is that moment."""
        self.let_go()
        self.system.start_with(**beginning_at(self.system.data_dir.parent, moment))

    def let_go(self) -> None:
        for client in self.clients.values():
            client.close()
        self.clients.clear()


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    folder: Path = tmp_path_factory.mktemp("ward")
    folder.chmod(0o755)  # the clock is preloaded by Postgres too, which is another user
    try:
        clock = beginning_at(folder, SUNDAY_BEFORE)
    except SkippedError as reason:
        pytest.skip(str(reason))
    system = Served(folder, **clock)
    try:
        system.start()
        ward = Ward(system)
        ward.account("head@ward.test", "admin")
        ward.account("coordinator@ward.test", "coordinator")
        ward.account(NURSES[0], "staff")
        ward.account(NURSES[1], "staff")
        yield ward
        ward.let_go()
    finally:
        system.end()


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def rota() -> list[list[Any]]:
    """Sixty rows: who is planned when, so that everybody rests between two shifts."""
    rows: list[list[Any]] = []
    for day in range(7):
        on = MONDAY + timedelta(days=day)
        for slot, (start, end) in enumerate((EARLY, LATE, NIGHT)):
            nurse = NURSES[2 + (day + 2 * slot) % 6]
            rows.append(["Ward 3", "nurse", on, start, end, 2, nurse, f"day {day}"])
            rows.append(["Ward 3", "helper", on, start, end, 1, None, None])
        if day < 6:
            meals = ((time(7), time(9)), (time(11), time(13)), (time(17), time(19)))
            rows += [["Kitchen", "helper", on, start, end, 1, None, None] for start, end in meals]
    return rows


def spreadsheet(rows: list[list[Any]]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["unit", "role", "date", "start", "end", "headcount", "people", "notes"])
    for row in rows:
        sheet.append(row)
    book.save(written)
    return written.getvalue()


def send(ward: Ward, rows: list[list[Any]], **query: str) -> httpx.Response:
    files = {"file": ("week.xlsx", spreadsheet(rows))}
    return ward.coordinator.post("/import/shifts", files=files, params=query)


def everything(client: httpx.Client, path: str, **query: Any) -> list[Any]:
    page = ok(client.get(path, params={**query, "pageSize": 200}))
    assert page["total"] == len(page["items"])
    items: list[Any] = page["items"]
    return items


def person(ward: Ward, email: str) -> str:
    (found,) = everything(ward.coordinator, "/people", search=email)
    return str(found["id"])


def shift_at(ward: Ward, unit: str, role: str, day: int, clock: time) -> dict[str, Any]:
    start = f"{MONDAY + timedelta(days=day)}T{clock:%H:%M}"
    units = {each["id"]: each["name"] for each in everything(ward.coordinator, "/units")}
    (found,) = [
        each
        for each in everything(ward.coordinator, "/shifts", role=role)
        if each["start"].startswith(start) and units[each["unit_id"]] == unit
    ]
    return dict(found)


def assignment(shift: dict[str, Any], person_id: str) -> str:
    (found,) = [each for each in shift["assignments"] if each["person_id"] == person_id]
    return str(found["id"])


def test_the_ward_is_set_up(ward: Ward) -> None:
    for name in ("Ward 3", "Kitchen"):
        ok(ward.admin.post("/units", json={"name": name, "zone": ZONE}), 201)
    rate = {"amount": 24.5, "currency": "EUR"}
    ok(ward.admin.post("/roles", json={"name": "nurse", "hourly_rate": rate}), 201)
    ok(ward.admin.post("/roles", json={"name": "helper"}), 201)
    members = {each["email"]: each["account_id"] for each in everything(ward.admin, "/members")}
    for email in [*NURSES, *HELPERS]:
        nurse = email in NURSES
        body = {
            "name": email.partition("@")[0],
            "email": email,
            "kind": "staff" if nurse else "volunteer",
            "roles": ["nurse", "helper"] if nurse else ["helper"],
            "account_id": members.get(email),
            "weekly_hour_cap": 20 if email == NURSES[0] else None,
        }
        ok(ward.admin.post("/people", json=body), 201)
    assert len(everything(ward.coordinator, "/people")) == 12


def test_sixty_shifts_are_imported_all_or_none(ward: Ward) -> None:
    broken = [*rota(), ["Ward 9", "nurse", MONDAY, "25:00", time(6), 0, "nobody@ward.test", None]]
    refused = send(ward, broken)
    assert refused.status_code == 422
    rows = refused.json()["details"]["rows"]
    assert {(each["row"], each["column"]) for each in rows} >= {(62, "unit"), (62, "start")}
    assert ok(send(ward, rota(), dry_run="true"), 201)["created"] == 0
    assert everything(ward.coordinator, "/shifts") == []
    assert ok(send(ward, rota()), 201)["created"] == 60
    assert len(everything(ward.coordinator, "/shifts", status="draft")) == 60


def test_the_week_is_published_at_once(ward: Ward) -> None:
    drafts = [each["id"] for each in everything(ward.coordinator, "/shifts", status="draft")]
    ok(ward.coordinator.post("/shifts/publish", json={"shift_ids": drafts, "notify": True}))
    published = everything(ward.coordinator, "/shifts", status="published")
    assert len(published) == 60
    assert sum(each["taken"] for each in published) == 21


def test_the_night_in_which_clocks_go_back_is_an_hour_longer(ward: Ward) -> None:
    night = shift_at(ward, "Ward 3", "nurse", 5, NIGHT[0])
    start, end = (datetime.fromisoformat(night[side]) for side in ("start", "end"))
    assert (night["start"][-6:], night["end"][11:]) == ("+02:00", "06:00:00+01:00")
    assert end - start == timedelta(hours=9)


def test_a_blackout_keeps_a_person_off_a_shift(ward: Ward) -> None:
    nurse = ward.client(NURSES[1])
    away = {"start": "2027-10-27T00:00:00+02:00", "end": "2027-10-28T00:00:00+02:00"}
    ok(nurse.put("/availability/me", json={"zone": ZONE, "blackouts": [away]}))
    shift = shift_at(ward, "Ward 3", "nurse", 2, EARLY[0])
    refused = nurse.post(f"/shifts/{shift['id']}/claim")
    assert refused.status_code == 422
    assert [each["rule"] for each in refused.json()["details"]["broken"]] == ["BlackedOut"]
    told = everything(ward.coordinator, f"/shifts/{shift['id']}/candidates")
    mine = next(each for each in told if each["name"] == "nurse-1")
    assert [each["rule"] for each in mine["reasons"]] == ["BlackedOut"]


def test_open_places_are_claimed(ward: Ward) -> None:
    for email, days in ((NURSES[0], (0, 2)), (NURSES[1], (1, 3))):
        for day in days:
            shift = shift_at(ward, "Ward 3", "nurse", day, EARLY[0])
            opened = everything(ward.client(email), "/shifts/open")
            assert shift["id"] in [each["id"] for each in opened]
            claimed = ok(ward.client(email).post(f"/shifts/{shift['id']}/claim"))
            assert claimed["taken"] == 2


def test_two_places_are_swapped_by_those_who_hold_them(ward: Ward) -> None:
    """The first at once; the second when a coordinator has approved it."""
    swap(ward, (NURSES[0], 0), (NURSES[1], 1))
    ok(ward.admin.patch("/policy", json={"swaps_need_approval": True}))
    taken = swap(ward, (NURSES[1], 0), (NURSES[0], 1))
    assert taken["status"] == "taken"
    done = ok(ward.coordinator.post(f"/swaps/{taken['id']}/approve"))
    assert done["status"] == "exchanged"


def swap(ward: Ward, offered: tuple[str, int], given: tuple[str, int]) -> dict[str, Any]:
    mine, theirs = [
        assignment(shift_at(ward, "Ward 3", "nurse", day, EARLY[0]), person(ward, email))
        for email, day in (offered, given)
    ]
    offer = ok(ward.client(offered[0]).post("/swaps", json={"assignment_id": mine}), 201)
    taker = ward.client(given[0])
    body = {"assignment_id": theirs}
    return dict(ok(taker.post(f"/swaps/{offer['id']}/accept", json=body)))


def test_hours_above_the_cap_are_told_and_forced_by_an_admin(ward: Ward) -> None:
    nurse = person(ward, NURSES[0])
    for day, (client, more) in {
        4: (ward.coordinator, {}),
        6: (ward.admin, {"force": True, "reason": "Nobody else can."}),
    }.items():
        shift = shift_at(ward, "Ward 3", "nurse", day, EARLY[0])
        body = {"person_ids": [nurse], **more}
        put = ok(client.post(f"/shifts/{shift['id']}/assign", json=body))
        (mine,) = [each for each in put["assignments"] if each["person_id"] == nurse]
        told = [(each["rule"], each["hours"]) for each in mine["warnings"]]
        assert told == ([] if more else [("WeeklyHoursAboveCap", 24.0)])


def test_a_shift_is_cancelled_and_everybody_on_it_is_told(ward: Ward) -> None:
    shift = shift_at(ward, "Ward 3", "nurse", 3, LATE[0])
    ok(ward.coordinator.post(f"/shifts/{shift['id']}/cancel", json={"reason": "Ward closed."}))
    outbox = ward.system.data_dir / "outbox"

    def told() -> bool:
        mails = [mail.read_text() for mail in outbox.glob("*.txt")]
        return any(NURSES[2 + (3 + 2) % 6] in mail and "ancelled" in mail for mail in mails)

    wait_for(told, "the message about the cancellation")


def test_at_night_coordinators_get_a_digest(ward: Ward) -> None:
    ward.sleep_until(SUNDAY_BEFORE + timedelta(days=1))

    def digests() -> list[Any]:
        listed = everything(ward.coordinator, "/notifications")
        return [each for each in listed if each["kind"] == "digest"]

    wait_for(lambda: len(digests()) == 1, "the digest")


def test_after_the_week_it_is_completed_and_reported(ward: Ward) -> None:
    ward.sleep_until(MONDAY_AFTER)

    def completed() -> bool:
        return len(everything(ward.coordinator, "/shifts", status="completed")) == 59

    wait_for(completed, "the shifts to be completed")
    week = {"from": "2027-10-25", "to": "2027-10-31"}
    hours = everything(ward.coordinator, "/reports/hours", **week)
    told = {each["person"]: (each["hours"], each["cost"]) for each in hours}
    two_shifts = (16.0, {"amount": 392.0, "currency": "EUR"})
    assert told == {"nurse-0": two_shifts, "nurse-1": two_shifts}
    answers = everything(ward.coordinator, "/reports/answers", **week)
    assert [each["what"] for each in answers].count("overridden") == 1
    csv = ward.coordinator.get("/reports/fill", params={**week, "format": "csv"})
    assert csv.headers["content-type"].startswith("text/csv")
    assert "Ward 3" in csv.text


async def test_nothing_was_lost_doubled_or_skipped(ward: Ward) -> None:
    ward.system.settle()
    bed = Quiet(ward.system)
    assert violations(await found_in(bed, [], await bed.query(IN_ORDER))) == []


IN_ORDER = "SELECT notification_id, command_id::text FROM stored_events ORDER BY notification_id"


class Quiet:
    """The system as the fault bed's checker looks at one, when nothing is under way any more."""

    def __init__(self, system: Served) -> None:
        self.database_url = system.database_url
        self.data_dir = system.data_dir
        self._system = system

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        return self._system.query(statement)

    def leftovers(self) -> list[str]:
        return []
