"""What both peers take, give and check: the same body, the same token, the same refusals."""

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import Depends, Header, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from tests.bench.tokens import AUDIENCE, ISSUER, PUBLIC_KEY_VARIABLE

PERMISSION = "shifts:write"
bearer = HTTPBearer()


@cache
def public_key() -> RSAPublicKey:
    return cast("RSAPublicKey", load_pem_public_key(os.environ[PUBLIC_KEY_VARIABLE].encode()))


def iana_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not an IANA time zone") from error
    return name


class ShiftIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    unit_id: UUID
    role: Annotated[str, Field(min_length=1, max_length=100)]
    start: AwareDatetime
    end: AwareDatetime
    zone: Annotated[str, AfterValidator(iana_zone)]
    headcount: Annotated[int, Field(ge=1, le=1000)]
    notes: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> "ShiftIn":
        if self.end <= self.start:
            raise ValueError("end must be after start")
        return self


class ShiftOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    unit_id: UUID
    role: str
    start: datetime
    end: datetime
    zone: str
    headcount: int
    notes: dict[str, JsonValue]
    status: str


class ShiftChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    role: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    headcount: Annotated[int, Field(ge=1, le=1000)] | None = None
    notes: dict[str, JsonValue] | None = None


class AssignmentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    person_id: UUID
    status: str
    warnings: list[JsonValue] = []
    """Told like ours, and never any: the peers don't look for them."""


class StaffedShiftOut(ShiftOut):
    """What a query answers: also who is on it, and times on the wall clock of the shift's zone."""

    taken: int
    people: list[UUID] = []
    """Told like ours, and never anybody: the peers plan nobody."""
    assignments: list[AssignmentOut]

    @model_validator(mode="after")
    def on_the_wall_clock(self) -> "StaffedShiftOut":
        zone = ZoneInfo(self.zone)
        self.start, self.end = self.start.astimezone(zone), self.end.astimezone(zone)
        return self


class ShiftPage(BaseModel):
    items: list[StaffedShiftOut]
    page: int
    page_size: int
    total: int


@dataclass(frozen=True)
class Caller:
    id: UUID
    tenant: UUID


async def authenticate(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)],
) -> Caller:
    """Verifies the token on every request: signature, issuer, audience, expiry, permission."""
    try:
        claims = jwt.decode(
            credentials.credentials,
            public_key(),
            algorithms=["RS256"],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "invalid token") from error
    if PERMISSION not in claims["permissions"]:
        raise HTTPException(403, "not allowed")
    return Caller(UUID(claims["sub"]), UUID(claims["tenant"]))


async def request_id(x_request_id: Annotated[str | None, Header()] = None) -> str:
    return x_request_id or str(uuid4())


CallerDep = Annotated[Caller, Depends(authenticate)]
RequestIdDep = Annotated[str, Depends(request_id)]
