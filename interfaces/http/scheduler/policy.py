"""What a tenant lays down for its shifts."""

from typing import Annotated, Any, Self

from pydantic import Field

from application.scheduling.policy import ChangePolicy, terms_of
from domain.scheduling.policy import MOST_REST, Policy, Terms, TermsChange
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Body, example, left_out
from interfaces.http.scheduler.common import Out
from interfaces.http.scheduler.dialect import scheduler_router

router = scheduler_router()


class PolicyIn(Body):
    """What is left out stays as it is."""

    model_config = example(minimum_rest_hours=11, swaps_need_approval=True)

    minimum_rest_hours: Annotated[float, Field(ge=0, le=MOST_REST, strict=True)] = left_out()
    """Hours between two shifts of a person; 0 asks for none."""
    swaps_need_approval: Annotated[bool, Field(strict=True)] = left_out()

    def change(self) -> TermsChange:
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        return TermsChange(**given)


class PolicyOut(Out):
    minimum_rest_hours: float
    swaps_need_approval: bool

    @classmethod
    def of(cls, terms: Terms) -> Self:
        return cls(**vars(terms))


@router.get("/policy", tags=["policy"], dependencies=[needs("policy:read")])
async def get_policy(call: Call) -> PolicyOut:
    """What holds for all shifts of the tenant."""
    return PolicyOut.of(await call.look(terms_of))


@router.patch("/policy", tags=["policy"], dependencies=[needs(ChangePolicy)])
async def change_policy(body: PolicyIn, call: Call) -> PolicyOut:
    """Change it for what is staffed from now on; what is staffed stays."""
    return await call.run(ChangePolicy(body.change()), _told)


def _told(policy: Policy) -> PolicyOut:
    return PolicyOut.of(policy.terms)
