"""What the letter and the list of names are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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
class ListedName:
    """A line of the list.

    :param latin: the name in Latin letters, where it was asked for
    :param version: number of the text version that was signed
    :param city: where it was asked for and told
    """

    number: int
    name: str
    country: str
    signed_on: date
    latin: str | None
    version: int
    city: str | None = None
