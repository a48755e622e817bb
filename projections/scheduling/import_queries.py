"""What a file of shifts is held against: units and roles, and the people that it names."""

from collections.abc import Collection

from sqlalchemy import Row, Text, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.ids import TenantId
from projections.scheduling.people import people
from projections.scheduling.roles import roles
from projections.scheduling.units import units


async def every_unit(
    connection: AsyncConnection, tenant_id: TenantId
) -> list[Row[tuple[object, ...]]]:
    """Open or closed."""
    query = select(units).where(units.c.tenant_id == tenant_id)
    return list((await connection.execute(query)).all())


async def every_role(
    connection: AsyncConnection, tenant_id: TenantId
) -> list[Row[tuple[object, ...]]]:
    """Open or closed."""
    query = select(roles).where(roles.c.tenant_id == tenant_id)
    return list((await connection.execute(query)).all())


async def people_by_email(
    connection: AsyncConnection, tenant_id: TenantId, emails: Collection[str]
) -> list[Row[tuple[object, ...]]]:
    """Those who have one of these addresses, active or not; addresses are in their normal form."""
    # One parameter, however many there are.
    wanted = literal(sorted(emails), ARRAY(Text))
    query = select(people).where(people.c.tenant_id == tenant_id, people.c.email == any_(wanted))
    return list((await connection.execute(query)).all())
