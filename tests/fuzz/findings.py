"""What came of it: how often who was answered what, and everything that must not be so."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.engine.recorder import Interaction, ScenarioRecorder
from schemathesis.generation.case import Case

from tests.fuzz.target import NOBODY, Target, labels_of

NO_ROUTE = {404, 405}
LONGEST = 500
"""Characters of an answer that are shown."""
LONGEST_SAMPLE = 10_000
"""Characters of a request that are shown: some are a megabyte of the same."""


@dataclass(frozen=True)
class Finding:
    contract: str
    role: str
    label: str
    """The operation."""
    what: str
    detail: str = ""
    """The request and its answer, if it is about one, or all answers."""


@dataclass
class Findings:
    cases: int = 0
    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """By role, operation and status."""
    found: dict[tuple[str, str, str], Finding] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Keep the first of a kind."""
        self.found.setdefault((finding.role, finding.label, finding.what), finding)

    def reached(self, role: str, label: str) -> bool:
        return any(self.answers[role, label, status] for status in range(200, 300))

    def asked(self, role: str, label: str) -> bool:
        return any(asker == role and asked == label for asker, asked, _ in self.answers)


@dataclass(frozen=True)
class Notebook:
    """Takes down what one role was answered by one contract."""

    findings: Findings
    target: Target
    contract: str
    role: str

    def note(self, recorder: ScenarioRecorder) -> None:
        for case_id, interaction in recorder.interactions.items():
            self._count(recorder.cases[case_id].value, interaction)
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if (info := check.failure_info) is not None:
                    answer = recorder.interactions[info.failure.case_id or case_id].response
                    sample = info.code_sample[:LONGEST_SAMPLE]
                    detail = f"{info.failure.message}\n{sample}\n{_told(answer)}"
                    label = info.failure.operation or recorder.label
                    self.report(label, info.failure.title, detail)

    def report(self, label: str, what: str, detail: str = "") -> None:
        self.findings.add(Finding(self.contract, self.role, label, what, detail))

    def close(self) -> None:
        """What can only be said when all has been asked."""
        for label in labels_of(self.target.documents[self.contract]):
            if not self.findings.asked(self.role, label):
                self.report(label, "was never asked")
            elif self.may(label) and not self.findings.reached(self.role, label):
                self.report(label, "was never reached", f"answered {self._answers(label)}")

    def may(self, label: str) -> bool:
        return self.target.may(self.role, label)

    def _count(self, case: Case[Any], interaction: Interaction) -> None:
        self.findings.cases += 1
        response = interaction.response
        label = case.operation.label
        if response is None or case.method.upper() != case.operation.method.upper():
            return
        status = response.status_code
        self.findings.answers[self.role, label, status] += 1
        if not self.may(label) and not self._keeps_out(case, status):
            sent = {name: value[0] for name, value in interaction.request.headers.items()}
            what = f"answered {status} to who may not ask"
            self.report(label, what, f"{case.as_curl_command(sent)}\n{_told(response)}")

    def _keeps_out(self, case: Case[Any], status: int) -> bool:
        if status in NO_ROUTE and case.meta and case.meta.is_negative_at(ParameterLocation.PATH):
            return True
        return status in ({401} if self.role == NOBODY else {401, 403})

    def _answers(self, label: str) -> str:
        answers = sorted(self.findings.answers.items())
        return ", ".join(
            f"{count} times {status}"
            for (role, asked, status), count in answers
            if (role, asked) == (self.role, label)
        )


def _told(response: Response | None) -> str:
    return "no answer" if response is None else f"{response.status_code} {response.text[:LONGEST]}"
