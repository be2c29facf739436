"""Creates thousands of addresses with each kind of history, and the requests to send for them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import psycopg2
from cryptography.fernet import Fernet
from django.conf import settings
from psycopg2.extras import execute_values

from signatures.safeguarding import keys
from signatures.safeguarding.encryption import encrypt
from signatures.safeguarding.mail_limits import Ask, counters_of
from signatures.tokens import MySignature, code_hashes, my_signature_token, new_code, no_mail_token
from tests.support.attacks.target import FORM_TYPE
from tests.support.server.web_site import HOST, WebSite

# Histories, each with the state of the signature that it leaves.
STATES: dict[str, str | None] = {
    "new": None,
    "repeat": "CONFIRMED",
    "held": "HELD",
    "removed": "REMOVED",
    "held by a trap": "HELD",
    "removed and withdrawn": None,
    "attempts wait": None,
    "over the mail limit": None,
}
# The visibility of signatures that count.
CHOSEN = {"public": "PUBLIC", "seen by no one": "COUNTED"}
REASONS = {"HELD": "SUSPICIOUS", "REMOVED": "INVENTED", "CONFIRMED": None}
MAILS = 1000
NAME = "Алесь Пушкін"
HEAD = f"Host: {HOST}\r\nSec-Fetch-Site: same-origin\r\n"


@dataclass(frozen=True)
class Person:
    """An address with its history."""

    history: str
    address: str


class People:
    """Creates people in the database of a site."""

    def __init__(self, site: WebSite) -> None:
        self.site = site
        self.petition, self.slug, self.version = site.query(
            "SELECT petition.id, slug, version.id FROM signatures_petition AS petition"
            " JOIN signatures_textversion AS version ON version.petition_id = petition.id"
        )[0]
        self.made = 0

    def of_each(self, amount: int, histories: Sequence[str] = tuple(STATES)) -> list[Person]:
        """Create this many people with each history."""
        people = []
        for _ in range(amount):
            for history in histories:
                self.made += 1
                people.append(Person(history, f"person-{self.made:06}@example.org"))
        self._sign(person for person in people if state_of(person))
        self._write_to(person for person in people if person.history == "over the mail limit")
        self._mark(person for person in people if person.history == "removed and withdrawn")
        self.codes_for([person for person in people if person.history == "attempts wait"])
        # No worker sends here.
        self.site.query("TRUNCATE signatures_outgoingmail")
        self.site.query("ANALYZE")
        return people

    def _sign(self, people: Iterable[Person]) -> None:
        rows = [
            (
                self.petition,
                keys.email_keys(self.petition, person.address)[0],
                keys.domain_keys(self.petition, person.address)[0],
                state_of(person),
                "HONEYPOT" if person.history == "held by a trap" else REASONS[state_of(person) or ""],
                state_of(person) == "CONFIRMED",
                "WEB",
                CHOSEN.get(person.history, "DELIVERED"),
                None if CHOSEN.get(person.history) == "COUNTED" else NAME,
                "BY",
                "en",
                self.version,
                False,
            )
            for person in people
        ]
        self._insert(
            "signatures_signature (petition_id, email_key, domain_key, state, state_reason, ever_counted, source,"
            " visibility, name, country, language, text_version_id, reason_approved)",
            rows,
        )

    def _write_to(self, people: Iterable[Person]) -> None:
        asks = [
            Ask(kind, self.petition, person.address, f"{mark:03x}")
            for person in people
            for kind in ("CONFIRM", "MY_SIGNATURE")
            for mark in range(2)
        ]
        found = {
            counter.key: (counter.key, MAILS, counter.ends_at)
            for ask in asks
            for counter in counters_of(ask, at=datetime.now(UTC), is_quiet=False)
        }
        # The counters of the domain are shared by all.
        self.site.query("TRUNCATE signatures_mailcount")
        self._insert("signatures_mailcount (key, amount, ends_at)", list(found.values()))

    def _mark(self, people: Iterable[Person]) -> None:
        rows = [(self.petition, keys.email_keys(self.petition, person.address)[0], "INVENTED") for person in people]
        self._insert("signatures_removedmark (petition_id, email_key, reason)", rows)

    def codes_for(self, people: Sequence[Person], *, age: str = "0") -> dict[Person, str]:
        """Make people sign this long ago, and return the codes that they were sent."""
        codes = {person: new_code() for person in people}
        rows = [
            (
                self.petition,
                code_hashes(code)[0],
                encrypt(NAME),
                "BY",
                "DELIVERED",
                "en",
                self.version,
                keys.email_keys(self.petition, person.address),
                keys.domain_keys(self.petition, person.address),
            )
            for person, code in codes.items()
        ]
        self._insert(
            "signatures_attempt (petition_id, code_hash, name_encrypted, country, visibility, language,"
            " text_version_id, email_keys, domain_keys, created_at, expires_at)",
            rows,
            "(%s, %s, %s, %s, %s, %s, %s, %s::bytea[], %s::bytea[],"
            f" now() - '{age}'::interval, now() - '{age}'::interval + '7 days'::interval)",
        )
        return codes

    def my_signature_tokens(self, people: Sequence[Person]) -> dict[Person, str]:
        """Return the token of each person's my-signature link."""
        return {
            person: my_signature_token(MySignature(self.petition, keys.email_keys(self.petition, person.address)))
            for person in people
        }

    def no_mail_tokens(self, amount: int) -> dict[Person, str]:
        """Return tokens of no-mail links, half of them used before."""
        found = {
            Person(kind, f"{kind}-{number}@example.org"): keys.mail_key(f"{kind}-{number}@example.org")
            for kind in ("used", "new")
            for number in range(amount)
        }
        used = [(key,) for person, key in found.items() if person.history == "used"]
        self._insert("signatures_suppression (mail_key)", used)
        return {person: no_mail_token(key) for person, key in found.items()}

    def dead_tokens(self, amount: int, purpose: str) -> dict[Person, str]:
        """Return invalid tokens, equally many malformed, foreign and expired ones."""
        key = (settings.MY_SIGNATURE_KEYS if purpose == "my-signature" else settings.NO_MAIL_KEYS)[0]
        content, old = b"x" * 80, int(time.time()) - 8 * 24 * 60 * 60
        kinds: dict[str, Callable[[], bytes]] = {
            "malformed": lambda: secrets.token_urlsafe(120).encode(),
            "foreign": lambda: Fernet(Fernet.generate_key()).encrypt(content),
        }
        if purpose == "my-signature":
            kinds["expired"] = lambda: Fernet(key).encrypt_at_time(content, old)
        return {
            Person(kind, str(number)): make().decode().rstrip("=")
            for kind, make in kinds.items()
            for number in range(amount)
        }

    def dead_codes(self, amount: int) -> dict[Person, str]:
        """Return invalid codes, equally many used, expired, unknown and malformed ones."""
        used, expired, unknown, malformed, long = (
            [Person(kind, str(number)) for number in range(amount)]
            for kind in ("used", "expired", "new", "malformed", "of another site")
        )
        codes = self.codes_for(used) | self.codes_for(expired, age="8 days")
        # What remains of an attempt after its quarter of an hour.
        self.site.query(
            "UPDATE signatures_attempt SET confirmed_at = now() - interval '20 minutes', name_encrypted = NULL,"
            " country = NULL, visibility = NULL, language = NULL, text_version_id = NULL, email_keys = NULL,"
            " domain_keys = NULL WHERE code_hash = ANY (%s)",
            [[code_hashes(codes[person])[0] for person in used]],
        )
        self.site.query("ANALYZE")
        codes |= {person: new_code() for person in unknown}
        codes |= {person: new_code()[:-1] + "U" for person in malformed}
        return codes | {person: secrets.token_urlsafe(60) for person in long}

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]], template: str | None = None) -> None:
        with closing(psycopg2.connect(self.site.database_url)) as connection, connection, connection.cursor() as cursor:
            statement = f"INSERT INTO {table} VALUES %s"  # noqa: S608 - the tables are those above
            execute_values(cursor, statement, rows, template, page_size=1000)


def state_of(person: Person) -> str | None:
    """Return the state of the signature in somebody's history."""
    return "CONFIRMED" if person.history in CHOSEN else STATES[person.history]


def get(path: str) -> bytes:
    """Return the bytes of a GET request."""
    return f"GET {path} HTTP/1.1\r\n{HEAD}\r\n".encode()


def post(path: str, form: Mapping[str, str]) -> bytes:
    """Return the bytes of a POST request with a form."""
    body = urlencode(form)
    head = f"{HEAD}Content-Type: {FORM_TYPE}\r\nContent-Length: {len(body)}\r\n"
    return f"POST {path} HTTP/1.1\r\n{head}\r\n{body}".encode()
