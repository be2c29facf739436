"""The columns of a list of names: one table that headers, queries and writers read by key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from psycopg2 import sql

from signatures.delivering.writers.fields import Field
from signatures.delivering.writers.formulas import ESCAPE, FORMULA
from signatures.delivering.writers.latin import latin
from signatures.models import Delivery
from signatures.models.choices import ListOrder
from signatures.models.name_search import name_order


@dataclass(frozen=True)
class Layout:
    """How a list is laid out.

    :param language: language of the header and of the country names
    :param delimiter: comma or semicolon
    :param latin: whether the names are also given in Latin letters
    :param city: whether the cities are included
    """

    language: str
    delimiter: str
    latin: bool = False
    order: str = ListOrder.SIGNED
    city: bool = False

    @property
    def order_by(self) -> str:
        """Return the SQL expressions for an ORDER BY over ``listed``."""
        match self.order:
            case ListOrder.NAME | ListOrder.SURNAME:
                by_name = name_order("listed.name", self.language, by_last_word=self.order == ListOrder.SURNAME)
                return f"{by_name}, listed.id"
            case ListOrder.COUNTRY:
                return "listed.country, listed.id"
        return "listed.id"


def layout_of(delivery: Delivery) -> Layout:
    """Return the layout that was chosen for a hand-over."""
    return Layout(
        delivery.language,
        delivery.delimiter,
        latin=delivery.with_latin,
        order=delivery.order,
        city=delivery.with_city,
    )


def _always(_layout: Layout) -> bool:
    return True


@dataclass(frozen=True)
class Column:
    """A column of the list.

    :param header: the heading, translated when a list is made
    :param expression: SQL over ``listed``, ``version`` and ``country``; empty if the value is computed in Python
    :param compute: returns the value from name and language of the signer
    :param is_text: whether signers typed it, so that a spreadsheet must be kept from running it
    :param wanted: returns whether a list has it
    """

    key: str
    header: str
    expression: str = ""
    compute: Callable[[str, str], str] | None = None
    is_text: bool = False
    wanted: Callable[[Layout], bool] = _always


# In the order of the file. {before} is the number of rows in earlier blocks, {order} the sort order of the list.
COLUMNS = (
    Column("number", gettext_noop("number"), "{before} + row_number() OVER (ORDER BY {order})"),
    Column("name", gettext_noop("name"), "listed.name", is_text=True),
    Column("latin", gettext_noop("name_latin"), compute=latin, is_text=True, wanted=lambda layout: layout.latin),
    Column("country_code", gettext_noop("country_code"), "listed.country"),
    Column("country", gettext_noop("country"), "coalesce(country.name, '')"),
    Column("signed_on", gettext_noop("signed_on"), "listed.signed_on"),
    Column("language", gettext_noop("language"), "listed.language"),
    Column("text_version", gettext_noop("text_version"), "version.number"),
    Column("city", gettext_noop("city"), "listed.city", is_text=True, wanted=lambda layout: layout.city),
)


def columns_in(layout: Layout) -> list[Column]:
    """Return the columns that a list has, in order."""
    return [column for column in COLUMNS if column.wanted(layout)]


def fields_in(layout: Layout) -> list[Field]:
    """Return the columns as the fields that writers take, with headings in the list's language."""
    with translation.override(layout.language):
        return [Field(column.key, gettext(column.header), column.is_text) for column in columns_in(layout)]


def header(layout: Layout) -> list[str]:
    """Return the column headings in the list's language."""
    return [field.header for field in fields_in(layout)]


def formula_safe_sql(expression: sql.Composable) -> sql.Composable:
    """Return an SQL expression for the value with formulas disarmed for spreadsheets."""
    return sql.SQL("regexp_replace({}, {}, {}, 'g')").format(expression, sql.Literal(FORMULA), sql.Literal(ESCAPE))
