"""Which witness finds what: checkpoints in the database, the file, kept copies, and others."""

import pytest

from infrastructure.postgres.audit_check import verify_audit
from infrastructure.sealing.checking import check
from infrastructure.sealing.checkpoint import Checkpoint
from infrastructure.sealing.evidence import Evidence, Kept
from infrastructure.sealing.file import CheckpointFile
from infrastructure.sealing.ledgers import LOG, TRAIL
from tests.infrastructure.nats.support import store_people
from tests.support.sealing import ANOTHER, KEY, connect, seal, write_trail

TRUSTED = {KEY.id: KEY.public}
SINCE = "was changed since checkpoint"
ALL = "everything from here on"
FORGET = "DELETE FROM signed_checkpoints"
REWRITTEN = "UPDATE stored_events SET state = state || ' ' WHERE notification_id = 6"

CHANGES_OF_AN_EVENT = (
    "topic = 'x.Y'",
    "originator_id = gen_random_uuid()",
    "originator_version = 9",
    "tenant_id = gen_random_uuid()",
    "recorded_at = recorded_at + interval '1 microsecond'",
    "recorded_at = 'infinity'",
    "metadata = '[]'",
    "metadata = jsonb_set(metadata, '{actor}', '\"00000000-0000-0000-0000-00000000000f\"')",
    "metadata = jsonb_set(metadata, '{command}', '\"other\"')",
    "metadata = jsonb_set(metadata, '{request_id}', '\"other\"')",
    "metadata = jsonb_set(metadata, '{correlation_id}', '\"other\"')",
    "metadata = jsonb_set(metadata, '{causation_id}', '\"other\"')",
)
CHANGES_OF_A_TRAIL = (
    "after = '{}'",
    "occurred_at = 'infinity'",
    "after = '{\"x\": 1e400}'",
    "after = (repeat('[', 2000) || repeat(']', 2000))::jsonb",
    "hash = ''",
)


async def told(connection, file=None, *, kept=(), trusted=TRUSTED):
    evidence = Evidence(trusted, file and file.lines, kept)
    return [str(finding) for finding in (await check(connection, evidence)).findings]


def copy_of(file, *numbers):
    lines = [Checkpoint.read(line) for line in file.lines()]
    return Kept("copy", tuple(each for each in lines if not numbers or each.number in numbers))


async def test_a_changed_row_is_told_with_the_checkpoint_that_knows_better(connection, sealed):
    await connection.execute(REWRITTEN)
    assert await told(connection, sealed) == [
        "event log, position 6: was changed since checkpoint 2 was signed (checkpoints)"
    ]
    assert await verify_audit(connection) is None, "the trail can't know: it has no event's bytes"


async def test_of_a_row_whose_digest_was_changed_too_the_span_is_told(connection, sealed):
    await connection.execute(REWRITTEN)
    (digest,) = await LOG.digests(connection, 5, 6)
    await connection.execute(
        "UPDATE signed_checkpoints SET log_digests = overlay(log_digests placing %s from 33) "
        "WHERE number = 2",
        (digest,),
    )
    (finding,) = await told(connection, sealed)
    assert finding.startswith(f"event log, position 5: this row or one up to position 8 {SINCE} 2")


async def test_the_file_finds_what_was_rewritten_together_with_the_table(
    connection, sealed, tmp_path
):
    """The table says it all anew, signed with another key, and its digests are right."""
    await connection.execute(REWRITTEN)
    await connection.execute(FORGET)
    await seal(connection, CheckpointFile(tmp_path / "forged"), key=ANOTHER)
    both = TRUSTED | {ANOTHER.id: ANOTHER.public}
    findings = await told(connection, sealed, trusted=both)
    assert findings[0].startswith("event log, position 5: this row or one up to position 8")
    assert "checkpoints, number 1: is another in the file than in the database" in findings


async def test_a_kept_copy_finds_what_was_rewritten_everywhere_with_the_key(connection, sealed):
    kept = copy_of(sealed, 1, 3)
    await connection.execute(REWRITTEN)
    await connection.execute(FORGET)
    sealed.path.unlink()
    await seal(connection, sealed)
    assert await told(connection, sealed) == []
    assert await told(connection, sealed, kept=[kept]) == [
        f"event log, position 5: this row or one up to position 12 {SINCE} 3 was signed (copy)",
        "copy, number 3: is another in the database",
    ]


@pytest.mark.parametrize("ledger", [LOG, TRAIL], ids=lambda ledger: ledger.name)
async def test_a_kept_copy_finds_what_was_cut_off_everywhere(connection, sealed, ledger):
    kept = copy_of(sealed, 5)
    for each in (LOG, TRAIL):
        await connection.execute(f"DELETE FROM {each.table} WHERE {each.position} > 12")
    await connection.execute("UPDATE checkpoints SET position = 12")
    await connection.execute("DELETE FROM signed_checkpoints WHERE number > 3")
    sealed.path.write_text("".join(f"{line}\n" for line in sealed.lines()[:3]))
    assert await told(connection, sealed) == []
    findings = await told(connection, sealed, kept=[kept])
    assert (
        f"{ledger.name}, position 13: everything from here on is missing since checkpoint 5 was "
        "signed (copy)"
    ) in findings
    assert "copy, number 5: is not in the database" in findings


async def test_a_kept_copy_that_is_as_it_was_is_good(connection, sealed):
    assert await told(connection, sealed, kept=[copy_of(sealed), copy_of(sealed, 5, 2, 2)]) == []


async def test_a_forged_copy_is_no_witness(connection, sealed):
    (one,) = copy_of(sealed, 2).checkpoints
    forged = Kept("copy", (one.signed(ANOTHER.private),))
    findings = await told(connection, sealed, kept=[forged])
    assert findings[0] == "copy, number 2: has a wrong signature"


async def test_a_trail_row_that_was_hashed_again_is_told_exactly(connection, sealed):
    """With all hashes after it: the chain holds, and the log does not tell what was before."""
    await connection.execute("DELETE FROM audit_trail WHERE position > 9")
    await connection.execute("UPDATE checkpoints SET position = 9")
    await connection.execute(
        "UPDATE stored_events SET state = convert_to(replace(convert_from(state, 'utf8'), "
        "'Person', 'Nobody'), 'utf8') WHERE notification_id > 9"
    )
    await write_trail(connection)
    assert await verify_audit(connection) is None
    findings = await told(connection, sealed)
    assert findings[0].startswith("event log, position 12: was changed since checkpoint 3")
    assert findings[1].startswith("audit trail, position 12: was changed since checkpoint 3")


class TestAfterTheNewestCheckpoint:
    @pytest.fixture
    async def tail(self, connection, database_url, sealed):
        """Three more events that the trail has seen and no checkpoint."""
        store_people(database_url, 3)
        await write_trail(connection)
        assert await told(connection, sealed) == []
        return sealed

    async def test_a_hole_is_found(self, connection, tail):
        await connection.execute("DELETE FROM stored_events WHERE notification_id = 20")
        assert await told(connection, tail) == ["event log, position 20: is missing"]

    async def test_a_log_that_was_cut_off_is_found_by_who_has_seen_more(self, connection, tail):
        await connection.execute("DELETE FROM stored_events WHERE notification_id > 19")
        assert await told(connection, tail) == [
            f"event log, position 20: {ALL} is missing (audit trail has seen 21)"
        ]
        await connection.execute("DELETE FROM audit_trail WHERE position > 19")
        assert await told(connection, tail) == [
            f"event log, position 20: {ALL} is missing (consumer audit has seen 21)"
        ]
        await connection.execute("UPDATE checkpoints SET position = 19")
        assert await told(connection, tail) == [], "nobody is left who knows; the next minute does"

    async def test_the_trail_tells_what_it_took_from_the_log(self, connection, tail):
        for change in CHANGES_OF_AN_EVENT:
            async with connection.transaction(force_rollback=True):
                await connection.execute(
                    f"UPDATE stored_events SET {change} WHERE notification_id = 20"
                )
                assert await told(connection, tail) == []
                assert await verify_audit(connection) == 20, change

    @pytest.mark.usefixtures("tail")
    async def test_the_trails_own_chain_tells_what_it_is(self, connection):
        for change in CHANGES_OF_A_TRAIL:
            async with connection.transaction(force_rollback=True):
                await connection.execute(f"UPDATE audit_trail SET {change} WHERE position = 20")
                assert await verify_audit(connection) == 20, change


async def test_digests_of_no_rows_are_found(connection, database_url, file):
    """Checkpoints 3 and 4 are of the trail alone."""
    store_people(database_url, 6)
    await seal(connection, file)
    await write_trail(connection)
    assert await seal(connection, file) == 2
    await connection.execute(
        "UPDATE signed_checkpoints SET log_digests = sha256('x') WHERE number = 3"
    )
    assert await told(connection, file) == [
        "checkpoints, number 3: has not as many digests as it has rows"
    ]


async def test_without_a_trusted_key_nothing_is_believed(connection, sealed):
    findings = await told(connection, sealed, trusted={})
    assert "is signed by a key that is not known here" in findings[0]


async def test_another_key_may_take_over(connection, database_url, sealed):
    store_people(database_url, 1)
    assert await seal(connection, sealed, key=ANOTHER) == 1
    assert await told(connection, sealed, trusted=TRUSTED | {ANOTHER.id: ANOTHER.public}) == []
    (first, *_) = await told(connection, sealed)
    assert first.startswith("checkpoints, number 6: is signed by a key that is not known here")


async def test_after_an_older_dump_the_file_is_the_proof_of_what_was_lost(connection, sealed):
    for each in (LOG, TRAIL):
        await connection.execute(f"DELETE FROM {each.table} WHERE {each.position} > 13")
    await connection.execute("UPDATE checkpoints SET position = 13")
    await connection.execute("DELETE FROM signed_checkpoints WHERE number > 3")
    proof = copy_of(sealed)
    sealed.path.rename(sealed.path.with_suffix(".lost"))
    assert await seal(connection, sealed) == 1
    assert await told(connection, sealed) == []
    findings = await told(connection, sealed, kept=[proof])
    assert findings[0].startswith(f"event log, position 14: {ALL} is missing since checkpoint 4")


async def test_checking_leaves_no_lock(connection, database_url, sealed):
    await told(connection, sealed)
    store_people(database_url, 1)
    async with await connect(database_url) as other:
        await other.execute("SET lock_timeout = 500")
        assert await seal(other, sealed) == 1
