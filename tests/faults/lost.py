"""What must hold after every fault."""

from infrastructure.settings import Settings
from interfaces.cli.auditing import verify
from interfaces.cli.checkpoints import evidence_of
from tests.faults.history import History, drafted, repeat_some, repeat_unknown
from tests.support.served import Served

_HOLES = """
SELECT originator_id FROM stored_events GROUP BY originator_id
HAVING max(originator_version) <> count(*)
"""
_POSITIONS = "SELECT count(*) = max(notification_id) FROM stored_events"
_SHOWN = "SELECT shift_id::text FROM scheduling_shifts_v2.shifts"
_SEALED = "SELECT count(*) = max(position) FROM audit_trail"


async def nothing_is_lost_or_doubled(system: Served, history: History) -> None:
    """Every acknowledged command is in the log exactly once, every unknown one at most once, and
    everything that is made from the log is what the log says.
    """
    assert not history.strange
    assert history.acknowledged, "no client was ever answered"
    before = set(history.acknowledged)
    assert before <= drafted(system, history.unit_id)
    await repeat_unknown(system, history)
    await repeat_some(system, history)
    assert len(history.acknowledged) == len(history.answers)
    in_the_log = drafted(system, history.unit_id)
    drafted_now = in_the_log - history.earlier
    assert drafted_now - history.acknowledged == set(), "in the log, but of nobody's asking"
    assert history.acknowledged - drafted_now == set(), "answered, but not in the log"
    assert system.query(_HOLES) == []
    assert system.query(_POSITIONS) == [(True,)]
    system.settle()
    assert history.acknowledged <= {shift_id for (shift_id,) in system.query(_SHOWN)}
    assert system.query(_SEALED) == [(True,)]
    evidence = evidence_of(Settings(data_dir=system.data_dir), (), ())
    assert await verify(system.database_url, evidence)
