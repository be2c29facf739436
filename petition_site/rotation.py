"""New values for all secrets after a break-in, in an order in which nobody who signed is lost or counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings

from petition_site.new_secrets import MAKERS, secret
from signatures.safeguarding.secret_marks import LOSSES

# How long attempts, mails and links live that were made under the old secrets.
STEP_DAYS = 8


@dataclass(frozen=True)
class Line:
    """A line of the settings' file, and why it is as it is; without a value the setting stays."""

    name: str
    value: str | None
    why: str


def _alone(name: str) -> str:
    return MAKERS[name]()


def _in_front(name: str) -> str:
    return ",".join([MAKERS[name](), *getattr(settings, name)])


def _behind(name: str) -> str:
    """Return the versions that stand there and then a new one: an attempt knows its address under those alone."""
    known: dict[int, str] = getattr(settings, name)
    entries = [f"{version}:{value}" for version, value in known.items()]
    return ",".join([*entries, f"{max(known) + 1}:{secret()}"])


# What leaked opens nothing once it stands nowhere. What those who signed rely on is kept for as long as they do.
FIRST: tuple[tuple[str, Callable[[str], str] | None, str], ...] = (
    ("SECRET_KEY", _alone, "all sessions and known browsers of organisers end"),
    ("MY_SIGNATURE_KEYS", _alone, "open links end, since whoever has the key can make some; people ask for new ones"),
    ("NO_MAIL_KEYS", _alone, "links in mails that were sent end; every later mail has one"),
    ("NETWORK_SECRET", _alone, "limits start anew"),
    ("DELIVERY_SIGNING_KEY", _alone, "tell recipients the new key; hand-overs before keep their own"),
    ("ENCRYPTION_KEYS", _in_front, "the worker encrypts anew; what waits stays readable"),
    ("NEWS_KEYS", _in_front, "the worker encrypts anew the addresses of those who want news, and knows them again"),
    ("JOURNAL_KEYS", _in_front, "what was noted before stays readable by the old one"),
    ("CODE_SECRETS", _in_front, "codes in mails that were sent still confirm"),
    (
        "EMAIL_KEY_SECRETS",
        _behind,
        "the new one comes last: those who signed are still recognised, and none counts twice",
    ),
    ("MAIL_KEY_SECRET", None, "stays: with another one, those who asked for no more mails would be sent some"),
)


def first_step() -> Iterator[Line]:
    """Yield the lines of the first day, in the order in which they are to be put in."""
    for name, make, why in FIRST:
        yield Line(name, None if make is None else make(name), why)
        if name == "SECRET_KEY":
            yield Line("SECRET_KEY_FALLBACKS", "", "nothing that the old key signed is taken")
    if settings.MIRRORS_SIGNING_KEY:
        yield Line("MIRRORS_SIGNING_KEY", MAKERS["DELIVERY_SIGNING_KEY"](), "tell the new key where people look for it")
    if settings.METRICS_TOKEN:
        yield Line("METRICS_TOKEN", secret(), "tell your monitoring")


def replaced_at_once() -> list[str]:
    """Return the settings whose earlier secrets end on the first day, though the database knows them."""
    return [name for name, make, _ in FIRST if make is _alone and name in LOSSES]


def second_step() -> Iterator[Line]:
    """Yield the lines that follow eight days later: nothing of before waits any more."""
    for name in ("ENCRYPTION_KEYS", "CODE_SECRETS", "NEWS_KEYS"):
        yield Line(name, getattr(settings, name)[0], "the old ones go")
    known = settings.EMAIL_KEY_SECRETS
    newest = max(known)
    order = [newest, *(version for version in known if version != newest)]
    entries = ",".join(f"{version}:{known[version]}" for version in order)
    yield Line(
        "EMAIL_KEY_SECRETS", entries, "the new one comes first; keep the old ones until the petitions are purged"
    )
