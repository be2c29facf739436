"""Two petitions of different kinds on one site, with distinguishable values in all fields."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models.functions import Now
from django.test import Client

from signatures.models import Delivery, LeadPetitioner, Petition, Recipient, Update
from signatures.models.choices import Profile, SharePlace, Visibility
from signatures.models.packing import PUBLIC_KEY
from signatures.models.protection import Protection
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.hand_overs import answer, grow_older, hand_over, prepare, texts_in
from tests.support.releases import release

FIELDS = ("title", "summary", "body", "consent", "responsible_body", "thanks", "closing_words")
NOTICES = ("safety_notice", "sharing_notice", "confidentiality")
LETTERS = "abcdefghijklmnop"


@dataclass
class Told:
    """A petition with a unique word that is in each of its values.

    :param languages: the first is that of its hand-overs
    :param countries: those shown first
    :param shown_count: what its pages say of its count
    :param digests: of its files by their names, and of its texts by their numbers
    """

    word: str
    languages: Sequence[str]
    countries: Sequence[str]
    shown_count: str
    petition: Petition = field(init=False)
    digests: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, language: str = "") -> str:
        """Return a value of the petition's own, which says what it is of."""
        return " ".join([self.word, *name.split("_"), language]).strip().capitalize()

    def in_each(self, *names: str) -> dict[str, str]:
        """Return the columns of texts in each language with values of the petition's own."""
        return {f"{name}_{code}": self.value(name, code) for name in names for code in self.languages}

    def found_in(self, text: str) -> set[str]:
        """Return what a text says of this petition."""
        said = text.casefold()
        return {trace for trace in {self.word, *self.digests.values()} if trace.casefold() in said}

    @property
    def deliveries(self) -> list[Delivery]:
        """Return the hand-overs, the oldest first."""
        return list(self.petition.deliveries.order_by("id"))


@dataclass
class Leaks:
    """Where something of one petition stood on a page, in a mail or in a file of the other."""

    guarded: Told
    park: Told
    found: list[tuple[str, str, set[str]]] = field(default_factory=list)
    places: int = 0

    def other(self, of: Told) -> Told:
        """Return the petition beside one."""
        return self.park if of is self.guarded else self.guarded

    def look(self, of: Told, place: str, *texts: str) -> None:
        """Look for the other petition in what one's place says."""
        other = self.other(of)
        self.places += 1
        self.found += [(of.word, place, leaked) for text in texts if (leaked := other.found_in(text))]


def make_two(organiser: Client) -> Leaks:
    """Return a guarded petition in three languages and one on a park in English, with something of everything."""
    guarded = Told("qoldra", ("be", "ru", "en"), ("BY", "LT"), "38")
    park = Told("wexlim", ("en",), ("FR", "NZ"), "29")
    park.petition = _make(
        park,
        protection=Protection.ORDINARY,
        share_places=[SharePlace.FACEBOOK, SharePlace.EMAIL],
        opens_at=datetime(2013, 5, 17, tzinfo=UTC),
        erase_on=date(2098, 7, 19),
        goal=700,
        asks_city=True,
    )
    guarded.petition = _make(
        guarded,
        protection=Protection.GUARDED,
        share_places=[SharePlace.TELEGRAM],
        opens_at=datetime(2012, 3, 14, tzinfo=UTC),
        erase_on=date(2099, 8, 23),
        goal=900,
    )
    for one, numbers in ((park, (11, 8, 10)), (guarded, (15, 12, 11))):
        _sign(one, numbers)
    assert release(guarded.petition, timedelta(hours=1))
    for one in (guarded, park):
        _hand_over(one, organiser)
    return Leaks(guarded, park)


def _make(told: Told, **values: Any) -> Petition:
    petition = Petition.objects.create(
        slug=f"{told.word}-petition",
        status="OPEN",
        languages=list(told.languages),
        contact=f"{told.word}@example.org",
        countries_first=list(told.countries),
        **told.in_each(*FIELDS, *NOTICES),
        **values,
    )
    for position, profile in enumerate((Profile.NAMES, Profile.TOTALS)):
        names = {f"name_{code}": told.value(f"recipient_of_{profile.lower()}", code) for code in told.languages}
        Recipient.objects.create(petition=petition, profile=profile, position=position, **names)
    LeadPetitioner.objects.create(
        petition=petition,
        name=told.value("petitioner"),
        address=told.value("address"),
        **told.in_each("nationality"),
    )
    publish_text(petition=petition, actor=None)
    changed = {name: f"{text}, changed" for name, text in told.in_each("body").items()}
    Petition.objects.filter(pk=petition.pk).update(**changed)
    petition.refresh_from_db()
    publish_text(petition=petition, actor=None)
    news = {name: f"News: {text}" for name, text in told.in_each("title", "body").items()}
    Update.objects.create(petition=petition, published_at=Now(), **news)
    return petition


def _sign(told: Told, numbers: Sequence[int]) -> None:
    """Let people sign, with each of the three visibilities."""
    for visibility, number in zip(Visibility, numbers, strict=True):
        for letter in LETTERS[:number]:
            values: dict[str, Any] = {"country": told.countries[0], "language": told.languages[0]}
            if visibility != Visibility.COUNTED:
                values["name"] = told.value(f"signer_{letter}")
                values |= {"city": told.value("city")} if told.petition.asks_city else {}
            if visibility == Visibility.PUBLIC:
                values |= {"reason": told.value("reason"), "reason_approved": True}
            factories.make_signature(told.petition, visibility=visibility, **values)
    grow_older(told.petition)


def _hand_over(told: Told, organiser: Client) -> None:
    """Hand names to one recipient, who answers; numbers are ready for the other."""
    layout = {
        "language": told.languages[0],
        "with_workbook": "on",
        "with_document": "on",
        "with_latin": "on",
        "with_petitioner": "on",
        "reason": told.value("purpose"),
    }
    names, totals = told.petition.recipients.order_by("position")
    delivery = hand_over(organiser, names, **layout)
    replies = {"reply_en": "", "reply_ru": "", **told.in_each("reply")}
    assert answer(organiser, delivery, None, **replies).status_code == 302
    assert delivery.packing is not None
    told.digests = {file["name"]: file["sha256"] for file in delivery.packing.all_files if file["name"] != PUBLIC_KEY}
    told.digests |= {str(one.number): one.digest for one in told.petition.text_versions.all()}
    prepare(organiser, totals, **layout)


def said_in_package(package: bytes) -> Iterator[tuple[str, str]]:
    """Yield the name of each file of a ZIP with what it says, as often as it says it in different ways."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for name in archive.namelist():
            for text in texts_in(name, archive.read(name)):
                yield name, text
