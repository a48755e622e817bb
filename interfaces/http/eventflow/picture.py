"""A workflow as a picture: SVG, ranked from what waits for nothing to what comes last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax import saxutils

from interfaces.http.eventflow.graph_schemas import GraphNodeOut, GraphOut
from interfaces.http.eventflow.task_schemas import State

WIDTH, HEIGHT = 168, 46
"""Pixels of a box."""
ACROSS, DOWN = 40, 56
"""Pixels between boxes of a rank, and between ranks."""
MARGIN, HEAD = 24, 72
_LONGEST = 24
"""Characters of a title in its box; all of it is in the tooltip."""
_SWEEPS = 4
_COLOURS: Mapping[State, tuple[str, str]] = {
    State.TODO: ("#ffffff", "#4b5563"),
    State.IN_PROGRESS: ("#dbeafe", "#1d4ed8"),
    State.BLOCKED: ("#f3f4f6", "#9ca3af"),
    State.DONE: ("#dcfce7", "#15803d"),
    State.SKIPPED: ("#fafafa", "#d1d5db"),
}
"""Of a box in each state: what it is filled with, and its line."""
_STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#111827}.s{font-size:10px;fill:#6b7280}"
    ".t{font-size:12px}.h{font-size:16px;font-weight:600}path{fill:none;stroke:#9ca3af}"
    ".c{stroke:#b45309;stroke-width:2.5}"
)


@dataclass(frozen=True)
class Place:
    x: float
    y: float


def pictured(graph: GraphOut) -> bytes:
    """The same graph gives the same picture."""
    places = _places(graph)
    width = max(480.0, *(place.x + WIDTH + MARGIN for place in places.values()), 0.0)
    height = max((place.y + HEIGHT + MARGIN for place in places.values()), default=HEAD)
    critical = set(zip(graph.critical_path, graph.critical_path[1:], strict=False))
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<style>{_STYLE}</style>",
        _marker(),
        *_heading(graph),
        *(
            _arrow(places[edge.parent], places[edge.child], (edge.parent, edge.child) in critical)
            for edge in graph.edges
        ),
        *(_box(node, places[node.id]) for node in graph.nodes),
        "</svg>",
    ]
    return "\n".join(parts).encode()


def _places(graph: GraphOut) -> dict[str, Place]:
    ranks = _ordered(_ranks(graph), graph)
    widest = max(map(len, ranks), default=1) * (WIDTH + ACROSS) - ACROSS
    places = {}
    for number, rank in enumerate(ranks):
        indent = (widest - (len(rank) * (WIDTH + ACROSS) - ACROSS)) / 2
        for place, node_id in enumerate(rank):
            x = MARGIN + indent + place * (WIDTH + ACROSS)
            places[node_id] = Place(x, HEAD + number * (HEIGHT + DOWN))
    return places


def _ranks(graph: GraphOut) -> list[list[str]]:
    """Each node one rank after the last of its parents."""
    children: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    waits_for = dict.fromkeys(children, 0)
    for edge in graph.edges:
        children[edge.parent].append(edge.child)
        waits_for[edge.child] += 1
    ranks = []
    rank = [node_id for node_id, count in waits_for.items() if count == 0]
    while rank:
        ranks.append(rank)
        after: list[str] = []
        for node_id in rank:
            for child in children[node_id]:
                waits_for[child] -= 1
                if waits_for[child] == 0:
                    after.append(child)
        rank = after
    return ranks


def _ordered(ranks: list[list[str]], graph: GraphOut) -> list[list[str]]:
    """Within a rank by the mean place of their neighbours, to and fro, so that few arrows cross."""
    near: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        near[edge.parent].append(edge.child)
        near[edge.child].append(edge.parent)
    where = {node_id: float(place) for rank in ranks for place, node_id in enumerate(rank)}
    for sweep in range(_SWEEPS):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            rank.sort(key=lambda node_id: _mean([where[n] for n in near[node_id]], where[node_id]))
            where |= {node_id: place - len(rank) / 2 for place, node_id in enumerate(rank)}
    return ranks


def _mean(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _marker() -> str:
    return (
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M0 0 8 4 0 8z" style="fill:#6b7280;stroke:none"/></marker></defs>'
    )


def _heading(graph: GraphOut) -> list[str]:
    progress = graph.instance.progress
    told = (
        f"{progress.done} of {progress.total - progress.skipped} done, "
        f"{graph.remaining_minutes} of {graph.total_minutes} minutes left"
    )
    legend = "".join(
        f'<rect x="{MARGIN + 96 * number}" y="50" width="10" height="10" rx="2" '
        f'fill="{fill}" stroke="{line}"/>'
        f'<text class="s" x="{MARGIN + 96 * number + 15}" y="59">{state}</text>'
        for number, (state, (fill, line)) in enumerate(_COLOURS.items())
    )
    return [
        f'<text class="h" x="{MARGIN}" y="24">{_text(graph.instance.name)}</text>',
        f'<text class="s" x="{MARGIN}" y="41">{told}</text>',
        legend,
    ]


def _arrow(start: Place, end: Place, critical: bool) -> str:
    x1, y1 = start.x + WIDTH / 2, start.y + HEIGHT
    x2, y2 = end.x + WIDTH / 2, end.y
    bend = (y2 - y1) / 2
    kind = ' class="c"' if critical else ""
    curve = f"M{x1:g} {y1:g}C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2 - 2:g}"
    return f'<path{kind} d="{curve}" marker-end="url(#a)"/>'


def _box(node: GraphNodeOut, place: Place) -> str:
    fill, line = _COLOURS[node.state]
    thick, colour = ("2.5", "#b45309") if node.critical else ("1.2", line)
    title = node.title if len(node.title) <= _LONGEST else f"{node.title[: _LONGEST - 1]}…"
    left = f" · {node.minutes} min" if node.minutes else ""
    told = f"{node.id}: {node.title}, {node.state}, {node.minutes} min, slack {node.slack} min"
    return (
        f"<g id={saxutils.quoteattr(f'node-{node.id}')}><title>{_text(told)}</title>"
        f'<rect x="{place.x:g}" y="{place.y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" '
        f'fill="{fill}" stroke="{colour}" stroke-width="{thick}"/>'
        f'<text class="t" x="{place.x + 10:g}" y="{place.y + 19:g}">{_text(title)}</text>'
        f'<text class="s" x="{place.x + 10:g}" y="{place.y + 35:g}">'
        f"{node.state}{left}</text></g>"
    )


def _text(told: str) -> str:
    """As XML can hold it, which has no place for most control characters."""
    shown = "".join(each if each.isprintable() else " " for each in told)
    return saxutils.escape(shown)
