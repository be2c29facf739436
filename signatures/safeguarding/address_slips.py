"""Suggests what was meant by a text that is not an e-mail address, or that is a well-known typing mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from signatures.homoglyphs import as_on_latin_keys, scripts_of, to_latin, to_latin_by_any_case
from signatures.normal_forms import normal_form
from signatures.safeguarding.addresses import LARGE_PROVIDERS, PROVIDERS
from signatures.safeguarding.domain_slips import corrected_domains

# Characters that word processors and phones put in place of apostrophes and hyphens, and full stops of other scripts.
EXCHANGED = str.maketrans(dict.fromkeys("’‘‛ʼ′`´", "'") | dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("。｡", "."))
KNOWN = frozenset(PROVIDERS) | LARGE_PROVIDERS
AT_WORDS = re.compile(r"\s*(?:[(\[{]\s*(?:at|a|собака|собачка)\s*[)\]}]|\s(?:at|собака|собачка)\s)\s*", re.IGNORECASE)
POINT_WORDS = re.compile(r"\s*(?:[(\[{]\s*(?:dot|точка)\s*[)\]}]|\s(?:dot|точка)\s)\s*", re.IGNORECASE)
# These characters are on the key of the @ on Russian keyboards and those of some other languages.
AT_KEYS = '"№²'
BETWEEN = re.compile(r"(?:mailto:|[\s,;|/<>])+", re.IGNORECASE)
# Characters around each of several addresses, and characters on the keys of the full stop and the comma next to it.
AROUND = "()[]\"“”„«»'‘’"
ON_THE_KEY_OF_A_POINT = str.maketrans(dict.fromkeys(",;:<>", "."))
# The punctuation keys of the Russian layout; the letters are in as_on_latin_keys.
POINTS_ON_LATIN_KEYS = str.maketrans({"ю": ".", "Ю": ".", '"': "@", "б": ",", "э": "'"})


def corrections(text: str) -> Iterator[str]:
    """Yield what may have been meant by a text, the likeliest first; the text itself if nothing needs correcting.

    The results are not necessarily valid addresses.
    """
    plain = normal_form("NFKC", text).translate(EXCHANGED)
    for variant in _with_one_at(plain):
        local, _, domain = variant.rpartition("@")
        for better in corrected_domains(domain):
            yield f"{_corrected_local(local, better)}@{better}"
    if not any(c.isascii() and c.isalpha() for c in text):
        yield as_on_latin_keys(text.translate(POINTS_ON_LATIN_KEYS))


def _with_one_at(text: str) -> Iterator[str]:
    """Yield readings with a single @, without spaces, and with a full stop in place of a comma."""
    if "@" not in text:
        text = unquote(POINT_WORDS.sub(".", AT_WORDS.sub("@", text)))
        for key in AT_KEYS:
            if "@" not in text and text.count(key) == 1:
                text = text.replace(key, "@")
    half = text[: len(text) // 2]
    if "@" in half and half == text[len(half) :].strip():
        text = half.strip()
    text = re.sub("@+", "@", text)
    if text.count("@") == 1:
        yield from _without_blanks(text)
    elif text.count("@") > 1:
        listed = [word.strip(AROUND) for word in BETWEEN.split(text) if word.count("@") == 1]
        if listed:
            yield from listed
        else:
            yield from _of_several_ats(text)


def _without_blanks(text: str) -> Iterator[str]:
    local, _, domain = text.rpartition("@")
    front, colon, last = re.sub("[:<]", ":", local).rpartition(":")
    if colon and not front.endswith(" "):
        yield from _pointed(text)
    # What precedes the colon is more often a label or a name, above all if a space follows.
    yield from _pointed(f"{last}@{domain}" if colon else text)


def _pointed(text: str) -> Iterator[str]:
    pointed = text.translate(ON_THE_KEY_OF_A_POINT)
    whole = re.sub(r"\s*\.\s*", ".", pointed)
    if not re.search(r"\s", whole):
        yield whole
        return
    words = pointed.partition("@")
    first = words[2].split()[0] if words[2].split() else ""
    last = words[0].split()[-1] if words[0].split() else ""
    # A word before the address is more often a name than a part of it.
    if "." in first:
        yield f"{last}@{first.rstrip('.')}"
        yield f"{''.join(words[0].split())}@{first.rstrip('.')}"
        return
    glued, _, end = whole.rpartition("@")
    yield f"{last}@{'.'.join(end.split())}"
    yield f"{''.join(glued.split())}@{'.'.join(end.split())}"


def _of_several_ats(text: str) -> Iterator[str]:
    """Yield readings of ``a@b@c``: an @ for a full stop, a domain typed twice, or an @ in front."""
    local, *others = text.split("@")
    if not local:
        yield "@".join(others)
    elif len(set(others)) == 1:
        yield f"{local}@{others[0]}"
    else:
        yield f"{local}@{'.'.join(others)}"


def _corrected_local(local: str, domain: str) -> str:
    local = re.sub(r"\.+", ".", local).strip(".").removeprefix("www.")
    foreign = sum(not c.isascii() for c in local)
    if any("LATIN" in scripts and len(scripts) > 1 for scripts in map(scripts_of, local.split("."))):
        # Among mostly non-Latin letters, the Latin one is the wrong one.
        latin = to_latin_by_any_case(local) if foreign * 2 <= len(local) else local
    else:
        latin = to_latin(local) if domain in KNOWN else local
    return latin if latin.isascii() else local
