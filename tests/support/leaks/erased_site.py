"""A site on its own PostgreSQL, whose files are searched for erased data."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.postgres_plugin import make_serving_role
from tests.support.server.web_site import ASK_FOR_CITY, PETITION_PATH, WebSite, manage, new_database, signer
from tryout.embedded import ADMINISTRATOR, EmbeddedPostgres

CYRILLIC = "бвгджзклмнпрст"
LATIN = "bcdfghjkmnpqrstvwxz"
# The length of fragments to search for, which remain of a partly overwritten word.
FRAGMENT_LETTERS = 7
# All parts of an attempt and its mail that somebody with the secrets could decrypt or compare.
PENDING = """
SELECT value FROM signatures_attempt,
    unnest(email_keys || domain_keys || ARRAY[name_encrypted, city_encrypted, code_hash]) AS value
UNION ALL SELECT value FROM signatures_outgoingmail, unnest(ARRAY[address_encrypted, secret_encrypted]) AS value
"""
KEYS = "SELECT value FROM signatures_signature, unnest(ARRAY[email_key, domain_key]) AS value WHERE name LIKE %s"
STORED = "SELECT value FROM signatures_signature, unnest(ARRAY[email_key, domain_key]) AS value"

ERASE = """
from signatures.models import Organiser, Signature
from signatures.models.choices import ErasureReason, Visibility
from signatures.signing.erasing import SeenSignature, erase_signature
one = Signature.objects.get(pk={pk})
actor, _ = Organiser.objects.get_or_create(username="organiser")
seen = SeenSignature(one.last_confirmed_at, Visibility(one.visibility))
erase_signature(pk=one.pk, seen=seen, reason=ErasureReason.MAILBOX_LOST, actor=actor)
print("erased")
"""


@dataclass(frozen=True)
class Person:
    """Somebody with unique words: a surname in Cyrillic, a city in Latin letters, a reason."""

    surname: str
    city: str
    reason: str

    @classmethod
    def new(cls) -> Person:
        """Create a person with random words."""
        surname, reason = ("Ж" + "".join(secrets.choice(CYRILLIC) for _ in range(12)) for _ in range(2))
        return cls(surname, "Zq" + "".join(secrets.choice(LATIN) for _ in range(12)), reason)

    @property
    def address(self) -> str:
        """Return the e-mail address."""
        return f"{self.city}@example.org"


@dataclass
class Campaign:
    """A running site, and the erased values that must not be found.

    owner_url: of the role that owns the tables, where the site's processes have another one.
    """

    postgres: EmbeddedPostgres
    site: WebSite
    mailbox: Mailbox
    gone: dict[str, bytes] = field(default_factory=dict)
    mails_read: int = 0
    owner_url: str = ""

    def sign(self, *people: Person, address: str = "") -> None:
        """Sign publicly and confirm."""
        for person in people:
            form = signer(visibility="PUBLIC", name=f"Ян {person.surname}", city=person.city)
            answer = self.site.post(PETITION_PATH, {**form, "email": address or person.address})
            assert answer.status == 303
        self.note(PENDING)
        codes = {mail["To"]: code_in(mail) for mail in self.deliver()}
        for person in people:
            path = f"/en/confirm/{codes[address or person.address]}/"
            assert self.site.post(path, {"visibility": "PUBLIC", "reason": person.reason}).status == 303

    def leave(self, choices: dict[Person, str]) -> None:
        """Request my-signature links, and lower or withdraw with them."""
        for person in choices:
            assert self.site.post(f"{PETITION_PATH}my-signature/", {"email": person.address}).status == 200
            self.note(KEYS, f"%{person.surname}")
        self.note(PENDING)
        links = {mail["To"]: paths_in(mail)[0] for mail in self.deliver()}
        for person, action in choices.items():
            assert self.site.post(links[person.address], {"action": action}).status == 200

    def erase_for(self, person: Person) -> None:
        """Erase somebody's signature as an organiser does who has seen it."""
        pk = self.site.query("SELECT id FROM signatures_signature WHERE name LIKE %s", [f"%{person.surname}"])[0][0]
        self.note(KEYS, f"%{person.surname}")
        told = manage(self.site.database_url, "shell", "-v0", "-c", ERASE.format(pk=pk), **self.site.env)
        assert told.split()[-1] == "erased"

    def note(self, statement: str, *values: str) -> None:
        """Record keys and encrypted values that will be erased."""
        found = [bytes(value) for (value,) in self.site.query(statement, values) if value]
        assert found
        self.gone |= {value.hex(): value for value in found}

    def still_there(self, statement: str) -> None:
        """Remove recorded values that are still in a row, for people who have only changed their signature."""
        for (value,) in self.site.query(statement):
            self.gone.pop(bytes(value).hex(), None)

    def deliver(self) -> list[EmailMessage]:
        """Run the worker until there are no more mails, and return the new ones."""
        manage(self.site.database_url, "work", "--once", **self.site.env)
        mails = self.mailbox.messages()[self.mails_read :]
        self.mails_read += len(mails)
        return mails

    def rewrite(self) -> str:
        """Rewrite tables as their owner, as a timer does."""
        return manage(self.site.database_url, "rewrite_tables", **self.site.env, DATABASE_OWNER_URL=self.owner_url)

    def as_administrator(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement in the site's database as PostgreSQL's superuser."""
        database = self.site.database_url.rpartition("/")[2].partition("?")[0]
        where: dict[str, Any] = {"host": str(self.postgres.sockets), "user": ADMINISTRATOR, "dbname": database}
        with closing(psycopg2.connect(password=self.postgres._password(ADMINISTRATOR), **where)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

    def found(self, values: dict[str, bytes]) -> set[str]:
        """Return the values found in any file of the cluster except the write-ahead log."""
        self.as_administrator("CHECKPOINT")
        log = self.postgres.cluster / "pg_wal"
        files = [path for path in self.postgres.cluster.rglob("*") if path.is_file() and log not in path.parents]
        everything = b"\0".join(path.read_bytes() for path in files)
        return {what for what, value in values.items() if value in everything}


def parts_of(words: Collection[str]) -> dict[str, bytes]:
    """Return the bytes to search for: words as typed, as folded for searches, and their fragments."""
    parts = {
        spelling[start : start + FRAGMENT_LETTERS]
        for word in words
        for spelling in (word, word.lower(), word.upper())
        for start in range(len(spelling) - FRAGMENT_LETTERS + 1)
    }
    return {part: part.encode() for part in parts}


@contextmanager
def campaign(*, has_two_roles: bool = False, env: Mapping[str, str] | None = None) -> Iterator[Campaign]:
    """Run a site on a PostgreSQL whose files nobody else writes to.

    :param has_two_roles: whether the site's processes have the login of a role that owns nothing
    :param env: settings in addition to those of the tests
    """
    # In the folder of this run, which PostgreSQL's own account may enter.
    run = Path(os.environ["STATIC_ROOT"]).parent
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="files-", dir=run)))
        postgres = EmbeddedPostgres(folder, "files", durable=False)
        stack.callback(postgres.stop)
        postgres.start()
        postgres.ensure_database("template")
        _, url = stack.enter_context(new_database("template", postgres.url("postgres")))
        mails = folder / "mail"
        mails.mkdir()
        site_env = {"EMAIL_URL": mails.as_uri(), "WEB_WORKERS": "1", **(env or {})}
        if has_two_roles:
            site_env["DATABASE_URL"] = urlsplit(make_serving_role(postgres))._replace(path=urlsplit(url).path).geturl()
        owner_url = url if has_two_roles else ""
        manage(url, "migrate", "--verbosity=0", **site_env, DATABASE_OWNER_URL=owner_url)
        manage(url, "load_first_petition", **site_env)
        site = WebSite(url, folder, site_env)
        stack.callback(site.stop)
        site.query(ASK_FOR_CITY)
        site.start()
        yield Campaign(postgres, site, Mailbox(mails), owner_url=owner_url)
