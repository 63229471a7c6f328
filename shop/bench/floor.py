"""The page floor: the least that Flask, SQLAlchemy and Jinja do for fifty rows of three tables."""

from __future__ import annotations

import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

ROWS = 50
TABLES = ("floor_goods", "floor_makers", "floor_shelves")

PAGE = """<!doctype html><title>Floor</title><table>
{% for one in goods %}<tr><td>{{ one.name }}</td><td>{{ one.maker.name }}</td>
<td>{{ one.shelf.name }}</td><td>{{ one.price_cents }}</td><td>{{ one.stock }}</td></tr>
{% endfor %}</table>"""


class Base(DeclarativeBase):
    """Parent of the floor's tables."""


class Maker(Base):
    """Who makes a good."""

    __tablename__ = "floor_makers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Shelf(Base):
    """Where a good stands."""

    __tablename__ = "floor_shelves"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Good(Base):
    """What is sold."""

    __tablename__ = "floor_goods"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price_cents: Mapped[int]
    stock: Mapped[int]
    maker_id: Mapped[int] = mapped_column(ForeignKey("floor_makers.id"))
    shelf_id: Mapped[int] = mapped_column(ForeignKey("floor_shelves.id"))
    maker: Mapped[Maker] = relationship()
    shelf: Mapped[Shelf] = relationship()


def prepare(database_url: str) -> None:
    """Make the floor's tables and fill them."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        numbers = range(1, 26)
        connection.execute(insert(Maker), [{"id": n, "name": f"Maker {n}"} for n in numbers])
        connection.execute(insert(Shelf), [{"id": n, "name": f"Shelf {n}"} for n in numbers])
        connection.execute(
            insert(Good),
            [
                {
                    "id": n,
                    "name": f"Good number {n}",
                    "price_cents": 100 + n,
                    "stock": n,
                    "maker_id": 1 + n % 25,
                    "shelf_id": 1 + n % 17,
                }
                for n in range(1, 402)
            ],
        )
    engine.dispose()


def create() -> Flask:
    """One page, nothing around it."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db = SQLAlchemy(app, model_class=Base)
    page = app.jinja_env.from_string(PAGE)

    @app.get("/")
    def goods() -> str:
        """Fifty goods with their makers and shelves."""
        found = db.session.scalars(
            select(Good)
            .options(joinedload(Good.maker), joinedload(Good.shelf))
            .order_by(Good.id)
            .limit(ROWS)
        ).all()
        return page.render(goods=found)

    return app
