"""Template: a workflow as it is drawn, in versions; each that was ever saved stays."""

from dataclasses import dataclass
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import NotFound, refuse
from domain.shared.ids import TemplateId, TenantId
from domain.shared.named import named_id, shown_name
from domain.shared.refusals import Refusal
from domain.shared.texts import description_of
from domain.workflow.graph import Edge, Graph, Node


@dataclass(frozen=True)
class TemplateIsRetired(Refusal):
    template: str

    @property
    def message(self) -> str:
        return f"The template {self.template} is retired: nothing new is started from it."


class Template(Aggregate):
    TOPIC = "workflow.Template"

    class Drawn(Created):
        TOPIC = "workflow.TemplateDrawn"
        name: str
        description: str
        nodes: tuple[Node, ...]
        edges: tuple[Edge, ...]

    class Revised(Event):
        TOPIC = "workflow.TemplateRevised"
        number: int
        description: str
        nodes: tuple[Node, ...]
        edges: tuple[Edge, ...]

    class Retired(Event):
        TOPIC = "workflow.TemplateRetired"

    class Reopened(Event):
        TOPIC = "workflow.TemplateReopened"

    @event(Drawn)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        name: str,
        description: str,
        nodes: tuple[Node, ...],
        edges: tuple[Edge, ...],
    ) -> None:
        self.name = name
        self.description = description
        self.graphs: tuple[Graph, ...] = (Graph(nodes, edges),)
        """Version 1 first."""
        self.active = True

    @staticmethod
    def id_of(tenant_id: TenantId, name: str) -> TemplateId:
        return TemplateId(named_id(tenant_id, "workflow template", name))

    @classmethod
    def draw(cls, tenant_id: TenantId, name: str, description: str, graph: Graph) -> "Template":
        """The first version. Raises Invalid when a text can't be one."""
        shown = shown_name("template", name)
        return cls(
            *(cls.id_of(tenant_id, shown), shown, description_of("template", description)),
            *(graph.nodes, graph.edges),
        )

    @property
    def newest(self) -> int:
        """The number of its newest version; versions count from 1."""
        return len(self.graphs)

    def graph_of(self, number: int) -> Graph:
        """Raises NotFound."""
        if not 1 <= number <= self.newest:
            raise NotFound("template version", number)
        return self.graphs[number - 1]

    def revise(self, graph: Graph, description: str) -> None:
        """Save the next version, unless it is the same. What runs stays with its own. Raises
        Invalid.
        """
        kept = description_of("template", description)
        if (graph, kept) != (self.graphs[-1], self.description):
            self._revised(self.newest + 1, kept, graph.nodes, graph.edges)

    def must_be_active(self) -> None:
        """Raises RuleBroken."""
        refuse(None if self.active else TemplateIsRetired(self.name))

    def retire(self) -> None:
        if self.active:
            self._retired()

    def reopen(self) -> None:
        if not self.active:
            self._reopened()

    @event(Revised)
    def _revised(
        self,
        number: int,  # noqa: ARG002
        description: str,
        nodes: tuple[Node, ...],
        edges: tuple[Edge, ...],
    ) -> None:
        self.description = description
        self.graphs = (*self.graphs, Graph(nodes, edges))

    @event(Retired)
    def _retired(self) -> None:
        self.active = False

    @event(Reopened)
    def _reopened(self) -> None:
        self.active = True
