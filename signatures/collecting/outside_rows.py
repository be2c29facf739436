"""What becomes of each row of a list from elsewhere; addresses become keys here, and names are not even looked at."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date
from functools import cache, lru_cache

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from signatures.collecting.countries import country_of
from signatures.collecting.days import day_of
from signatures.collecting.headings import Columns, columns_of, has_headings, named
from signatures.collecting.tables import Row, read_table
from signatures.models.outside_list import RowFate
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.encryption import decrypt, encrypt
from signatures.safeguarding.keys import email_keys
from signatures.safeguarding.names import clean_text
from signatures.safeguarding.typed_addresses import TYPED_LENGTH_MAX, parsed, unwrapped

PART_ROWS = 1000
# Of these the form takes nothing away, and no part is too long.
PLAIN = re.compile(
    r"(?=.{1,64}@)([a-z0-9]+(?:[._+-][a-z0-9]+){0,9})@([a-z0-9][a-z0-9.-]{1,148}[a-z0-9])", re.IGNORECASE | re.ASCII
)
# In whose words other services name countries, beside the languages of the site.
ALSO_IN = ("de", "pl", "lt", "uk", "fr", "es", "it")


@dataclass(frozen=True)
class OutsideRow:
    """A row of a file.

    :param line: its number in the file, from 1
    :param fate: code
    :param keys: of the address under every secret, the current one first, in hexadecimal; none without an address
    :param country: code, or "" of a row that is not taken
    :param day: on which it was signed (UTC), as ISO 8601, or "" where the file says none
    """

    line: int
    fate: str
    keys: list[str] = field(default_factory=list)
    country: str = ""
    day: str = ""


@dataclass(frozen=True)
class Reading:
    """What was read of a file."""

    columns: Columns
    rows: Sequence[OutsideRow]

    @property
    def fates(self) -> dict[str, int]:
        """Return how many rows met which fate."""
        return dict(Counter(row.fate for row in self.rows))

    @property
    def usable(self) -> int:
        """Return how many rows can be entered."""
        return self.fates.get(RowFate.TAKEN, 0)


def read_list(
    content: bytes,
    *,
    petition_id: int,
    today: date,
    chosen: Mapping[str, str],
    country: str,
    month_first: bool,
) -> Reading:
    """Return what becomes of each row of a file.

    :param today: by the database's clock, in UTC
    :param chosen: the columns, as ``columns_of`` takes them
    :param country: code, for rows that name none; "" if these are not taken
    :param month_first: whether 03/04/2025 is in March
    :raises ValidationError: if it is no table, beyond the limits, or a column is missing
    """
    table = iter(read_table(content))
    number, first = next(table, (0, []))
    if not number:
        raise ValidationError(_("There is nothing in this file."))
    columns = columns_of(first, chosen)
    if columns.address is None and columns.country is None and columns.day is None:
        raise ValidationError(
            _("No column was recognised. Say by its letter which one holds what. The file has: %(columns)s.")
            % {"columns": named(first) or "—"}
        )
    reader = _Reader(petition_id, today, columns, country, month_first=month_first)
    rows = [] if has_headings(first, columns) else [reader.read(number, first)]
    rows += [reader.read(line, row) for line, row in table]
    if not rows:
        raise ValidationError(_("There is nothing in this file but headings."))
    return Reading(columns, rows)


class _NotTakenError(Exception):
    """A row cannot be entered."""

    def __init__(self, fate: RowFate) -> None:
        super().__init__(fate)
        self.fate = fate


@dataclass
class _Reader:
    """Reads rows, and remembers those that came before."""

    petition_id: int
    today: date
    columns: Columns
    country: str
    month_first: bool
    seen: set[bytes] = field(default_factory=set)

    def read(self, line: int, row: Row) -> OutsideRow:
        """Return what becomes of a row."""
        try:
            keys, country, day = self._keys(row), self._country(row), self._day(row)
        except _NotTakenError as refusal:
            return OutsideRow(line, refusal.fate.value)
        if self._is_known(keys[0] if keys else _mark(row)):
            return OutsideRow(line, RowFate.TWICE.value)
        return OutsideRow(line, RowFate.TAKEN.value, [key.hex() for key in keys], country, day)

    def _keys(self, row: Row) -> list[bytes]:
        if self.columns.address is None:
            return []
        typed = _cell(row, self.columns.address)
        if not typed:
            raise _NotTakenError(RowFate.NO_ADDRESS)
        address = address_of(typed)
        if address is None:
            raise _NotTakenError(RowFate.BAD_ADDRESS)
        return email_keys(self.petition_id, canonical_address(address))

    def _country(self, row: Row) -> str:
        typed = _cell(row, self.columns.country)
        country = _country(typed, get_language() or "en") if typed else self.country
        if not country:
            raise _NotTakenError(RowFate.BAD_COUNTRY if typed else RowFate.NO_COUNTRY)
        return country

    def _day(self, row: Row) -> str:
        if self.columns.day is None:
            return ""
        written = _cell(row, self.columns.day)
        if not written:
            raise _NotTakenError(RowFate.NO_DAY)
        day = day_of(written, month_first=self.month_first)
        if day is None:
            raise _NotTakenError(RowFate.BAD_DAY)
        if day > self.today:
            raise _NotTakenError(RowFate.LATER)
        return day.isoformat()

    def _is_known(self, mark: bytes) -> bool:
        is_known = mark in self.seen
        self.seen.add(mark)
        return is_known


def address_of(typed: str) -> str | None:
    """Return what the site's form would read as the address, or None; the same, but quickly for plain ones."""
    if len(typed) > TYPED_LENGTH_MAX:
        return None
    plain = PLAIN.fullmatch(typed)
    if plain is None:
        return parsed(unwrapped(typed))
    domain = _domain(plain[2])
    return f"{plain[1]}@{domain}" if domain else None


@lru_cache(maxsize=5000)
def _domain(typed: str) -> str | None:
    """Return a domain as it stands in a valid address, or None."""
    address = parsed(f"a@{typed}")
    return address.partition("@")[2] if address else None


def _mark(row: Row) -> bytes:
    """Return what two rows without addresses share if all of their cells are the same."""
    return hashlib.sha256("\0".join(clean_text(cell).casefold() for cell in row).encode(errors="replace")).digest()


def _cell(row: Row, place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


@lru_cache(maxsize=2000)
def _country(typed: str, language: str) -> str:
    """Return the code of a country as people or other services write it, or ""."""
    return country_of(typed, language) or _elsewhere().get(clean_text(typed[:1000]).casefold(), "")


@cache
def _elsewhere() -> dict[str, str]:
    """Return the codes of countries by their names in languages that the site does not speak."""
    known = set(Locale.parse("en").territories)
    return {
        name.casefold(): code
        for language in ALSO_IN
        for code, name in Locale.parse(language).territories.items()
        if code in known and country_of(code, "en")
    }


def seal(rows: Iterable[OutsideRow]) -> bytes:
    """Encrypt rows for as long as they wait."""
    return encrypt(json.dumps([astuple(row) for row in rows]))


def unseal(data: bytes | memoryview) -> list[OutsideRow]:
    """Decrypt rows.

    :raises cryptography.fernet.InvalidToken: if no key fits
    """
    return [OutsideRow(*row) for row in json.loads(decrypt(data))]
