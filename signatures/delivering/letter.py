"""What the covering letter of a hand-over says, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signatures.delivering.totals import Totals, country_labels, signed_versions
from signatures.languages import text_in
from signatures.links import absolute, petition_url
from signatures.models import Delivery, LeadPetitioner, Petition
from signatures.models.choices import Profile


@dataclass(frozen=True)
class PetitionText:
    """The petition in one language.

    :param summary: plain text
    :param body: Markdown
    """

    language: str
    title: str
    summary: str
    body: str


@dataclass(frozen=True)
class SignedVersion:
    """A text version and how many signed it, or None where that is not published."""

    number: int
    digest: str
    signatures: int | None


@dataclass(frozen=True)
class Letter:
    """What the covering letter says.

    :param language: of the letter
    :param texts: the petition in its languages
    :param recipient: in the letter's language, as the names of countries are
    :param petitioner: name of the lead petitioner; where it is empty, the letter is from the responsible body alone
    :param nationality: like the address it is left out where it is empty
    :param responsible_body: who answers for the petition, in the letter's language, as the pages are
    :param confidentiality: why names must stay confidential, in the letter's language, or an empty text
    :param contact: e-mail address of the responsible body
    :param page: absolute address of the petition's page
    :param hand_overs_page: absolute address of the page that checks files
    :param total: signatures that count, or None while they are fewer than ten
    :param is_exact: whether the total is exact, or was published last before the cut-off
    :param released: of an exact total, how many were in the numbers by country and text, and when these were published
    :param unnamed: how many of them are counted without a name, or None where that is not published
    :param total_eu: those from the listed countries of the European Union, or None where none are listed
    :param countries: names of countries, each with how many signed there; empty where countries are not to be told
    :param versions: those that could be signed by the cut-off
    :param cut_off: the instant up to which signatures are handed over
    """

    language: str
    texts: tuple[PetitionText, ...]
    recipient: str
    petitioner: str
    nationality: str
    address: str
    responsible_body: str
    confidentiality: str
    contact: str
    page: str
    hand_overs_page: str
    total: int | None
    unnamed: int | None
    total_eu: int | None
    countries: tuple[tuple[str, int], ...]
    versions: tuple[SignedVersion, ...]
    cut_off: datetime
    made_at: datetime
    is_exact: bool = False
    released: tuple[int, datetime] | None = None

    @property
    def ordered_texts(self) -> list[PetitionText]:
        """Return the texts, that in the letter's language first, if there is one."""
        return sorted(self.texts, key=lambda text: text.language != self.language)

    @property
    def is_personal(self) -> bool:
        """Tell whether the letter itself says something of a private person."""
        return bool(self.petitioner or self.nationality or self.address)

    @property
    def title(self) -> str:
        """Return the petition's title in the letter's language."""
        return self.ordered_texts[0].title


@dataclass(frozen=True)
class Petitioner:
    """What a letter tells of the lead petitioner; what is not told is empty."""

    name: str = ""
    nationality: str = ""
    address: str = ""


def petitioner_in_letter(petition: Petition, language: str, *, is_told: bool) -> Petitioner:
    """Return what the letter of a hand-over says of the lead petitioner.

    :param language: of the letter
    :param is_told: whether the recipient is told of the lead petitioner at all
    """
    known = LeadPetitioner.objects.filter(petition=petition).first()
    if known is None or not is_told:
        return Petitioner()
    return Petitioner(known.name, text_in(known, "nationality", language), known.address)


def _tells_petitioner(delivery: Delivery) -> bool:
    """Tell whether the letter names the lead petitioner; like names it does so no more once only totals are given."""
    names_stopped = delivery.profile == Profile.NAMES and delivery.recipient.profile != Profile.NAMES
    return delivery.with_petitioner and not names_stopped


def letter_of(delivery: Delivery, totals: Totals) -> Letter:
    """Return what the covering letter says."""
    language, petition = delivery.language, delivery.petition
    petitioner = petitioner_in_letter(petition, language, is_told=_tells_petitioner(delivery))
    signed = signed_versions(delivery, totals)[-1]
    bodies = {body.language: body for body in signed.bodies.order_by("language")}
    # Whom to write to is told as of the day of the letter; what is published later leaves its bytes as they are.
    newest = petition.text_versions.all().shown_by(delivery.prepared_at).reverse()[0]
    return Letter(
        language=language,
        texts=tuple(PetitionText(body.language, body.title, body.summary, body.body) for body in bodies.values()),
        recipient=delivery.recipient.name_in(language),
        petitioner=petitioner.name,
        nationality=petitioner.nationality,
        address=petitioner.address,
        responsible_body=newest.body_in(language).responsible_body,
        confidentiality=bodies[signed.language_for(language)].confidentiality,
        contact=newest.contact,
        page=absolute(petition_url("petition", language, petition.slug)),
        hand_overs_page=absolute(petition_url("deliveries", language, petition.slug)),
        total=totals.confirmed,
        unnamed=totals.unnamed,
        total_eu=totals.union,
        countries=tuple((name, count) for _code, name, count in country_labels(totals, language)),
        versions=tuple(SignedVersion(v.number, v.digest, v.signatures) for v in totals.versions),
        cut_off=delivery.cut_off,
        made_at=delivery.prepared_at,
        is_exact=totals.is_exact,
        released=totals.released,
    )
