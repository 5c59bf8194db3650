"""The tables of messages to learn from, in a file as in PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa

TABLES = sa.MetaData()
# PostgreSQL overwrites a deleted row when it vacuums; it shall not wait for a fifth of the table.
_STORAGE = "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50"
# The numbers of rows are random: their order tells nothing.
sa.Table(
    "messages",
    TABLES,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("language", "text", "kind", "ranking", "chosen", "day")),
    sa.Column("salt", sa.LargeBinary),
    sa.Column("tag", sa.LargeBinary),
    info={"postgresql": "wegweiser_review", "storage": _STORAGE},
)
# Conversations of which nothing more is kept: a keyed hash and a day.
sa.Table(
    "closed",
    TABLES,
    sa.Column("mark", sa.LargeBinary, primary_key=True),
    sa.Column("day", sa.Text, nullable=False),
    info={"postgresql": "wegweiser_review_closed", "storage": _STORAGE},
)
