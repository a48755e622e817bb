"""All courses, one after the other."""

from collections.abc import Callable, Collection

from tests.fuzz import course
from tests.fuzz.findings import Findings
from tests.fuzz.settings import Budget
from tests.fuzz.target import Target

Tell = Callable[[str, str, str, Findings], None]
"""Hears of the contract, the role, the operation, and what has been found so far."""


def campaign(
    target: Target,
    url: str,
    budget: Budget,
    contracts: Collection[str] = (),
    roles: Collection[str] = (),
    tell: Tell = lambda *_: None,
) -> Findings:
    """Ask in the name of these roles, or all, what these contracts, or all, tell of."""
    findings = Findings()
    for contract in contracts or target.documents:
        for role in roles or target.callers:

            def hear(label: str, contract: str = contract, role: str = role) -> None:
                tell(contract, role, label, findings)

            course.run(contract, role, target, url, budget, findings, hear)
    return findings
