"""What is known of log and audit trail by signed checkpoints: of the table, the file and copies."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infrastructure.sealing.checkpoint import (
    NOTHING,
    Checkpoint,
    NotACheckpointError,
    Trusted,
    distrust,
    previous_of,
)

Numbered = tuple[int, str]
"""The number that a source gives a line, and the line."""


@dataclass(frozen=True)
class Kept:
    """A copy that somebody kept elsewhere: some checkpoints, in any order."""

    name: str
    checkpoints: tuple[Checkpoint, ...]

    @classmethod
    def read(cls, path: Path) -> "Kept":
        """Raises OSError, or NotACheckpointError that names the line."""
        checkpoints = []
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                checkpoints.append(Checkpoint.read(line))
            except NotACheckpointError as error:
                raise NotACheckpointError(f"line {number} is {error}") from error
        return cls(f"copy {path.name}", tuple(checkpoints))


@dataclass(frozen=True)
class Evidence:
    trusted: Trusted | None = None
    """Signatures are not checked when it is None."""
    file: Callable[[], Sequence[str]] | None = None
    """Reads the lines of the file beside the database; None when it is not to be compared."""
    kept: Sequence[Kept] = ()


@dataclass(frozen=True)
class Finding:
    where: str
    place: int
    """A position in the log or the trail, or a checkpoint's number."""
    what: str

    def __str__(self) -> str:
        counted = "position" if self.where in {"event log", "audit trail"} else "number"
        return f"{self.where}, {counted} {self.place}: {self.what}"


@dataclass
class Examined:
    """The checkpoints of one source that can be believed, and the first that can't."""

    source: str
    good: list[Checkpoint] = field(default_factory=list)
    finding: Finding | None = None

    def blame(self, number: int, what: str) -> None:
        self.finding = self.finding or Finding(self.source, number, what)


def examined(source: str, lines: Iterable[Numbered], trusted: Trusted | None) -> Examined:
    """A source that must hold all checkpoints, from the first on, each following the one before."""
    result = Examined(source)
    before: Checkpoint | None = NOTHING
    for place, (number, line) in enumerate(lines, 1):
        checkpoint = _believed(result, number, line, trusted)
        if number != place:
            result.blame(min(number, place), "is missing" if number > place else "is one too many")
        elif checkpoint and before and not _follows(checkpoint, before):
            result.blame(number, "does not follow the one before")
        if checkpoint:
            result.good.append(checkpoint)
        before = checkpoint
    return result


def examined_copy(kept: Kept, trusted: Trusted | None) -> Examined:
    result = Examined(kept.name)
    for checkpoint in kept.checkpoints:
        if trusted is not None and (why := distrust(checkpoint, trusted)):
            result.blame(checkpoint.number, why)
        else:
            result.good.append(checkpoint)
    return result


def difference(table: Sequence[Numbered], file: Sequence[str]) -> Finding | None:
    """The first checkpoint that the table and the file do not both have, and alike."""
    stored, written = dict(table), dict(enumerate(file, 1))
    for number in sorted({*stored, *written}):
        one, other = stored.get(number), written.get(number)
        if one is None:
            return Finding("checkpoints", number, "is in the file and not in the database")
        if other is None:
            return Finding("checkpoints", number, "is in the database and not in the file")
        if one != other:
            return Finding("checkpoints", number, "is another in the file than in the database")
    return None


def contradiction(table: Sequence[Numbered], kept: Kept) -> Finding | None:
    """The first checkpoint of a kept copy that the table does not have, or has otherwise."""
    lines = dict(table)
    for checkpoint in sorted(kept.checkpoints, key=lambda each: each.number):
        line = lines.get(checkpoint.number)
        if line != checkpoint.line:
            what = "is not in the database" if line is None else "is another in the database"
            return Finding(kept.name, checkpoint.number, what)
    return None


def _believed(
    result: Examined, number: int, line: str, trusted: Trusted | None
) -> Checkpoint | None:
    try:
        checkpoint = Checkpoint.read(line)
    except NotACheckpointError:
        result.blame(number, "can't be read")
        return None
    if checkpoint.number != number:
        result.blame(number, f"says that it is number {checkpoint.number}")
        return None
    if checkpoint.line != line:
        result.blame(number, "is not written as checkpoints are")
        return None
    if trusted is not None and (why := distrust(checkpoint, trusted)):
        result.blame(number, why)
        return None
    return checkpoint


def _follows(checkpoint: Checkpoint, before: Checkpoint) -> bool:
    return (
        checkpoint.previous == previous_of(before)
        and checkpoint.position >= before.position
        and checkpoint.trail_position >= before.trail_position
    )
