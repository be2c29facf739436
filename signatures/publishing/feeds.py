"""The Atom feed of a petition (RFC 4287): news, hand-overs and replies, for those who follow it without an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import StringIO
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from signatures.links import absolute
from signatures.models import Petition
from signatures.publishing.deliveries import DeliveryEntry, delivery_entries
from signatures.publishing.news import UpdateEntry, update_entries
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.petition_page import PetitionPage, published_page
from signatures.texts.shown_version import version_to_show

# The newest ones; programs that follow a feed keep what they have seen.
ENTRIES_MAX = 50
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class FeedEntry:
    """Something that happened in a campaign.

    :param key: what its permanent identifier is made of
    :param path: of the page that tells it, with its place there
    :param day: the UTC day that the page tells; the feed tells no time of day either
    :param language: the language of its title and content
    :param content: HTML
    """

    key: str
    path: str
    day: date
    language: str
    title: str
    content: str


class CampaignFeed(Atom1Feed):
    """Atom with the whole content of each entry, and with dates that depend on what is told alone."""

    def latest_post_date(self) -> datetime:
        """Return when anything in the feed last changed; the same content must give the same bytes."""
        times: list[datetime] = [self.feed["changed_at"], *(item["updateddate"] for item in self.items)]
        return max(times)

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        """Mark an entry in another language than the feed's."""
        return {} if item["language"] == self.feed["language"] else {"xml:lang": item["language"]}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Write the description as the content, which it is, rather than as a summary."""
        super().add_item_elements(handler, item | {"description": None})
        handler.addQuickElement("content", item["description"], {"type": "html"})


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def feed(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Return the feed of a petition in a language, the newest first; it tells nothing that its pages do not."""
    version = version_to_show(slug, language)
    page = published_page(version, language)
    campaign = _campaign(version.petition)
    found = CampaignFeed(
        title=_in_xml(page.title),
        subtitle=_in_xml(page.summary),
        description="",
        link=absolute(page.url),
        feed_url=absolute(page.urls["feed"]),
        feed_guid=uuid5(campaign, f"{language}/feed").urn,
        language=language,
        author_name=_in_xml(page.responsible_body),
        changed_at=_midnight(version.published_at.astimezone(UTC).date()),
    )
    for entry in feed_entries(page, language):
        found.add_item(
            title=_in_xml(entry.title),
            link=absolute(entry.path),
            description=_in_xml(entry.content),
            unique_id=uuid5(campaign, f"{language}/{entry.key}").urn,
            pubdate=_midnight(entry.day),
            updateddate=_midnight(entry.day),
            language=entry.language,
        )
    written = StringIO()
    found.write(written, "utf-8")
    return HttpResponse(written.getvalue(), content_type=found.content_type)


def feed_entries(page: PetitionPage, language: str) -> list[FeedEntry]:
    """Return what happened in a campaign, the newest day first."""
    entries = [_of_news(page, entry) for entry in update_entries(page.petition, language)]
    for entry in delivery_entries(page.petition, language):
        if entry.reply is not None and entry.answered_on is not None:
            entries.append(_of_reply(page, entry, entry.reply, entry.answered_on, language))
        entries.append(_of_delivery(page, entry, language))
    return sorted(entries, key=lambda entry: entry.day, reverse=True)[:ENTRIES_MAX]


def _of_news(page: PetitionPage, entry: UpdateEntry) -> FeedEntry:
    return FeedEntry(
        key=f"news/{entry.mark}",
        path=f"{page.urls['updates']}#{entry.anchor}",
        day=entry.published_on,
        language=entry.language,
        title=entry.title,
        content=entry.body_html,
    )


def _of_delivery(page: PetitionPage, entry: DeliveryEntry, language: str) -> FeedEntry:
    return FeedEntry(
        key=f"hand-over/{entry.number}",
        path=_path_of(page, entry),
        day=entry.handed_over_on,
        language=language,
        title=_("Handed over to: %(recipient)s") % {"recipient": entry.recipient},
        content=render_to_string("publishing/handed_over.html", {"entry": entry}),
    )


def _of_reply(page: PetitionPage, entry: DeliveryEntry, reply: SafeString, day: date, language: str) -> FeedEntry:
    return FeedEntry(
        key=f"reply/{entry.number}",
        path=_path_of(page, entry),
        day=day,
        language=language,
        title=_("Reply from: %(recipient)s") % {"recipient": entry.recipient},
        # The title is in the language of the feed.
        content=format_html('<div lang="{}">{}</div>', entry.reply_language, reply),
    )


def _path_of(page: PetitionPage, entry: DeliveryEntry) -> str:
    return f"{page.urls['deliveries']}#delivery-{entry.number}"


def _campaign(petition: Petition) -> UUID:
    """Return what identifies a petition to those who follow it, whatever becomes of its texts and the site's address.

    It is made of what everybody may read, and of random keys: from row numbers one could count the drafts.
    """
    first = petition.text_versions.order_by("number").values_list("digest", flat=True)[0]
    return uuid5(NAMESPACE_URL, f"{petition.slug}:{first}")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _in_xml(text: str) -> str:
    """Return a text without the characters that no XML may contain, however written (XML 1.0, 2.2)."""
    return NOT_IN_XML.sub(REPLACEMENT, text)
