"""Creates marked values of every kind that people type."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from signatures.tokens import canonical_code
from tests.support.leaks.marks import Mark

LETTERS = "бвгджзклмнпрст"
LATIN = "bcdfghjkmnpqrstvwxz"


@dataclass
class Marks:
    """Creates unique values, and remembers them."""

    made: list[Mark] = field(default_factory=list)

    def add(self, what: str, *spellings: str, allowed: tuple[str, ...] = ()) -> str:
        """Remember a value and return it."""
        self.made.append(Mark(what, spellings, allowed))
        return spellings[0]

    def cyrillic(self, what: str, *allowed: str) -> str:
        """Return a new word in Cyrillic."""
        return self.add(what, "Ж" + "".join(secrets.choice(LETTERS) for _ in range(13)), allowed=allowed)

    def latin(self, what: str, *allowed: str) -> str:
        """Return a new word in Latin letters."""
        return self.add(what, "zq" + "".join(secrets.choice(LATIN) for _ in range(14)), allowed=allowed)

    def address(self, what: str) -> str:
        """Return a new e-mail address with marks in both halves, the second in Cyrillic."""
        return f"{self.latin(f'{what}, before the sign')}@{self.cyrillic(f'{what}, its domain').lower()}.example"

    def code(self, code: str) -> str:
        """Remember a code."""
        plain = canonical_code(code)
        assert plain
        return self.add("a code", code, plain)

    def token(self, what: str, token: str) -> str:
        """Remember a token, without the prefix that all tokens of one second share."""
        self.add(what, token[20:80])
        return token
