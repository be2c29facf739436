"""The one query that every list of names is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from psycopg2 import sql

from signatures.models import Recipient
from signatures.models.choices import ListOrder, Profile, SignatureState
from signatures.models.name_search import name_order
from signatures.models.signature import NAMED
from signatures.safeguarding.countries import country_names

# What a spreadsheet would run as a formula: these signs, ASCII and all that compatibility folds into them (full-width,
# small, raised), at the start of a cell or after a character at which a spreadsheet with other separators would start a
# new cell; blanks, control and invisible characters and quotes, which it drops or strips, may stand before them. The
# match is empty: it is the place where the apostrophe goes.
STARTS_CELL = r"(^|(?<=[,;|\t\r\n]))"
SKIPPED = r'[\s"\u0001-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*'
SIGNS = r"=+@\-\t\r\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\ufb29\u207a\u207c\u208a\u208c\u2a75\u2a76"
FORMULA = rf"{STARTS_CELL}(?={SKIPPED}[{SIGNS}])"
ESCAPE = "'"


def order_of(order: str, language: str) -> str:
    """Return what an ORDER BY goes by.

    :param language: whose readers look for a name in the list
    """
    match order:
        case ListOrder.NAME | ListOrder.SURNAME:
            by_name = name_order("listed.own_name", language, by_last_word=order == ListOrder.SURNAME)
            return f"{by_name}, listed.id"
        case ListOrder.COUNTRY:
            return "listed.country, listed.id"
    return "listed.id"


@dataclass(frozen=True)
class Columns:
    """How a list is laid out.

    :param language: of the header and of the country names
    :param delimiter: comma or semicolon
    :param latin: whether the names stand there in Latin letters, too
    """

    language: str
    delimiter: str
    latin: bool = False
    order: str = ListOrder.SIGNED

    def header(self, *, with_city: bool) -> list[str]:
        """Return the column names in order."""
        with translation.override(self.language):
            return [
                _("number"),
                _("name"),
                *([_("name_latin")] if self.latin else []),
                _("country_code"),
                _("country"),
                _("signed_on"),
                _("language"),
                _("text_version"),
                *([_("city")] if with_city else []),
            ]


@dataclass(frozen=True)
class Span:
    """Which signatures are meant, by when each became what it is (``current_since``).

    :param since: those after this instant
    :param up_to: those up to this instant, included
    :param profile: what the list was prepared to give; only ``NAMES`` lets a name out
    """

    since: datetime | None = None
    up_to: datetime | None = None
    profile: str = Profile.NAMES

    def condition(self) -> sql.Composable:
        """Return what a WHERE goes on with."""
        parts = [
            sql.SQL(text).format(sql.Literal(instant))
            for text, instant in (
                (" AND signature.current_since > {}", self.since),
                (" AND signature.current_since <= {}", self.up_to),
            )
            if instant is not None
        ]
        return sql.Composed(parts)


EVER = Span()


def formula_safe(column: str) -> sql.Composable:
    """Return an expression for a column in which no cell can be run by a spreadsheet."""
    return sql.SQL("regexp_replace({}, {}, {}, 'g')").format(
        sql.Identifier("signature", column), sql.Literal(FORMULA), sql.Literal(ESCAPE)
    )


def formula_safe_text(text: str) -> str:
    """Return a text that was made here, and not by the database, so that no cell of it can be run by a spreadsheet."""
    return re.sub(FORMULA, ESCAPE, text)


def counted(petition_id: int, span: Span = EVER) -> sql.Composable:
    """Return FROM and WHERE for the signatures that count, for numbers alone."""
    return sql.SQL(
        "FROM signatures_signature AS signature"
        " WHERE signature.petition_id = {petition} AND signature.state = {confirmed}{span}"
    ).format(
        petition=sql.Literal(petition_id),
        confirmed=sql.Literal(SignatureState.CONFIRMED.value),
        span=span.condition(),
    )


def names_for(recipient: Recipient, span: Span = EVER) -> sql.Composable:
    """Return FROM and WHERE for exactly the signatures whose names this recipient may be given.

    They are confirmed, their signer chose to be named, and the text that the signer saw showed this recipient as
    being given names; none, unless it is given names now, and was when the list was prepared.
    """
    # The versions are an array, read once: joined, they would have each block read all rows that come after it.
    return sql.SQL(
        "{counted} AND signature.visibility IN ({delivered}, {public})"
        " AND signature.text_version_id = ANY (ARRAY("
        "  SELECT shown.version_id FROM signatures_textversionrecipient AS shown"
        "  JOIN signatures_recipient AS recipient ON recipient.id = shown.recipient_id"
        "  WHERE recipient.id = {recipient} AND {prepared} = {names}"
        "  AND recipient.profile = {names} AND shown.profile = {names}))"
    ).format(
        counted=counted(recipient.petition_id, span),
        delivered=sql.Literal(NAMED[0].value),
        public=sql.Literal(NAMED[1].value),
        recipient=sql.Literal(recipient.pk),
        prepared=sql.Literal(Profile(span.profile).value),
        names=sql.Literal(Profile.NAMES.value),
    )


def numbers_for(recipient: Recipient, span: Span = EVER) -> sql.Composable:
    """Return a query for (how many count, how many of them this recipient is given with names)."""
    return sql.SQL("SELECT (SELECT count(*) {counted}), (SELECT count(*) {names})").format(
        counted=counted(recipient.petition_id, span), names=names_for(recipient, span)
    )


def confirmed_again(recipient: Recipient, after: datetime) -> sql.Composable:
    """Return a query for how many names this recipient may be given of people who had signed and signed again after."""
    return sql.SQL("SELECT count(*) {names} AND signature.first_confirmed_at <= {after}").format(
        names=names_for(recipient, Span(since=after)), after=sql.Literal(after)
    )


def block_end(petition_id: int, after: int, size: int) -> sql.Composable:
    """Return a query for the number of the last row of the next block, or null after the last.

    Whose names they are is left to the block itself, so that an index alone answers this.

    :param after: row number of the last row of the block before
    :param size: how many signatures that count are in a block
    """
    return sql.SQL(
        "SELECT max(id) FROM (SELECT signature.id {counted} AND signature.id > {after}"
        " ORDER BY signature.id LIMIT {size}) AS block"
    ).format(counted=counted(petition_id), after=sql.Literal(after), size=sql.Literal(size))


def block_rows(
    recipient: Recipient,
    columns: Columns,
    *,
    after: int,
    up_to: int,
    written: int,
    with_city: bool,
    span: Span = EVER,
) -> sql.Composable:
    """Return a query for the rows of a block, in the order of signing; the column of the watermark is empty.

    :param after: row number of the last row of the block before
    :param up_to: row number of the last row of this block
    :param written: how many rows came before, by which the numbering goes on
    """
    countries = sql.SQL(", ").join(
        sql.SQL("({}, {})").format(sql.Literal(code), sql.Literal(name))
        for code, name in country_names(columns.language).items()
    )
    city = sql.SQL(", {}").format(formula_safe("city")) if with_city else sql.SQL("")
    return sql.SQL(
        "WITH country (code, name) AS (VALUES {countries})"
        " SELECT {written} + row_number() OVER (ORDER BY listed.id), listed.name, listed.code,"
        "  coalesce(country.name, ''), listed.signed_on, listed.language, version.number{listed_city}, NULL"
        " FROM (SELECT signature.id, {name} AS name, signature.country AS code, signature.signed_on,"
        "  signature.language, signature.text_version_id{city} {names}"
        "  AND signature.id > {after} AND signature.id <= {up_to}) AS listed"
        " JOIN signatures_textversion AS version ON version.id = listed.text_version_id"
        " LEFT JOIN country ON country.code = listed.code"
        " ORDER BY listed.id"
    ).format(
        countries=countries,
        written=sql.Literal(written),
        name=formula_safe("name"),
        city=sql.SQL("{} AS city").format(city) if with_city else city,
        listed_city=sql.SQL(", listed.city") if with_city else sql.SQL(""),
        names=names_for(recipient, span),
        after=sql.Literal(after),
        up_to=sql.Literal(up_to),
    )


def block_as_stored(
    recipient: Recipient, *, after: int, up_to: int, with_city: bool, span: Span = EVER
) -> sql.Composable:
    """Return a query for all that lists hold of the signatures of a block, as it is stored, in the order of signing."""
    return sql.SQL(
        "SELECT signature.name, signature.country, signature.signed_on, signature.language,"
        " signature.text_version_id{city} {names}"
        " AND signature.id > {after} AND signature.id <= {up_to} ORDER BY signature.id"
    ).format(
        city=sql.SQL(", signature.city") if with_city else sql.SQL(""),
        names=names_for(recipient, span),
        after=sql.Literal(after),
        up_to=sql.Literal(up_to),
    )


def ordered_rows(recipient: Recipient, columns: Columns, *, span: Span, safe: bool) -> sql.Composable:
    """Return a query for (name, country code, day, language, text version, city) in the order of a list.

    :param safe: whether the texts are for a file that a spreadsheet may take for formulas
    """
    name, city = (formula_safe(column) if safe else sql.Identifier("signature", column) for column in ("name", "city"))
    return sql.SQL(
        "SELECT listed.name, listed.country, listed.signed_on, listed.language, version.number, listed.city"
        " FROM (SELECT signature.id, signature.name AS own_name, {name} AS name, signature.country,"
        "  signature.signed_on, signature.language, signature.text_version_id, {city} AS city {names}) AS listed"
        " JOIN signatures_textversion AS version ON version.id = listed.text_version_id"
        " ORDER BY {order}"
    ).format(
        name=name,
        city=city,
        names=names_for(recipient, span),
        order=sql.SQL(order_of(columns.order, columns.language)),
    )
