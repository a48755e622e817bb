"""How each account wants to be told."""

from sqlalchemy import Boolean, Column, Table, Text, Uuid

from domain.scheduling.preferences import NotificationPreferences, Preferences
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("scheduling.preferences", version=1)

preferences = model.keep(
    Table(
        "preferences",
        model.metadata,
        Column("preferences_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("account_id", Uuid, nullable=False, index=True),
        Column("email", Boolean, nullable=False),
        Column("sms", Boolean, nullable=False),
        Column("quiet_start", Text),
        Column("quiet_end", Text),
        Column("quiet_zone", Text),
    ),
    by=["originator_id"],
)


@model.on(NotificationPreferences.Stated)
def preferences_stated(event: NotificationPreferences.Stated, rows: Rows) -> None:
    rows[preferences].insert(
        preferences_id=event.originator_id, account_id=event.account_id, **_told(event.preferences)
    )


@model.on(NotificationPreferences.Replaced)
def preferences_replaced(event: NotificationPreferences.Replaced, rows: Rows) -> None:
    row = rows[preferences][event.originator_id]
    for name, value in _told(event.preferences).items():
        setattr(row, name, value)


def _told(stated: Preferences) -> dict[str, object]:
    """Times of day as ISO 8601 writes them."""
    quiet = stated.quiet_hours
    return {
        "email": stated.email,
        "sms": stated.sms,
        "quiet_start": None if quiet is None else quiet.start.isoformat(),
        "quiet_end": None if quiet is None else quiet.end.isoformat(),
        "quiet_zone": None if quiet is None else quiet.zone,
    }
