"""Creates and reads codes and tokens, with a separate secret for each purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import secrets
import unicodedata
import uuid
from dataclasses import dataclass
from urllib.parse import unquote

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from signatures.homoglyphs import as_on_latin_keys, to_latin, without_any_invisible
from signatures.normal_forms import normal_form

CODE_BYTES = 10
PRESS_BYTES = 16
ACCESS_BYTES = 32
CODE_LENGTH = 16
GROUP_LENGTH = 4
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
TO_CROCKFORD = str.maketrans(BASE32, CROCKFORD)
# Crockford's base 32 ignores case, and reads letters that look like digits as these.
FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", "З": "3"})
# The part of a link before the code, even in a link rewritten by a mail program.
BEFORE_CODE = re.compile(r"/confirm/", re.IGNORECASE)
# Four groups of four, as in mails, or sixteen characters at once, within a sentence or other copied text. Words of four
# letters look like groups, too, so the lookahead finds all overlapping matches.
LETTER = r"[^\W_]"
GROUPED = re.compile(rf"(?<!{LETTER})(?=((?:{LETTER}{{4}}[\W_]{{1,3}}){{3}}{LETTER}{{4}}|{LETTER}{{16}})(?!{LETTER}))")
# People paste whole links, also ones that a mail program has redirected through another site. This is longer than any
# of them, and short enough that searching takes no noticeable time.
CODE_TYPED_MAX = 2000
URL_SAFE = re.compile(r"[A-Za-z0-9_-]+")
# Characters by which programs replace one or two hyphens.
DASHES = str.maketrans(dict.fromkeys("‐‑‒–−", "-") | {"—": "--"})
ALERTS = b"no alerts"
# Of the link that confirms the wish for news, and of the one that ends it.
NEWS, NO_NEWS = b"news", b"no news"
MY_SIGNATURE_LIFETIME_SECONDS = 7 * 24 * 60 * 60


class InvalidLinkError(ValueError):
    """A token is malformed, not ours, or expired."""


def new_code() -> str:
    """Generate 80 random bits in Crockford's base 32, in groups of four joined by hyphens."""
    code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().translate(TO_CROCKFORD)
    return "-".join(code[i : i + GROUP_LENGTH] for i in range(0, CODE_LENGTH, GROUP_LENGTH))


def canonical_code(text: str) -> str | None:
    """Normalise a typed, copied or pasted code to its sixteen characters, or return None if there is none.

    Case, spaces, punctuation and invisible characters make no difference, nor do letters that look like the Latin ones
    or share their keys. The code may be part of a link or a sentence.
    """
    plain = normal_form("NFKC", without_any_invisible(unquoted(text[:CODE_TYPED_MAX])))
    plain = "".join(str(unicodedata.digit(c, c)) for c in plain)
    if len(parts := BEFORE_CODE.split(plain)) > 1:
        plain = parts[-1]
    return _code_of(plain.partition("/")[0]) or _code_of(plain) or _code_in(plain)


def _code_of(part: str) -> str | None:
    """Return the code if a text consists of one, ignoring punctuation, or None."""
    letters = "".join(c for c in part if c.isalnum())
    for spelt in (to_latin(letters.upper()), as_on_latin_keys(letters).upper()):
        code = spelt.translate(FORGIVEN)
        if len(code) == CODE_LENGTH and set(code) <= set(CROCKFORD):
            return code
    return None


def _code_in(text: str) -> str | None:
    """Return the code in a sentence, or None if there is none or the text is ambiguous."""
    found = [
        (_rank(match.group(1)), match.span(1), code)
        for match in GROUPED.finditer(text)
        if (code := _code_of(match.group(1)))
    ]
    best = [(span, code) for rank, span, code in found if rank == min(found)[0]]
    if not best:
        return None
    # If matches overlap, the earlier one begins with a word before the code.
    (start, _), last = best[-1]
    return None if any(end <= start and code != last for (_, end), code in best) else last


def _rank(part: str) -> tuple[bool, bool]:
    """Return a sort key that puts groups joined by the same punctuation mark first, and then capital letters."""
    marks = {mark for mark in re.split(LETTER, part) if mark}
    return len(marks) != 1 or marks == {" "}, part != part.upper()


def unquoted(text: str) -> str:
    """Decode HTML and URL escapes that a mail program left in a text, up to twice nested."""
    for _ in range(2):
        text = unquote(html.unescape(text))
    return text


def code_hashes(text: str) -> list[bytes]:
    """Return the keyed hashes of a typed code under every secret, the newest first.

    For an invalid code these are the hashes of an empty one, which nobody has, so that the lookup takes as long.
    """
    code = canonical_code(text) or ""
    return [hmac.digest(secret.encode(), code.encode(), hashlib.sha256) for secret in settings.CODE_SECRETS]


def recovery_code_hashes(account: int, text: str) -> list[bytes]:
    """Return the keyed hashes of a typed recovery code of an account under every secret, the newest first.

    For an invalid code these are the hashes of an empty one, which nobody has.
    """
    message = f"recovery\0{account}\0{canonical_code(text) or ''}".encode()
    return [hmac.digest(secret.encode(), message, hashlib.sha256) for secret in settings.CODE_SECRETS]


def new_press() -> str:
    """Generate a random text that identifies one rendering of a page with a button."""
    return secrets.token_urlsafe(PRESS_BYTES)


def press_hash(press: str) -> bytes | None:
    """Return the keyed hash of a press, or None if it is empty."""
    message = b"press\0" + press.encode()
    return hmac.digest(settings.CODE_SECRETS[0].encode(), message, hashlib.sha256) if press else None


def new_access_token() -> str:
    """Generate the token of a link by which the owner of an account sets its password: 256 random bits."""
    return secrets.token_urlsafe(ACCESS_BYTES)


def access_token_hashes(token: str) -> list[bytes]:
    """Return the keyed hashes of such a token under every secret, the newest first."""
    message = b"access\0" + token.encode(errors="replace")
    return [hmac.digest(secret.encode(), message, hashlib.sha256) for secret in settings.CODE_SECRETS]


@dataclass(frozen=True)
class MySignature:
    """The content of a my-signature token.

    :param petition_id: primary key of the petition
    :param email_keys: the address's key under every version of the secret
    """

    petition_id: int
    email_keys: list[bytes]


def my_signature_token(subject: MySignature) -> str:
    """Create an encrypted token for a my-signature link, valid for seven days."""
    data = {"p": subject.petition_id, "k": [base64.b85encode(key).decode() for key in subject.email_keys]}
    return _seal(settings.MY_SIGNATURE_KEYS, json.dumps(data, separators=(",", ":")).encode())


def read_my_signature_token(token: str) -> MySignature:
    """Decrypt a my-signature token.

    :raises InvalidLinkError: if it is not ours or older than seven days
    """
    data = json.loads(_open(settings.MY_SIGNATURE_KEYS, token, MY_SIGNATURE_LIFETIME_SECONDS))
    return MySignature(data["p"], [base64.b85decode(key) for key in data["k"]])


def no_mail_token(mail_key: bytes) -> str:
    """Create an encrypted token by which an address can stop mails; it does not expire."""
    return _seal(settings.NO_MAIL_KEYS, mail_key)


def read_no_mail_token(token: str) -> bytes:
    """Decrypt a no-mail token to the mail key.

    :raises InvalidLinkError: if it is not ours
    """
    return _open(settings.NO_MAIL_KEYS, token, None)


def no_alerts_token(mark: uuid.UUID) -> str:
    """Create an encrypted token by which an organiser's address can end its alerts; it does not expire."""
    return _seal(_keys_for(ALERTS, settings.NO_MAIL_KEYS), mark.bytes)


def read_no_alerts_token(token: str) -> uuid.UUID:
    """Decrypt a no-alerts token to the mark of the wish.

    :raises InvalidLinkError: if it is not ours
    """
    return _read_mark(ALERTS, token)


@dataclass(frozen=True)
class NewsWish:
    """The content of a token that confirms the wish for news.

    :param petition_id: primary key of the petition
    :param language: of the mails
    """

    petition_id: int
    language: str
    address: str


def news_token(wish: NewsWish) -> str:
    """Create an encrypted token for the link that confirms the wish for news, valid for seven days."""
    data = [wish.petition_id, wish.language, wish.address]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return _seal(_keys_for(NEWS, settings.MY_SIGNATURE_KEYS), text.encode())


def read_news_token(token: str) -> NewsWish:
    """Decrypt a token that confirms the wish for news.

    :raises InvalidLinkError: if it is not ours or older than seven days
    """
    keys = _keys_for(NEWS, settings.MY_SIGNATURE_KEYS)
    petition_id, language, address = json.loads(_open(keys, token, MY_SIGNATURE_LIFETIME_SECONDS))
    return NewsWish(petition_id, language, address)


def no_news_token(mark: uuid.UUID) -> str:
    """Create an encrypted token by which an address can end its news; it does not expire."""
    return _seal(_keys_for(NO_NEWS, settings.NO_MAIL_KEYS), mark.bytes)


def read_no_news_token(token: str) -> uuid.UUID:
    """Decrypt a no-news token to the mark of the subscriber.

    :raises InvalidLinkError: if it is not ours
    """
    return _read_mark(NO_NEWS, token)


def _read_mark(purpose: bytes, token: str) -> uuid.UUID:
    try:
        return uuid.UUID(bytes=_open(_keys_for(purpose, settings.NO_MAIL_KEYS), token, None))
    except ValueError as error:
        message = "This link is not valid."
        raise InvalidLinkError(message) from error


def _keys_for(purpose: bytes, keys: list[str]) -> list[str]:
    """Return keys for one more kind of link, so that no token of one kind passes for another.

    Derived, since a further secret in the settings would keep every site from starting until somebody has made one.
    """
    return [base64.urlsafe_b64encode(hmac.digest(key.encode(), purpose, hashlib.sha256)).decode() for key in keys]


def _seal(keys: list[str], data: bytes) -> str:
    return MultiFernet([Fernet(key) for key in keys]).encrypt(data).decode().rstrip("=")


def _open(keys: list[str], token: str, ttl: int | None) -> bytes:
    try:
        # Text copied along after the token is cut off, and every character of the token counts. Python's base64 would
        # skip invalid characters instead, so that different texts would pass as the same token.
        found = URL_SAFE.search("".join(without_any_invisible(unquoted(token)).split()).translate(DASHES))
        if not found:
            raise InvalidToken  # noqa: TRY301
        token = found.group(0)
        padded = token + "=" * (-len(token) % 4)
        return MultiFernet([Fernet(key) for key in keys]).decrypt(padded.encode(), ttl=ttl)
    except (InvalidToken, ValueError) as error:
        message = "This link is not valid."
        raise InvalidLinkError(message) from error
