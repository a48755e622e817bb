"""What may be done, in general: ``resource:action:scope``.

The scope ``all`` reaches everything in the tenant, ``own`` only what concerns the holder's account.
Source: the CSR document's role-based access control.
"""

from dataclasses import dataclass, replace
from functools import lru_cache


@dataclass(frozen=True)
class Permission:
    resource: str
    action: str
    scope: str

    @classmethod
    def parse(cls, text: str) -> "Permission":
        """Read ``resource:action[:scope]``; the scope is ``all`` when it is left out.

        Raises ValueError on any other shape.
        """
        match text.split(":"):
            case [resource, action]:
                return cls(resource, action, "all")
            case [resource, action, ("all" | "own") as scope]:
                return cls(resource, action, scope)
            case _:
                raise ValueError(f"not a permission: {text!r}")

    def __str__(self) -> str:
        return f"{self.resource}:{self.action}:{self.scope}"

    def satisfied_by(self, granted: "Permissions") -> bool:
        """All includes own."""
        return _satisfied(self, granted)


Permissions = frozenset[Permission]


@lru_cache(maxsize=4096)
def _satisfied(permission: Permission, granted: Permissions) -> bool:
    # Asked twice for each command, of few permissions and as few sets as there are roles.
    return permission in granted or replace(permission, scope="all") in granted


def permissions(*texts: str) -> Permissions:
    return frozenset(Permission.parse(text) for text in texts)
