"""The rows of a list of names one by one, for the files that the database cannot write itself."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date

from signatures.delivering.latin import latin
from signatures.delivering.query import EVER, Columns, Span, formula_safe_text, ordered_rows
from signatures.delivering.snapshot import Snapshot
from signatures.models import Recipient
from signatures.safeguarding.countries import country_names

Cell = str | int | date


def list_rows(
    snapshot: Snapshot,
    recipient: Recipient,
    columns: Columns,
    *,
    with_city: bool,
    span: Span = EVER,
    safe: bool,
) -> Generator[list[Cell]]:
    """Yield the rows of a recipient's list, in the order and under the header of its columns, without a watermark's.

    :param safe: whether the texts are for a file that a spreadsheet may take for formulas
    """
    countries = country_names(columns.language)
    rows = snapshot.rows(ordered_rows(recipient, columns, span=span, safe=safe))
    for number, (name, country, signed_on, language, version, city) in enumerate(rows, start=1):
        row: list[Cell] = [number, name]
        if columns.latin:
            in_latin = latin(name, language)
            row.append(formula_safe_text(in_latin) if safe else in_latin)
        row += [country, countries.get(country, ""), signed_on, language, version]
        if with_city:
            row.append(city or "")
        yield row
