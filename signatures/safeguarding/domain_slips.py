"""Corrects well-known typing mistakes in the domains of addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from signatures.homoglyphs import scripts_of, to_latin, to_latin_by_any_case
from signatures.safeguarding.addresses import LARGE_PROVIDERS, PROVIDERS
from signatures.safeguarding.domain_scripts import in_letters
from signatures.safeguarding.public_suffixes import ending_exists

KNOWN = [*PROVIDERS, *sorted(LARGE_PROVIDERS - PROVIDERS.keys())]
KNOWN_SET = frozenset(KNOWN)
# The endings most likely meant by one that does not exist, in this order.
COMMON_ENDINGS = tuple(
    "com ru by org net de ua pl lt kz uk fr it eu us ca ch at cz lv ee ge am il me info edu se fi no nl es".split()  # noqa: SIM905
)
ENDINGS_IN_CYRILLIC = {"ру": "ru", "ком": "com", "нет": "net", "бай": "by", "бу": "by", "юа": "ua", "уа": "ua"}
NAMES_IN_CYRILLIC = {
    **dict.fromkeys(["яндекс", "яндех", "янд"], "yandex"),
    **dict.fromkeys(["мейл", "майл", "мэйл", "меил", "маил"], "mail"),
    **dict.fromkeys(["гмейл", "гмайл", "джимейл", "жмейл", "гмаил", "гмэйл"], "gmail"),
    "рамблер": "rambler",
    "тут": "tut",
    "аутлук": "outlook",
    "хотмейл": "hotmail",
    "яху": "yahoo",
}
# Providers that have only one ending: any other is a mistake, or a stranger's domain.
ONE_ENDING = {
    "gmail": "gmail.com",
    "googlemail": "googlemail.com",
    "icloud": "icloud.com",
    "rambler": "rambler.ru",
    "hotmial": "hotmail.com",
}
# Names too short to correct by one letter, since the result could be a stranger's domain.
SHORT_SLIPS = {
    **dict.fromkeys("mial.ru maill.ru meil.ru mael.ru amil.ru maul.ru mauk.ru mailru.ru nail.ru".split(), "mail.ru"),  # noqa: SIM905
    **dict.fromkeys("tyt.by tut.bu tutby.by".split(), "tut.by"),  # noqa: SIM905
    **dict.fromkeys("ukrnet.ua ukr.ner ukr.ne".split(), "ukr.net"),  # noqa: SIM905
}
FRONTS = ("www", "m", "e", "mail", "webmail", "touch", "mobile")
# A shorter name that differs by one letter is more often a domain of its own.
CORRECTABLE_LENGTH_MIN = 5


def corrected_domains(domain: str) -> Iterator[str]:
    """Yield the domains that may have been meant, the likeliest first; the domain itself if nothing is wrong."""
    domain = re.sub(r"\.+", ".", re.sub(r"\s+", "", domain)).strip(".-")
    domain = ".".join(_one_script(label).lower() for label in in_letters(domain).split("."))
    front, _, rest = domain.partition(".")
    if (front == "www" and "." in rest) or (front in FRONTS and rest in KNOWN_SET):
        domain = rest
    if domain in KNOWN_SET or domain in SHORT_SLIPS:
        yield SHORT_SLIPS.get(domain, domain)
    elif "." not in domain:
        yield from [known for known in KNOWN if domain in {known.partition(".")[0], known.replace(".", "")}] or [domain]
    else:
        for ended in _with_an_ending(domain):
            yield from _known_names(ended)


def _one_script(label: str) -> str:
    """Return a label in Latin letters if it mixes them with look-alikes, or spells a provider's name in Cyrillic."""
    if label.lower() in NAMES_IN_CYRILLIC:
        return NAMES_IN_CYRILLIC[label.lower()]
    latin = to_latin_by_any_case(label)
    return latin if latin.isascii() and "LATIN" in scripts_of(label) else label


def _with_an_ending(domain: str) -> Iterator[str]:
    """Yield the domain, with likely existing endings if its own does not exist."""
    if ending_exists(domain):
        latin = to_latin(domain)
        yield latin if latin in KNOWN_SET else domain
        return
    name, _, ending = domain.rpartition(".")
    name = to_latin(name) if to_latin(name).isascii() else name
    spelt = ENDINGS_IN_CYRILLIC.get(ending) or (to_latin_by_any_case(ending) if not ending.isascii() else None)
    likely = [spelt] if spelt is not None and spelt.isascii() else []
    # A single letter is too little to guess from.
    likely += [common for common in COMMON_ENDINGS if len(ending) > 1 and differs_by_one(ending, common)]
    found = [f"{name}.{one}" for one in likely if ending_exists(f"x.{one}")]
    # Known providers come first.
    yield from sorted(found, key=lambda one: one not in KNOWN_SET)


def _known_names(domain: str) -> Iterator[str]:
    if domain in KNOWN_SET:
        yield domain
        return
    name, _, ending = domain.partition(".")
    if name in ONE_ENDING and ("." not in ending or ending.partition(".")[0] in {"com", "ru", "co"}):
        yield ONE_ENDING[name]
        return
    near = [known for known in KNOWN if _is_near(name, ending, known)]
    yield from near or [domain]


def _is_near(name: str, ending: str, known: str) -> bool:
    other, _, its_ending = known.partition(".")
    return ending == its_ending and len(other) >= CORRECTABLE_LENGTH_MIN and differs_by_one(name, other)


def differs_by_one(one: str, other: str) -> bool:
    """Return whether two words differ by one letter missing, added or replaced, or by two swapped neighbours."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
