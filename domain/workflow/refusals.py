"""Why an instance can't be changed so: each class is the rule that says no."""

from dataclasses import dataclass

from domain.shared.ids import TaskTypeId
from domain.shared.refusals import Refusal
from domain.workflow.joins import NodeState


@dataclass(frozen=True)
class NodeIsOver(Refusal):
    """What is done or skipped is final."""

    node_id: str
    state: NodeState

    @property
    def message(self) -> str:
        return f"The node {self.node_id} is {self.state}, which is final."


@dataclass(frozen=True)
class NodeStillWaits(Refusal):
    node_id: str

    @property
    def message(self) -> str:
        return f"The node {self.node_id} waits for others: it can't be done yet."


@dataclass(frozen=True)
class NodeIsUnlocked(Refusal):
    """A child that may be begun already can't wait for another parent."""

    node_id: str
    state: NodeState

    @property
    def message(self) -> str:
        return f"The node {self.node_id} is {self.state}: it can't wait for anything new."


@dataclass(frozen=True)
class NodeIsAhead(Refusal):
    """It is done or begun, and would have to wait."""

    node_id: str

    @property
    def message(self) -> str:
        return f"The node {self.node_id} is begun or done already, and would have to wait."


@dataclass(frozen=True)
class NothingWouldComeOfIt(Refusal):
    """Everything that the node would wait for is skipped."""

    node_id: str

    @property
    def message(self) -> str:
        return f"The node {self.node_id} would wait for what is skipped: nothing comes of it."


@dataclass(frozen=True)
class NodeIsUnknown(Refusal):
    node_id: str
    where: str

    @property
    def message(self) -> str:
        return f"There is no node {self.node_id} in {self.where}."


@dataclass(frozen=True)
class NodeIsMappedTwice(Refusal):
    node_id: str

    @property
    def message(self) -> str:
        return f"Two nodes would become {self.node_id}."


@dataclass(frozen=True)
class TaskTypeDiffers(Refusal):
    """A task keeps its type: map the node to nothing, and a new task is made for the new one."""

    node_id: str
    task_type_id: TaskTypeId

    @property
    def message(self) -> str:
        return f"The node {self.node_id} has a task of another type than its new version asks for."


@dataclass(frozen=True)
class VersionIsNotNewer(Refusal):
    number: int
    running: int

    @property
    def message(self) -> str:
        return f"Version {self.number} is not newer than {self.running}, which runs."
