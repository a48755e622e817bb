"""Things that a tenant knows by their name, each name once, however it is spelled."""

from functools import lru_cache
from unicodedata import normalize
from uuid import UUID

from domain.shared.ids import TenantId, derived_id
from domain.shared.texts import name_of


@lru_cache(maxsize=4096)
def named_id(tenant_id: TenantId, what: str, name: str) -> UUID:
    """The id of the `what` of this name; capitals, blanks and composed characters are alike."""
    # Asked for every shift that is drafted, and again by those who follow the log, of few names.
    spelled = normalize("NFKC", " ".join(name.split())).casefold()
    return derived_id(tenant_id, what, spelled)


def shown_name(what: str, name: str) -> str:
    """In the form in which it is shown. Raises Invalid when it can't be one."""
    return name_of(what, " ".join(name.split()))
