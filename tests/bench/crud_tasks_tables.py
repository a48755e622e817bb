"""The tables of the CRUD peer with tasks: who may what, workflows, tasks and their trail."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy has it
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
    }


class UserType(Base):
    __tablename__ = "user_types"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    permissions: Mapped[list[str]]
    read_only: Mapped[bool]


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    is_admin: Mapped[bool]
    user_type_id: Mapped[UUID] = mapped_column(ForeignKey("user_types.id"))


class TaskType(Base):
    __tablename__ = "task_types"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    active: Mapped[bool]


class Eligibility(Base):
    __tablename__ = "eligibility"

    user_type_id: Mapped[UUID] = mapped_column(ForeignKey("user_types.id"), primary_key=True)
    task_type_id: Mapped[UUID] = mapped_column(ForeignKey("task_types.id"), primary_key=True)


class Occasion(Base):
    __tablename__ = "occasions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    name: Mapped[str]


class Member(Base):
    __tablename__ = "members"

    occasion_id: Mapped[UUID] = mapped_column(ForeignKey("occasions.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)


class Template(Base):
    """Checked when it was saved: no cycles, known types."""

    __tablename__ = "templates"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    name: Mapped[str]
    version: Mapped[int]
    active: Mapped[bool]


class TemplateNode(Base):
    __tablename__ = "template_nodes"

    template_id: Mapped[UUID] = mapped_column(ForeignKey("templates.id"), primary_key=True)
    node_id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    task_type_id: Mapped[UUID] = mapped_column(ForeignKey("task_types.id"))


class TemplateEdge(Base):
    __tablename__ = "template_edges"

    template_id: Mapped[UUID] = mapped_column(ForeignKey("templates.id"), primary_key=True)
    parent: Mapped[str] = mapped_column(primary_key=True)
    child: Mapped[str] = mapped_column(primary_key=True)


class Instance(Base):
    __tablename__ = "instances"
    __table_args__ = (Index("instances_occasion_idx", "tenant_id", "occasion_id", "started_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tenant_id: Mapped[UUID]
    template_id: Mapped[UUID] = mapped_column(ForeignKey("templates.id"))
    version: Mapped[int]
    occasion_id: Mapped[UUID] = mapped_column(ForeignKey("occasions.id"))
    name: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(default=now)


class Task(Base):
    __tablename__ = "tasks"
    __table_args__ = (
        Index("tasks_occasion_idx", "tenant_id", "occasion_id", "created_at"),
        Index("tasks_assignee_idx", "tenant_id", "assignee_id", "created_at"),
        Index("tasks_instance_idx", "instance_id", "node_id", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tenant_id: Mapped[UUID]
    occasion_id: Mapped[UUID] = mapped_column(ForeignKey("occasions.id"))
    task_type_id: Mapped[UUID] = mapped_column(ForeignKey("task_types.id"))
    title: Mapped[str]
    description: Mapped[str]
    state: Mapped[str]
    blocked_by: Mapped[str | None]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("instances.id"))
    node_id: Mapped[str | None]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Dependency(Base):
    __tablename__ = "dependencies"

    parent_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True, index=True)


class Transition(Base):
    """The trail: appended to alone."""

    __tablename__ = "task_transitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), index=True)
    what: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str | None]
    account_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntry(Base):
    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor: Mapped[UUID] = mapped_column(index=True)
    entity: Mapped[str]
    entity_id: Mapped[UUID] = mapped_column(index=True)
    action: Mapped[str]
    after: Mapped[dict[str, Any]]
    request_id: Mapped[str]
