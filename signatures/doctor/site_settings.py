"""Settings that are for trials and tests, or missing where the site is public."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from signatures.doctor.findings import Finding, Options, fine, warn, wrong
from signatures.models import Petition
from signatures.models.protection import Protection
from signatures.publishing.health import placeholder_contacts

# Words that give the cause away in whichever petition.
TELLING = {
    "activist",
    "amnesty",
    "belarus",
    "dictator",
    "dissident",
    "freedom",
    "opposition",
    "political",
    "politzek",
    "prisoner",
    "protest",
    "regime",
    "resist",
    "vyzvalenne",
}
WORD_LENGTH_MIN = 5
# Words of many petitions, and of a host that says only that there are some.
HARMLESS = {"petition", "petitions", "signature", "signatures", "example", "release", "support", "appeal", "letter"}


def check_site_settings(options: Options) -> Iterator[Finding]:
    """Check that nothing is set that is for trials and tests."""
    found = []
    if settings.LOCAL_START:
        found.append(wrong("LOCAL_START is set: this is a trial on one machine.", "Take it out of the settings."))
    if settings.PLAIN_HTTP:
        found.append(
            wrong(
                "PLAIN_HTTP is set, which is for tests: names and addresses may travel in the clear, and organisers log"
                " in without a second factor.",
                "Take it out of the settings.",
            )
        )
    if not (settings.OPERATOR_EMAIL or settings.OPERATOR_PING_URL):
        found.append(
            warn(
                "Neither OPERATOR_EMAIL nor OPERATOR_PING_URL is set: nobody is told when something is amiss.",
                "Set both; docs/monitoring.md says how.",
            )
        )
    if settings.DEBUG:
        found.append(wrong("DEBUG is on: error pages show secrets.", "Take it out."))
    if not settings.METRICS_TOKEN:
        found.append(
            warn(
                "METRICS_TOKEN is not set: nobody is told what /-/ready is missing.",
                "Set it to 32 random characters, and let your monitoring send it.",
            )
        )
    yield from found or [fine("No setting of a trial or a test is set.")]
    for slug in placeholder_contacts():
        yield warn(
            f"The contact of the petition {slug} is a placeholder.", "Enter an address at the desk that somebody reads."
        )


def check_host_name(options: Options) -> Iterator[Finding]:
    """Look for names that tell whoever watches a signer's network what is signed.

    The name of the host stands in the clear in DNS and in the first packet of TLS, that of the sender in a mailbox.
    """
    petitions = Petition.objects.all()
    guarded = [one for one in petitions if not Protection(one.protection).rules.mails_name_petition]
    if not guarded:
        yield fine("No petition is guarded, so that names may speak.")
        return
    words = set(TELLING)
    for petition in guarded:
        words |= {word.rstrip("s") for word in _words(petition.slug) + _words(_titles(petition))}
    names = {
        "SITE_ORIGIN": urlsplit(settings.SITE_ORIGIN).hostname or "",
        "MAIL_SENDER": settings.MAIL_SENDER,
        "BOUNCE_ADDRESS": settings.BOUNCE_ADDRESS,
        "MAIL_HELO_NAME": settings.MAIL_HELO_NAME,
    }
    telling = [setting for setting, name in names.items() if any(word in name.lower() for word in words)]
    if telling:
        yield warn(
            f"{' and '.join(telling)} hold words of a guarded petition: whoever watches a signer's network, or looks"
            " into the mailbox, sees what was signed without breaking any encryption.",
            "Move to a name that says nothing; passkeys, links and mails carry the old one, so do it before the"
            " petition opens.",
        )
    else:
        yield fine("The names of host and sender do not say what is signed.")


def _titles(petition: Petition) -> str:
    return " ".join(str(getattr(petition, f"title_{code}", None) or "") for code in petition.languages)


def _words(text: str) -> list[str]:
    found = re.findall(r"\w+", text.casefold().replace("-", " "))
    return [word for word in found if len(word) >= WORD_LENGTH_MIN and word not in HARMLESS]
