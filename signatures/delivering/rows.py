"""Reads lists of names and counts from one snapshot of the database."""

from __future__ import annotations

import io
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from signatures.delivering.columns import Column, Layout, columns_in, formula_safe_sql, layout_of
from signatures.delivering.writers.fields import Cell
from signatures.models import Delivery, Recipient, Signature
from signatures.models.choices import ListOrder
from signatures.models.may_name import EVER, Span
from signatures.models.signature import SignatureQuerySet
from signatures.replica import connection_for_exports
from signatures.safeguarding.countries import country_names

FETCHED_ROWS = 2000
# Enough to sort a block of a list without the disk.
SORT_MEMORY = "16MB"
BLOCK_ROWS = 50_000  # that the database writes at once
STORED = ("id", "name", "country", "signed_on", "language", "text_version_id", "city")
LIST = (
    "WITH country (code, name) AS (VALUES {countries})"
    " SELECT {expressions} FROM ({named}) AS listed"
    " JOIN signatures_textversion AS version ON version.id = listed.text_version_id"
    " LEFT JOIN country ON country.code = listed.country"
    " ORDER BY {order}"
)


class Snapshot:
    """A read-only view of the database that stays the same for all queries; whoever opens it must close it."""

    def __init__(self) -> None:
        """Connect, to a copy of the database if that has everything; the first query fixes the state that all see."""
        # A client that drops the download closes this while a thread may be reading the next block.
        self._busy = threading.Lock()
        self._own = connection_for_exports()
        self._own.ensure_connection()
        self._raw = self._own.connection
        self._raw.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True, autocommit=False)
        with self._raw.cursor() as cursor:
            cursor.execute("SET work_mem = %s", [SORT_MEMORY])

    def close(self) -> None:
        """End the transaction and close the connection."""
        with self._busy:
            self._own.close()

    def statement(self, rows: QuerySet[Any, Any]) -> sql.SQL:
        """Return the SELECT of a query set, to be run by itself or as part of another statement."""
        text, values = rows.query.get_compiler(connection=self._own).as_sql()
        # Not with Django's cursor, which belongs to one thread.
        with self._raw.cursor() as cursor:
            return sql.SQL(cursor.mogrify(text, values).decode())

    def count(self, rows: QuerySet[Any, Any]) -> int:
        """Return the number of rows of a query set."""
        query = sql.SQL("SELECT count(*) FROM ({}) AS counted").format(self.statement(rows.order_by().values("pk")))
        return int(self.row(query)[0])

    def row(self, query: sql.Composable) -> tuple[Any, ...]:
        """Return the only row of a query."""
        with self._busy, self._raw.cursor() as cursor:
            cursor.execute(query)
            (found,) = cursor.fetchall()
        return tuple(found)

    def rows(self, query: sql.Composable) -> Generator[tuple[Any, ...]]:
        """Yield the rows of a query through a server-side cursor, since there may be millions."""
        with self._raw.cursor(name="rows") as cursor:
            cursor.itersize = FETCHED_ROWS
            cursor.execute(query)
            yield from cursor

    def copy(self, query: sql.Composable, delimiter: str) -> tuple[int, bytes]:
        """Return the number of rows of a query, and the rows as CSV."""
        buffer = io.BytesIO()
        copy = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv, DELIMITER {})").format(query, sql.Literal(delimiter))
        with self._busy, self._raw.cursor() as cursor:
            cursor.copy_expert(copy, buffer)
            return cursor.rowcount, buffer.getvalue()


@dataclass(frozen=True)
class NameList:
    """A recipient's list in one snapshot of the database.

    :param span: which signatures it covers
    """

    snapshot: Snapshot
    recipient: Recipient
    layout: Layout
    span: Span = EVER

    @property
    def is_copied(self) -> bool:
        """Return whether the database can write the lines of a CSV file itself."""
        computed = any(column.compute for column in columns_in(self.layout))
        return self.layout.order == ListOrder.SIGNED and not computed

    def rows(self) -> Generator[dict[str, Cell]]:
        """Yield the rows in the order of the list, as column values by key."""
        columns = columns_in(self.layout)
        read = [column for column in columns if column.expression]
        computed = [(column.key, column.compute) for column in columns if column.compute]
        named = Signature.objects.named_for(self.recipient, self.span)
        for values in self.snapshot.rows(self._statement(named, [self._expression(column) for column in read])):
            cells = ("" if value is None else value for value in values)
            row = dict(zip((column.key for column in read), cells, strict=True))
            for key, compute in computed:
                row[key] = compute(row["name"], row["language"])
            yield row

    def csv_blocks(self) -> Generator[tuple[int, bytes]]:
        """Yield blocks of lines that the database writes, in the order of signing, each with its number of lines."""
        before = 0
        for after, last in self._blocks():
            amount, lines = self.snapshot.copy(self.block(after, last, before), self.layout.delimiter)
            before += amount
            if amount:
                yield amount, lines

    def block(self, after: int, last: int, before: int) -> sql.Composable:
        """Return the query for the lines of a block; the watermark's column is empty.

        :param after: id of the last row of the previous block
        :param last: id of the last row of this block
        :param before: how many rows came before, so that the numbering continues
        """
        expressions = []
        for column in columns_in(self.layout):
            expression = self._expression(column, before)
            expressions.append(formula_safe_sql(expression) if column.is_text else expression)
        rows = Signature.objects.named_for(self.recipient, self.span).filter(pk__gt=after, pk__lte=last)
        return self._statement(rows, [*expressions, sql.SQL("NULL")])

    def stored_blocks(self) -> Generator[bytes]:
        """Yield the stored data behind the list in the order of signing, independent of the order on the list."""
        fields = [name for name in STORED if name != "id" and (self.layout.city or name != "city")]
        for after, last in self._blocks():
            rows = Signature.objects.named_for(self.recipient, self.span).filter(pk__gt=after, pk__lte=last)
            statement = self.snapshot.statement(rows.order_by("pk").values(*fields))
            _amount, lines = self.snapshot.copy(statement, ",")
            yield lines

    def block_end(self, after: int, size: int) -> sql.Composable:
        """Return the query for the id of the last row of the next block, or null after the last block.

        It does not filter by who is named, so that an index alone answers it.

        :param after: id of the last row of the previous block
        :param size: number of counted signatures in a block
        """
        rows = Signature.objects.counted_in(self.recipient.petition_id).filter(pk__gt=after)
        block = self.snapshot.statement(rows.order_by("pk").values("id")[:size])
        return sql.SQL("SELECT max(id) FROM ({}) AS block").format(block)

    def _blocks(self) -> Generator[tuple[int, int]]:
        """Yield for each block the id of the last row before it and of its last row."""
        after = 0
        while (last := self.snapshot.row(self.block_end(after, BLOCK_ROWS))[0]) is not None:
            yield after, last
            after = last

    def _expression(self, column: Column, before: int = 0) -> sql.Composable:
        return sql.SQL(column.expression).format(before=sql.Literal(before), order=sql.SQL(self.layout.order_by))

    def _statement(self, named: SignatureQuerySet, expressions: Sequence[sql.Composable]) -> sql.Composable:
        countries = [
            sql.SQL("({}, {})").format(sql.Literal(code), sql.Literal(name))
            for code, name in country_names(self.layout.language).items()
        ]
        return sql.SQL(LIST).format(
            countries=sql.SQL(", ").join(countries),
            expressions=sql.SQL(", ").join(expressions),
            named=self.snapshot.statement(named.values(*STORED)),
            order=sql.SQL(self.layout.order_by),
        )


def list_of(delivery: Delivery, snapshot: Snapshot) -> NameList:
    """Return the list of names for a hand-over, read from a snapshot."""
    return NameList(snapshot, delivery.recipient, layout_of(delivery), delivery.span)
