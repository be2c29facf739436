"""What somebody read on the lines of a sheet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from signatures.safeguarding.encryption import decrypt, encrypt

# What is chosen of a line that two people have read differently.
READ_FIRST, READ_SECOND, NEITHER = "first", "second", "neither"


@dataclass(frozen=True)
class TypedRow:
    """One signer on a sheet.

    :param line: on the sheet, from 1
    :param visibility: code of the signer's choice
    :param name: the cleaned name; None if and only if no one may see it
    :param country: code
    """

    line: int
    visibility: str
    name: str | None
    country: str


@dataclass(frozen=True)
class Difference:
    """A line that two people have read differently; None is a line on which one of them saw nobody."""

    line: int
    first: TypedRow | None
    second: TypedRow | None


def seal_rows(rows: Iterable[TypedRow]) -> bytes:
    """Encrypt rows for as long as they wait for a second person."""
    return encrypt(json.dumps([asdict(row) for row in rows], ensure_ascii=False))


def open_rows(data: bytes | memoryview) -> list[TypedRow]:
    """Decrypt rows.

    :raises cryptography.fernet.InvalidToken: if no key fits
    """
    return [TypedRow(**row) for row in json.loads(decrypt(data))]


def differences(first: Sequence[TypedRow], second: Sequence[TypedRow]) -> list[Difference]:
    """Return the lines that were read differently, in their order."""
    by_line = [{row.line: row for row in rows} for rows in (first, second)]
    lines = sorted(by_line[0].keys() | by_line[1].keys())
    both = [Difference(line, by_line[0].get(line), by_line[1].get(line)) for line in lines]
    return [one for one in both if one.first != one.second]


def settled(
    first: Sequence[TypedRow], second: Sequence[TypedRow], chosen: Mapping[int, TypedRow | None]
) -> list[TypedRow]:
    """Return the rows that both agree on, and of the others what was chosen.

    :param chosen: for each line that differs one of the two readings, or None to leave it out
    :raises KeyError: if nothing was chosen for a line that differs
    """
    differing = {one.line for one in differences(first, second)}
    agreed = [row for row in first if row.line not in differing]
    picked = [row for line in differing if (row := chosen[line]) is not None]
    return sorted([*agreed, *picked], key=lambda row: row.line)
