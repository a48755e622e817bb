"""One course: every operation of one contract, asked in the name of one role."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis.cli.context import BaseExecutionContext
from schemathesis.config import SchemathesisWarning
from schemathesis.engine import StopReason, events, from_schema
from schemathesis.generation.case import Case
from schemathesis.generation.meta import TestPhase
from schemathesis.hooks import HookContext

from tests.fuzz.examples import with_examples
from tests.fuzz.findings import Findings, Notebook
from tests.fuzz.settings import Budget, configuration
from tests.fuzz.target import Caller, Target, labels_of

OF_ONE_PHASE = {
    SchemathesisWarning.MISSING_AUTH,
    SchemathesisWarning.MISSING_TEST_DATA,
    SchemathesisWarning.VALIDATION_MISMATCH,
}
"""They say that one phase never got through, which matters where no other phase did either."""
_KEY = "Idempotency-Key"


def run(
    contract: str,
    role: str,
    target: Target,
    url: str,
    budget: Budget,
    findings: Findings,
    tell: Callable[[str], None],
) -> None:
    """Ask, and take down; `tell` hears of every operation that is through with a phase."""
    notebook = Notebook(findings, target, contract, role)
    caller, document = target.callers[role], target.documents[contract]
    refused = [label for label in labels_of(document) if not notebook.may(label)]
    schema = schemathesis.openapi.from_dict(
        with_examples(document, caller), config=configuration(url, caller, budget, refused)
    )
    schema.hook("map_body")(_with_files_of(caller))
    context = BaseExecutionContext(
        config=schema.config, find_operation_by_label=schema.find_operation_by_label
    )
    for event in from_schema(schema).execute():
        _follow(event, notebook, context)
        if isinstance(event, events.ScenarioFinished):
            tell(str(event.label))
    notebook.close()
    _report_warnings(notebook, context)


def _follow(event: events.EngineEvent, notebook: Notebook, context: BaseExecutionContext) -> None:
    match event:
        case events.ScenarioFinished():
            context.warning_collector.on_scenario_finished(context, event)
            notebook.note(event.recorder)
        case events.SchemaAnalysisWarnings():
            context.warning_collector.on_schema_warnings(event)
        case events.NonFatalError():
            notebook.report(event.label, event.info.title, event.info.message)
        case events.FatalError():
            notebook.report("", "schemathesis failed", repr(event.exception))
        case events.Interrupted():
            # schemathesis would end this course alone.
            raise KeyboardInterrupt
        case events.EngineFinished() if event.stop_reason is not StopReason.COMPLETED:
            notebook.report("", f"was not asked to the end: {event.stop_reason}")


def _report_warnings(notebook: Notebook, context: BaseExecutionContext) -> None:
    for kind, labels in context.warnings.as_labels().items():
        for label in labels:
            if kind not in OF_ONE_PHASE or _still_stands(notebook, label):
                notebook.report(label, f"schemathesis warns: {kind}")


def _still_stands(notebook: Notebook, label: str) -> bool:
    return notebook.may(label) and not notebook.findings.reached(notebook.role, label)


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    """One idempotency key for all bounds of all fields would let only the first be looked at."""
    if _KEY in case.headers and _is_a_good_bound(case):
        case.headers[_KEY] = str(uuid4())


def _with_files_of(caller: Caller) -> Callable[[HookContext, Any], Any]:
    """In every other form, what was made by chance gives way to a file that is taken."""

    def map_body(context: HookContext, body: Any) -> Any:
        files = caller.files.get(context.operation.label, {})
        if not isinstance(body, dict):
            return body
        changed = {
            name: good
            for name, good in files.items()
            if isinstance(made := body.get(name), bytes) and len(made) % 2 == 0
        }
        return body | changed

    return map_body


def _is_a_good_bound(case: Case[Any]) -> bool:
    meta = case.meta
    return (
        meta is not None
        and meta.phase.name is TestPhase.COVERAGE
        and meta.generation.mode.is_positive
    )
