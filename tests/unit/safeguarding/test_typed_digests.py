"""Digests and file names are found in the output of programs."""

from __future__ import annotations

import pytest

from signatures.safeguarding.typed_digests import PrintedDigest, printed_digests

ONE, TWO = "0a" * 32, "1b" * 32
SPACED = " ".join(["1b"] * 32)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        (f"{ONE}  signatures.csv\n{TWO} *list of names.pdf\n", ["signatures.csv", "list of names.pdf"]),
        (
            f"{ONE.upper()} signatures.csv\r\n{TWO.upper()} list of names.pdf\r\n",
            ["signatures.csv", "list of names.pdf"],
        ),
        (f"SHA256          {ONE.upper()}       C:\\files\\a.csv\n{TWO}", ["C:\\files\\a.csv", ""]),
        (f"SHA256 (a (1).csv) = {ONE}\nSHA2-256(b.csv)= {TWO}", ["a (1).csv", "b.csv"]),
        (
            f"SHA256 hash of a.csv:\n{ONE}\nCertUtil: done.\nSHA256 hash of file b.csv:\n{SPACED}\nCertUtil: done.",
            ["SHA256 hash of a.csv", "SHA256 hash of file b.csv"],
        ),
        (f"Hash Path\n---- ----\n\n{ONE}\n\n  {TWO}  İ.csv", ["", "İ.csv"]),
    ],
)
def test_each_digest_is_read_with_its_file_name(printed: str, names: list[str]) -> None:
    assert printed_digests(printed) == [PrintedDigest(ONE, names[0]), PrintedDigest(TWO, names[1])]


def test_text_that_is_no_digest_is_ignored() -> None:
    assert printed_digests(f"nothing:\n{'0' * 60}  a.csv\nпривет\n") == []
