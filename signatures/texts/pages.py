"""What a petition's pages are given to show."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from signatures.links import absolute, petition_url, share_links
from signatures.models import Petition, TextVersion
from signatures.models.choices import Profile
from signatures.models.protection import Protection, ProtectionRules
from signatures.texts.invisible import in_one_line
from signatures.texts.rendering import render_markdown

RECENT_SECONDS = 2.0
_recent: dict[str, tuple[float, TextVersion]] = {}


@dataclass(frozen=True)
class PetitionPage:
    """A petition in one language, as its newest text version has it."""

    slug: str
    url: str
    title: str
    summary: str
    body_html: SafeString
    consent: str
    opened_on: date | None
    counted_since: date | None
    closes_at: datetime | None
    status: str
    is_open: bool
    opens_later: bool
    purged_on: date | None
    version: int
    responsible_body: str
    contact: str
    names_recipients: list[str]
    totals_recipients: list[str]
    asks_city: bool
    rules: ProtectionRules
    signers_url: str
    deliveries_url: str
    updates_url: str
    my_signature_url: str
    sent_url: str
    thanks_url: str
    ledger_url: str
    ledger_json_url: str
    text_url: str
    card_url: str
    qr_url: str

    @property
    def share_links(self) -> list[tuple[str, str]]:
        """Return the name and the link of each place that the petition can be passed on to."""
        return share_links(absolute(self.url), self.title)


def newest_version(slug: str) -> TextVersion:
    """Return the newest text of a petition that anyone may read, with its petition and whether it takes signatures now.

    :raises Http404: if there is none
    """
    version = TextVersion.objects.newest_public(slug)
    if version is None:
        _recent.pop(slug, None)
        raise Http404
    _recent[slug] = time.monotonic(), version
    return version


def recent_version(slug: str) -> TextVersion:
    """Return what newest_version returned at most two seconds ago in this process, for writes that check it again.

    :raises Http404: if there is none
    """
    looked_up, version = _recent.get(slug, (0.0, None))
    if version is None or time.monotonic() - looked_up > RECENT_SECONDS:
        return newest_version(slug)
    return version


def published_page(version: TextVersion, language: str) -> PetitionPage:
    """Return a published text as its pages show it."""
    petition = version.petition
    body = version.bodies.get(language=language)
    recipients = list(version.recipients.select_related("recipient"))
    return _page(
        petition,
        language,
        title=body.title,
        summary=body.summary,
        body=body.body,
        consent=body.consent,
        version=version.number,
        open_now=version.open_now,
        responsible_body=body.responsible_body,
        contact=version.contact,
        asks_city=version.asks_city,
        rules=version.rules,
        recipients=[(_name(entry.recipient, language), entry.profile) for entry in recipients],
    )


def draft_page(petition: Petition, language: str) -> PetitionPage:
    """Return the draft as it would look, for organisers."""
    return _page(
        petition,
        language,
        title=getattr(petition, f"title_{language}") or "",
        summary=getattr(petition, f"summary_{language}") or "",
        body=getattr(petition, f"body_{language}") or "",
        consent=getattr(petition, f"consent_{language}") or "",
        version=0,
        open_now=True,
        responsible_body=getattr(petition, f"responsible_body_{language}") or "",
        contact=petition.contact,
        asks_city=petition.asks_city,
        rules=Protection(petition.protection).rules,
        recipients=[(_name(recipient, language), recipient.profile) for recipient in petition.recipients.all()],
    )


def _name(recipient: object, language: str) -> str:
    return getattr(recipient, f"name_{language}") or ""


def _page(
    petition: Petition,
    language: str,
    *,
    title: str,
    summary: str,
    body: str,
    consent: str,
    version: int,
    open_now: bool,
    responsible_body: str,
    contact: str,
    asks_city: bool,
    rules: ProtectionRules,
    recipients: list[tuple[str, str]],
) -> PetitionPage:
    names = {
        name: petition_url(name, language, petition.slug)
        for name in (
            "petition",
            "signers",
            "deliveries",
            "updates",
            "my_signature_request",
            "sent",
            "thanks",
            "ledger",
            "ledger_json",
            "card",
            "qr",
        )
    }
    return PetitionPage(
        slug=petition.slug,
        url=names["petition"],
        title=in_one_line(title),
        summary=in_one_line(summary),
        body_html=render_markdown(body),
        consent=in_one_line(consent),
        opened_on=petition.opens_at.astimezone(UTC).date() if petition.opens_at else None,
        counted_since=petition.created_at.astimezone(UTC).date() if petition.created_at else None,
        closes_at=petition.closes_at,
        status=petition.status,
        is_open=open_now,
        opens_later=petition.opens_at is not None and petition.opens_at > timezone.now(),
        purged_on=petition.purged_at.astimezone(UTC).date() if petition.purged_at else None,
        version=version,
        responsible_body=responsible_body,
        contact=contact,
        names_recipients=[name for name, profile in recipients if profile == Profile.NAMES],
        totals_recipients=[name for name, profile in recipients if profile == Profile.TOTALS],
        asks_city=asks_city,
        rules=rules,
        signers_url=names["signers"],
        deliveries_url=names["deliveries"],
        updates_url=names["updates"],
        my_signature_url=names["my_signature_request"],
        sent_url=names["sent"],
        thanks_url=names["thanks"],
        ledger_url=names["ledger"],
        ledger_json_url=names["ledger_json"],
        text_url=reverse("text_version", kwargs={"language": language, "slug": petition.slug, "number": version or 1}),
        card_url=names["card"],
        qr_url=names["qr"],
    )
