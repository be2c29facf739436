"""The first page of the desk: how each campaign goes, what waits, and what to do where there is nothing yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.access import Rights, acting_organiser
from signatures.admin.charts import Share, Strip, day_in_words, hour_in_words, share, shares, signed, strip_of
from signatures.admin.first_steps import Step, first_steps
from signatures.admin.purge_page import warn_of_erasure
from signatures.admin.to_do import ToDo, to_do
from signatures.counting.watching import Watched, watch
from signatures.languages import language_choices, page_languages
from signatures.links import LanguageLink, PetitionUrls, language_links, petition_url
from signatures.models import Organiser, OutgoingMail, Petition, TextVersion
from signatures.models.choices import Phase, Visibility
from signatures.models.rights import may, petitions_where
from signatures.moderating.waiting import WAITING_MAX
from signatures.safeguarding.countries import country_names
from signatures.texts.petition_state import signing_period

CARDS_MAX = 12
# Below the cards these have a line each; the rest is in the list of petitions.
LINES_MAX = 50
# What is under way comes first.
ORDER = (Phase.OPEN, Phase.UPCOMING, Phase.DRAFT, Phase.CLOSED)
# The lists of the desk in the order in which a campaign needs them, by the names that organisers use.
ROOMS = {
    "Petition": _("Petitions"),
    "Signature": _("Signatures"),
    "Update": _("News"),
    "Delivery": _("Hand-overs"),
    "Organiser": _("People"),
    "AuditEntry": _("Audit log"),
    "TextVersion": _("Text versions"),
    "BounceCount": _("Mails that came back"),
}


@dataclass(frozen=True)
class Split:
    """The count by one dimension."""

    title: str
    of: str
    shares: list[Share]


@dataclass(frozen=True)
class Card:
    """What is shown of one petition.

    :param state: whether and until when it can be signed
    :param pages: its public page in each language; empty before anybody may read it
    :param urls: its other public pages, in the organiser's language if it has that
    :param steps: what to do before people can sign; empty once they can
    :param flow: what has become of the forms that were sent
    """

    petition: Petition
    rights: Rights
    state: str
    watched: Watched
    to_do: Sequence[ToDo]
    steps: list[Step]
    pages: list[LanguageLink]
    urls: PetitionUrls
    text: str
    today: str
    week: str
    days: Strip
    hours: Strip
    flow: list[Share]
    splits: list[Split]

    @property
    def has_numbers(self) -> bool:
        """Return whether anything has happened yet."""
        return bool(self.watched.kinds)


@dataclass(frozen=True)
class Line:
    """A petition that has no card.

    :param state: its phase in words
    :param count: how many signatures count
    """

    petition: Petition
    state: str
    count: int
    to_do: Sequence[ToDo]


def dashboard_context(request: HttpRequest) -> dict[str, Any]:
    """Return the template context: a card for each petition, as far as this organiser may see petitions."""
    organiser = acting_organiser(request)
    if not organiser.has_perm("signatures.view_petition"):
        return {"may_watch": False}
    petitions = list(_petitions(organiser)[: CARDS_MAX + LINES_MAX + 1])
    shown = petitions[: CARDS_MAX + LINES_MAX]
    waits = to_do(organiser, shown)
    first, others = shown[:CARDS_MAX], shown[CARDS_MAX:]
    watched = watch([petition.pk for petition in first])
    if request.method == "GET":
        warn_of_erasure(request, besides=[petition.pk for petition in shown])
    return {
        "may_watch": True,
        "cards": [_card(petition, watched[petition.pk], waits.get(petition.pk, ()), organiser) for petition in first],
        "lines": [Line(one, _state(one), one.exact_count, waits.get(one.pk, ())) for one in others],
        "has_more": len(petitions) > len(shown),
        "mail": mail_queue() if may(organiser, "view_petition", None) else "",
    }


def rooms_of(app_list: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lists that this organiser may open, by use, under the names of ROOMS.

    :param app_list: as Django orders them
    """
    order = [*ROOMS]
    models = [model for app in app_list for model in app["models"] if model["admin_url"]]
    named = [{**model, "name": ROOMS.get(model["object_name"], model["name"])} for model in models]
    return sorted(named, key=lambda one: order.index(one["object_name"]) if one["object_name"] in order else len(order))


def mail_queue() -> str:
    """Return a sentence on the mails that are still to be sent."""
    waiting = OutgoingMail.objects.all().waiting_since(WAITING_MAX)
    if not waiting:
        return gettext("No mail is waiting to be sent.")
    sentence = ngettext(
        "%(n)s mail is waiting to be sent, since %(instant)s UTC.",
        "%(n)s mails are waiting to be sent, the oldest since %(instant)s UTC.",
        len(waiting),
    )
    if len(waiting) == WAITING_MAX:
        sentence = gettext("%(n)s mails or more are waiting to be sent, the oldest since %(instant)s UTC.")
    return sentence % {"n": intcomma(len(waiting)), "instant": date_format(waiting[0], "DATETIME_FORMAT")}


def _petitions(organiser: Organiser) -> Any:
    newest = TextVersion.objects.filter(petition=OuterRef("pk")).order_by("-number").values("number")[:1]
    place = Case(
        *(When(Q(phase=phase), then=Value(number)) for number, phase in enumerate(ORDER)),
        output_field=IntegerField(),
    )
    petitions = petitions_where(organiser, "view_petition").filter(archived_at__isnull=True)
    petitions = petitions.with_count().with_phase().with_text_languages()
    return (
        petitions.annotate(newest_text=Subquery(newest), place=place)
        .prefetch_related("recipients")
        .order_by("place", F("opens_at").desc(nulls_last=True), "-pk")
    )


def _state(petition: Petition) -> str:
    return str(Phase(petition.phase).label)  # type: ignore[attr-defined]


def _card(petition: Petition, watched: Watched, waits: Sequence[ToDo], organiser: Organiser) -> Card:
    newest: int | None = petition.newest_text  # type: ignore[attr-defined]
    is_public = newest is not None and petition.phase != Phase.DRAFT  # type: ignore[attr-defined]
    languages = page_languages(petition.text_languages or []) if is_public else []
    spoken = (get_language() or "en")[:2]
    reader = spoken if spoken in languages else next(iter(languages), spoken)
    urls = PetitionUrls(petition.slug, reader)
    pages = {language: petition_url("petition", language, petition.slug) for language in languages}
    return Card(
        petition=petition,
        rights=Rights(organiser, petition.pk),
        state=signing_period(petition.phase, petition.opens_at, petition.closes_at) or _state(petition),  # type: ignore[attr-defined]
        watched=watched,
        to_do=waits,
        steps=[] if is_public else first_steps(petition, organiser),
        pages=language_links(pages),
        urls=urls,
        text=urls.of("text_version", number=newest) if is_public and newest is not None else "",
        today=signed(watched.today),
        week=signed(watched.week),
        days=strip_of(watched.days, day_in_words),
        hours=strip_of(watched.hours, hour_in_words),
        flow=_flow(watched),
        splits=_splits(watched, spoken),
    )


def _flow(watched: Watched) -> list[Share]:
    others = watched.sent - watched.confirmed - watched.expired
    parts = {
        gettext("Became signatures"): watched.confirmed,
        gettext("Expired without an answer"): watched.expired,
        gettext("Still waiting, held, or signed once more"): others,
    }
    return [share(name, amount, watched.sent) for name, amount in parts.items()] if others >= 0 else []


def _splits(watched: Watched, spoken: str) -> list[Split]:
    named: dict[str, tuple[str, str, Mapping[str, Any], str]] = {
        "country": (
            gettext("By country"),
            gettext("Country"),
            country_names(spoken),
            gettext("All others"),
        ),
        "language": (gettext("By language"), gettext("Language"), dict(language_choices()), ""),
        "visibility": (
            gettext("By who may see the name"),
            gettext("Who may see the name"),
            dict(Visibility.choices),
            "",
        ),
    }
    return [
        Split(title, heading, shares(watched.split(dimension), names, rest))
        for dimension, (title, heading, names, rest) in named.items()
        if watched.split(dimension)
    ]
