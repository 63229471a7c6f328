"""The order floor: the least SQL of one order of twelve lines, by pgbench or by hand."""

from __future__ import annotations

import os
import random
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

CLIENTS = 8
LINES = 12
GOODS = 400

TABLES = """
CREATE TABLE floor_stock (id int PRIMARY KEY, allotted int NOT NULL, held int NOT NULL DEFAULT 0);
INSERT INTO floor_stock SELECT n, 100000000, 0 FROM generate_series(1, 400) n;
CREATE TABLE floor_orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL, total int NOT NULL, made_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE floor_lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES floor_orders (id), stock_id int NOT NULL,
    amount int NOT NULL, cents int NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class OrderFloor:
    """Orders per second, and what counted them."""

    per_second: float
    by: str
    cpu_ms: float = 0.0
    """What one order costs the database."""


def measure(
    database_url: str, programs: Path | None, folder: Path, seconds: int, core: int | None
) -> OrderFloor:
    """Place orders of twelve lines with eight clients for some seconds."""
    plain = database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('floor_stock')").fetchone() == (None,):
            connection.execute(TABLES.encode())
    pgbench = programs / "pgbench" if programs else None
    if pgbench is not None and pgbench.is_file():
        return OrderFloor(_pgbench(pgbench, plain, folder, seconds, core), "pgbench")
    return OrderFloor(_by_hand(plain, seconds), "psycopg")


def script() -> str:
    """One order for pgbench: goods in ascending order, so that no two orders deadlock."""
    span = GOODS // LINES
    picks = [f"\\set g{n} random({n * span + 1}, {(n + 1) * span})" for n in range(LINES)]
    lines = ", ".join(f"(:o, :g{n}, 1, 250)" for n in range(LINES))
    take = "UPDATE floor_stock SET held = held + 1 WHERE id = :{} AND held + 1 <= allotted;"
    takes = [take.format(f"g{n}") for n in range(LINES)]
    return "\n".join(
        [
            *picks,
            "BEGIN;",
            "INSERT INTO floor_orders (name, total) VALUES ('bench', 3000)"
            " RETURNING id AS o \\gset",
            "INSERT INTO floor_lines (order_id, stock_id, amount, cents) VALUES",
            f"{lines};",
            *takes,
            "COMMIT;",
            "",
        ]
    )


def _pgbench(program: Path, url: str, folder: Path, seconds: int, core: int | None) -> float:
    file = folder / "order_floor.sql"
    file.write_text(script())
    parts = urlsplit(url)
    finished = subprocess.run(
        [
            program, "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=1",
            f"--time={seconds}", f"--file={file}", parts.path.lstrip("/"),
        ],
        env={
            **os.environ,
            "PGHOST": parts.hostname or "",
            "PGPORT": str(parts.port),
            "PGUSER": parts.username or "",
            "PGPASSWORD": parts.password or "",
        },
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=(lambda: os.sched_setaffinity(0, {core})) if core is not None else None,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", finished.stdout)
    if found is None:
        raise RuntimeError(f"pgbench said: {finished.stdout}{finished.stderr}")
    return float(found[1])


def _by_hand(url: str, seconds: int) -> float:
    ends = time.monotonic() + seconds
    done: list[int] = []

    def client(number: int) -> None:
        chance = random.Random(number)
        placed = 0
        with psycopg.connect(url) as connection:
            while time.monotonic() < ends:
                _order(connection, sorted(chance.sample(range(1, GOODS + 1), LINES)))
                placed += 1
        done.append(placed)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(done) / seconds


def _order(connection: psycopg.Connection, goods: list[int]) -> None:
    with connection.transaction():
        row = connection.execute(
            "INSERT INTO floor_orders (name, total) VALUES ('bench', 3000) RETURNING id"
        ).fetchone()
        key = row[0] if row else 0
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO floor_lines (order_id, stock_id, amount, cents)"
                " VALUES (%s, %s, 1, 250)",
                [(key, each) for each in goods],
            )
        for each in goods:
            connection.execute(
                "UPDATE floor_stock SET held = held + 1 WHERE id = %s AND held + 1 <= allotted",
                [each],
            )
