"""The states of a task, and which may follow which by hand.

Source: the EventFlow document's state machine. Its BLOCKED has two causes: a task *waits* for those
before it in its workflow and leaves that by being unlocked alone, or somebody *holds* it up, out of
IN_PROGRESS and back. SKIPPED is a workflow's, never by hand.
"""

from enum import StrEnum


class TaskState(StrEnum):
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    DONE = "done"
    SKIPPED = "skipped"

    @property
    def is_over(self) -> bool:
        """Nothing becomes of it any more."""
        return self in {TaskState.DONE, TaskState.SKIPPED}


class BlockedBy(StrEnum):
    WAITING = "waiting"
    """Tasks before it in its workflow are open."""
    HELD = "held"
    """Somebody said so, while it was in progress."""


FOLLOWS: dict[TaskState, tuple[TaskState, ...]] = {
    TaskState.TODO: (TaskState.IN_PROGRESS,),
    TaskState.IN_PROGRESS: (TaskState.DONE, TaskState.BLOCKED),
    TaskState.BLOCKED: (TaskState.IN_PROGRESS,),
    TaskState.DONE: (),
    TaskState.SKIPPED: (),
}
"""What somebody may make of a task that does not wait."""
