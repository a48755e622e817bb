"""What an account is where, asked of the read model and remembered for a second."""

from time import monotonic

from domain.shared.ids import AccountId
from infrastructure.postgres.outages import outlast
from infrastructure.postgres.reads import Reads
from projections.identity.directory import Member, memberships_of

FRESH = 1.0
"""Seconds."""


class Members:
    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._known: dict[AccountId, tuple[float, list[Member]]] = {}

    async def of(self, account_id: AccountId) -> list[Member]:
        """Every tenant that the account belongs to, the one it joined first first.

        Raises Unavailable when the read model can't be reached.
        """
        known = self._known.get(account_id)
        if known is not None and monotonic() - known[0] < FRESH:
            return known[1]

        async def read() -> list[Member]:
            async with self._reads.connect() as connection:
                return await memberships_of(connection, account_id)

        found = await outlast(read, "The directory of accounts")
        if len(self._known) > 10_000:  # noqa: PLR2004 - a bound on memory, not a rule
            self._known.clear()
        self._known[account_id] = (monotonic(), found)
        return found
