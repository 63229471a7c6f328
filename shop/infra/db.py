"""The one declarative base, its naming convention, and the engine at the edge of Flask."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ARRAY, BigInteger, Date, DateTime, Identity, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name of its own, so that a migration can find it again."""


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        date: Date,
        dict[str, Any]: JSONB(none_as_null=True),
        list[str]: ARRAY(Text),
    }


class Row(Base):
    """Parent of every table with a number for a key."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-1)


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that shall not pass through the mapper."""
    return cast(Table, model.__table__)


db = SQLAlchemy(metadata=Base.metadata)
"""Engine and pool of the application; sessions are opened by ``unit_of_work`` only."""
