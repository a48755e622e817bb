"""A shift goes from draft to accepted, and everybody who may sees how."""

from infrastructure.registry import read_models
from tests.support.served import Served, wait_for


def test_a_shift_goes_from_draft_to_accepted(system: Served):
    admin, coordinator = system.log_in("admin"), system.log_in("coordinator")
    volunteer, auditor = system.log_in("volunteer"), system.log_in("auditor")
    unit = coordinator.get("/units").json()["items"][0]
    vito = _person(coordinator, "volunteer@demo.test")

    shift = _ok(coordinator.post("/shifts", json=_night_shift(unit["id"])), 201)
    assert (shift["status"], shift["start"]) == ("draft", "2199-03-02T22:00:00+01:00")
    changed = _ok(coordinator.patch(f"/shifts/{shift['id']}", json={"headcount": 2}))
    assert changed["headcount"] == 2
    assert _ok(coordinator.post(f"/shifts/{shift['id']}/publish"))["status"] == "published"
    assert coordinator.patch(f"/shifts/{shift['id']}", json={"headcount": 3}).status_code == 422
    staffed = _ok(
        coordinator.post(f"/shifts/{shift['id']}/assign", json={"person_ids": [vito["id"]]})
    )
    assignment = staffed["assignments"][0]
    assert assignment["status"] == "pending"

    assert volunteer.get("/shifts").status_code == 403
    waiting = [a for a in volunteer.get("/me").json()["assignments"] if _is(a, assignment)]
    assert [a["status"] for a in waiting] == ["pending"]
    _ok(volunteer.post(f"/assignments/{assignment['id']}/status", json={"status": "Accepted"}))

    listed = coordinator.get("/shifts", params={"person_id": vito["id"]}).json()["items"]
    shown = next(each for each in listed if each["id"] == shift["id"])
    assert shown["taken"] == 1
    assert shown["assignments"] == [{**assignment, "status": "accepted"}]

    _everybody_is_told(system, coordinator.get("/me").json()["id"])
    _the_audit_trail_shows_it(auditor, shift["id"], volunteer.get("/me").json()["id"])
    assert admin.get("/audit-logs").status_code == 200
    assert coordinator.get("/audit-logs").status_code == 403
    _an_auditor_can_replay_it(system, shift["id"])


def test_what_is_read_is_what_the_log_says(system: Served):
    system.settle()
    verdict = system.opstream("verify")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert verdict.stdout.count("all as the log says") == len(read_models())


def test_a_rebuild_changes_nothing(system: Served):
    before = system.query("SELECT * FROM scheduling_shifts_v2.shifts ORDER BY shift_id")
    rebuilt = system.opstream("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert system.query("SELECT * FROM scheduling_shifts_v2.shifts ORDER BY shift_id") == before
    system.wait_until_ready()


def test_no_log_line_tells_a_secret_or_a_name(system: Served):
    text = "".join(path.read_text() for path in (system.data_dir / "logs").glob("[aw]*.log"))
    assert text.count('"event":"command"') > 5
    for secret in ("opstream-demo", "Bearer", "eyJ", "@demo.test", "Nora", "Vito"):
        assert secret not in text


def _the_audit_trail_shows_it(auditor, shift_id, volunteer_id):
    def trail():
        return auditor.get("/audit-logs", params={"entity_id": shift_id}).json()["items"]

    wait_for(lambda: len(trail()) == 5, "the audit trail")
    rows = trail()
    assert [row["action"] for row in reversed(rows)] == [
        "ShiftDrafted",
        "ShiftChanged",
        "ShiftPublished",
        "PersonAssigned",
        "AssignmentAccepted",
    ]
    accepted = rows[0]
    assert accepted["actor"] == volunteer_id
    assert list(accepted["before"]["assignments"].values()) == ["pending"]
    assert list(accepted["after"]["assignments"].values()) == ["accepted"]
    assert (rows[3]["before"]["headcount"], rows[3]["after"]["headcount"]) == (1, 2)


def _an_auditor_can_replay_it(system, shift_id):
    told = system.opstream("replay", shift_id, "--until", "3")
    assert told.returncode == 0, told.stderr
    assert "scheduling.ShiftPublished" in told.stdout
    assert "scheduling.PersonAssigned" not in told.stdout
    assert 'status: "published"' in told.stdout


def _everybody_is_told(system, coordinator_id):
    def told_to_the_coordinator():
        return system.query("SELECT kind FROM notifications WHERE account_id = %s", coordinator_id)

    wait_for(lambda: ("assignment.accepted",) in told_to_the_coordinator(), "the notification")
    outbox = system.data_dir / "outbox"
    wait_for(
        lambda: any("volunteer@demo.test" in mail.read_text() for mail in outbox.glob("*.txt")),
        "the volunteer's message",
    )


def _person(coordinator, email):
    return coordinator.get("/people", params={"search": email}).json()["items"][0]


def _night_shift(unit_id):
    return {
        "unit_id": unit_id,
        "role": "helper",
        "start": "2199-03-02T21:00:00Z",
        "end": "2199-03-03T05:00:00Z",
        "headcount": 1,
    }


def _ok(answer, status=200):
    assert answer.status_code == status, answer.text
    assert "Opstream-Reads" not in answer.headers
    return answer.json()


def _is(upcoming, assignment):
    return upcoming["assignment_id"] == assignment["id"]
