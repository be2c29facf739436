"""The content of a hand-over's covering letter, and in whose name it is written."""

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
    """A text version and how many signed it, or None if that is not published."""

    number: int
    digest: str
    signatures: int | None


@dataclass(frozen=True)
class Letter:
    """What the covering letter says.

    :param language: language of the letter
    :param texts: the petition in its languages
    :param recipient: name of the recipient in the letter's language
    :param petitioner: name of the lead petitioner; if empty, the letter is from the responsible body alone
    :param nationality: left out if empty, as is the address
    :param responsible_body: who answers for the petition, in the letter's language
    :param confidentiality: why names must stay confidential, in the letter's language, or empty
    :param contact: e-mail address of the responsible body
    :param page: absolute address of the petition's page
    :param hand_overs_page: absolute address of the page that checks files
    :param total: signatures that count, or None if fewer than ten
    :param is_exact: whether the total is exact rather than the last published before the cut-off
    :param released: with an exact total, the total behind the numbers by country and text, and when it was published
    :param unnamed: how many of them are counted without a name, or None if that is not published
    :param total_eu: those from the listed countries of the European Union, or None if none are listed
    :param countries: pairs of country name and number of signatures; empty if they are not to be given
    :param versions: the versions that could be signed by the cut-off
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
        """Return the texts, with the one in the letter's language first if there is one."""
        return sorted(self.texts, key=lambda text: text.language != self.language)

    @property
    def is_personal(self) -> bool:
        """Return whether the letter itself contains personal data."""
        return bool(self.petitioner or self.nationality or self.address)

    @property
    def title(self) -> str:
        """Return the petition's title in the letter's language."""
        return self.ordered_texts[0].title


@dataclass(frozen=True)
class Petitioner:
    """What a letter says about the lead petitioner; what it withholds is empty."""

    name: str = ""
    nationality: str = ""
    address: str = ""


def petitioner_in_letter(petition: Petition, language: str, *, is_disclosed: bool) -> Petitioner:
    """Return what the letter of a hand-over says about the lead petitioner.

    :param language: language of the letter
    :param is_disclosed: whether the letter mentions the lead petitioner at all
    """
    known = LeadPetitioner.objects.filter(petition=petition).first()
    if known is None or not is_disclosed:
        return Petitioner()
    return Petitioner(known.name, text_in(known, "nationality", language), known.address)


def _names_petitioner(delivery: Delivery) -> bool:
    """Return whether the letter names the lead petitioner; like signers' names, not once a recipient gets totals."""
    names_stopped = delivery.profile == Profile.NAMES and delivery.recipient.profile != Profile.NAMES
    return delivery.with_petitioner and not names_stopped


def letter_of(delivery: Delivery, totals: Totals) -> Letter:
    """Return the content of a hand-over's covering letter."""
    language, petition = delivery.language, delivery.petition
    petitioner = petitioner_in_letter(petition, language, is_disclosed=_names_petitioner(delivery))
    signed = signed_versions(delivery, totals)[-1]
    bodies = {body.language: body for body in signed.bodies.order_by("language")}
    # The contact is as of the day of the letter, so that later publications don't change its bytes.
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
