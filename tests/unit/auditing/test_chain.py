"""The chain of the audit log is as in docs/audit-log.md, so that anybody can check an export."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from signatures.auditing.checking import Break, Problem, check_file

DOCUMENT = (Path(__file__).parents[3] / "docs" / "audit-log.md").read_text(encoding="utf-8")


def vector() -> tuple[str, bytes]:
    """Return the head and the lines of the documented test vector."""
    found = re.search(r"whose head is\n`([0-9a-f]{64})`:\n\n```\n(.*?\n)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found[1], found[2].encode()


def problems(lines: bytes) -> list[Problem]:
    """Return what is wrong with a file."""
    return check_file(io.BytesIO(lines)).problems


def test_the_documented_test_vector_is_right() -> None:
    head, lines = vector()
    findings = check_file(io.BytesIO(lines))
    assert (findings.problems, findings.entries, findings.head) == ([], 2, head)


def test_the_documented_program_finds_what_the_command_finds(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    program, file = tmp_path / "check.py", tmp_path / "log.jsonl"
    program.write_text(found[1], encoding="utf-8")
    head, lines = vector()

    def run(content: bytes) -> tuple[int, str]:
        file.write_bytes(content)
        done = subprocess.run([sys.executable, str(program), str(file)], check=False, capture_output=True, text=True)
        return done.returncode, (done.stdout + done.stderr).strip()

    assert run(lines) == (0, f"2 entries, head {head}")
    assert run(lines.replace(b'"amount":1', b'"amount":2')) == (1, "broken at number 2")
    assert run(lines.splitlines(keepends=True)[1]) == (1, "broken at number 1")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ((b'"amount":2', b'"amount":3'), Problem(Break.CHANGED, 1)),
        ((b'"name":"anna"', b'"name":"olga"'), Problem(Break.CHANGED, 1)),
        ((b'"number":2', b'"number":4'), Problem(Break.MISSING, 2, 3)),
        ((b'"number":2', b'"number":1'), Problem(Break.MISPLACED, 1)),
        ((b'{"digest":"e1', b'{"digest":"e2'), Problem(Break.CHANGED, 2)),
        ((b'"entry":{"action":"TALLY', b'"entry":["action":"TALLY'), Problem(Break.UNREADABLE, 2)),
        ((b'"at":"2026-11-29T12:00:01.000000Z"', b'"at":"yesterday"'), Problem(Break.UNREADABLE, 2)),
    ],
)
def test_each_change_of_a_file_is_told_with_its_place(change: tuple[bytes, bytes], found: Problem) -> None:
    _head, lines = vector()
    assert change[0] in lines
    assert problems(lines.replace(*change)) == [found]


def test_a_line_that_is_no_entry_is_told_and_does_no_harm() -> None:
    for line in (b"\xff\n", b"[]\n", b"1\n", b"\n", b'{"number":"x"}\n', b'{"number":1,"digest":"","entry":{}}\n'):
        assert problems(line) == [Problem(Break.UNREADABLE, 1)]
    assert problems(b"") == []
