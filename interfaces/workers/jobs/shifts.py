"""What becomes of shifts by the clock: they are drafted ahead, drafts grow stale, people are
reminded, shifts are over.
"""

from datetime import timedelta
from functools import partial

from application.scheduling.patterns import DraftAhead
from application.scheduling.shifts import CompleteShift, DiscardStaleDraft, RemindOfShift
from interfaces.workers.jobs.turn import Turn
from projections.scheduling.due import ended, stale_drafts, to_be_reminded_of
from projections.scheduling.patterns import patterns_drafted_ahead


async def draft_ahead(turn: Turn) -> int:
    """Of every pattern that asks for it; what is drafted already stays as it is."""
    patterns = await turn.ask(patterns_drafted_ahead)
    return sum([await turn.do(DraftAhead(each), each) for each in patterns])


async def discard_stale_drafts(turn: Turn) -> int:
    """Drafts whose time is over, or that nobody touched for as long as settings say."""
    now = turn.slot.now
    since = now - timedelta(days=turn.desk.settings.stale_draft_days)
    return await turn.do_each(
        lambda after: turn.ask(stale_drafts, now, since, after),
        partial(DiscardStaleDraft, untouched_since=since),
    )


async def complete_past_shifts(turn: Turn) -> int:
    now = turn.slot.now
    return await turn.do_each(lambda after: turn.ask(ended, now, after), CompleteShift)


async def remind_people(turn: Turn) -> int:
    """Of shifts that begin within the hours that settings say."""
    now = turn.slot.now
    until = now + timedelta(hours=turn.desk.settings.reminder_hours)
    return await turn.do_each(
        lambda after: turn.ask(to_be_reminded_of, now, until, after), RemindOfShift
    )
