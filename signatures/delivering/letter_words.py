"""The wording of the covering letter and of the list of names, as the PDF writer takes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import translation
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from signatures.delivering.letter import Letter, PetitionText
from signatures.delivering.writers.pdf.contents import Document, NameWords
from signatures.delivering.writers.pdf.markdown import typst_nodes
from signatures.delivering.writers.pdf.names import visible
from signatures.languages import TRAITS, Language


def document_of(letter: Letter, total_names: int) -> Document:
    """Return a letter worded in its language.

    :param total_names: how many names are handed over with it
    """
    with translation.override(letter.language):
        content = letter_content(letter, total_names)
        to_files = _signatures(letter, total_names, in_files=True)
        return Document(
            language=letter.language,
            title=letter.title,
            part_title=_("%(title)s: names, part %(number)s"),
            page=_("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
            warning=_("Personal data, not for publication"),
            is_personal=letter.is_personal,
            letter=content,
            letter_to_files=content | {"signatures": to_files},
            names=name_words(letter.language),
            made_at=letter.made_at,
        )


def name_words(language: str) -> NameWords:
    """Return the headings above the names, in the active language.

    :param language: language of the letter
    """
    return NameWords(
        heading=_("Names"),
        number=_("No."),
        name=_("Name"),
        country=_("Country"),
        city=_("City"),
        signed_on=_("Signed on"),
        text_version=_("Text version"),
        day_format=TRAITS[Language(language)].list_date,
    )


def letter_content(letter: Letter, total_names: int) -> dict[str, Any]:
    """Return everything before the names in the same file, in the active language."""
    return {
        "date": _day(letter, letter.made_at),
        "recipient": visible(letter.recipient),
        "heading": _("Petition: %(title)s") % {"title": visible(letter.title)},
        "opening": _opening(letter),
        "facts": _facts(letter, total_names),
        "asks_heading": _("What the petition asks"),
        "asks": visible(letter.ordered_texts[0].summary),
        "asks_more": _asks_more(letter),
        "signatures_heading": _("The signatures"),
        "signatures": _signatures(letter, total_names, in_files=False),
        "request_heading": _("Please keep the names confidential") if total_names else _("Please do not publish this"),
        "request": _request(letter, total_names),
        "checking_heading": _("How to check the files"),
        "checking": _(
            "The website lists the digest (SHA-256) of every file that was handed over. Anyone can check there "
            "whether a file is one of them:"
        ),
        "checking_page": letter.hand_overs_page,
        "closing": _("Yours faithfully,"),
        "signed_by": [name for name in (visible(letter.petitioner), visible(letter.responsible_body)) if name],
        "texts": [_text(text) for text in letter.ordered_texts],
        "countries": _countries(letter) if letter.countries else None,
        "versions": _versions(letter) if letter.versions else None,
    }


def _opening(letter: Letter) -> str:
    if letter.total is None:
        return _("We hand over to you a petition that has fewer than ten confirmed signatures.")
    return ngettext(
        "We hand over to you a petition that has %(total)s confirmed signature.",
        "We hand over to you a petition that has %(total)s confirmed signatures.",
        letter.total,
    ) % {"total": _number(letter.total)}


def _asks_more(letter: Letter) -> str:
    """Return the sentence on where the text is; for two languages it keeps the wording of earlier letters."""
    match len(letter.texts):
        case 1:
            return _("The full text follows.")
        case 2:
            return _("The full text follows in both languages.")
    return _("The full text follows in each of its languages.")


def _facts(letter: Letter, total_names: int) -> list[list[str]]:
    """Return name and value of each fact, and the address of its link if it has one."""
    facts = [
        [_("Lead petitioner"), visible(letter.petitioner)],
        [_("Nationality"), visible(letter.nationality)],
        [_("Address"), "\n".join(visible(line) for line in letter.address.splitlines())],
        [_("Responsible for the petition"), visible(letter.responsible_body)],
        [_("Contact"), visible(letter.contact), f"mailto:{letter.contact}"],
        [_("Website"), letter.page, letter.page],
        [pgettext("before their number", "Signatures"), _total(letter)],
        [
            _("of them from the EU countries listed below"),
            "" if letter.total_eu is None else _number(letter.total_eu),
        ],
        [_("Names with this letter"), _number(total_names) if total_names else ""],
        [_("Counted up to"), f"{_day(letter, letter.cut_off)}, {letter.cut_off.astimezone(UTC):%H:%M} UTC"],
    ]
    return [fact for fact in facts if fact[1].strip()]


def _signatures(letter: Letter, total_names: int, *, in_files: bool) -> list[str]:
    sentences = []
    if not total_names:
        sentences.append(_("This document holds numbers only; no names are handed over with it."))
    elif in_files:
        sentences.append(_("The names stand in the files petition-names-1.pdf and following."))
    else:
        sentences.append(_("The names stand at the end of this document."))
    if total_names and letter.unnamed:
        sentences.append(
            ngettext(
                "%(number)s signer is counted without a name: all chose who may see their names, or that no one may.",
                "%(number)s signers are counted without names: all chose who may see their names, or that no one may.",
                letter.unnamed,
            )
            % {"number": _number(letter.unnamed)}
        )
    elif total_names and letter.unnamed is None:
        sentences.append(_("Others are counted without names: all chose who may see their names, or that no one may."))
    if not letter.is_exact:
        sentences.append(
            _(
                "The numbers are those that were published last before these signatures were counted. They move in "
                "steps of ten or more, so that nobody can tell from them who has signed."
            )
        )
    sentences.append(
        _("On the website, one confirmed e-mail address is one signature; identity documents are not checked.")
    )
    return sentences


def _request(letter: Letter, total_names: int) -> list[str]:
    """Return the request for confidentiality; empty if the letter contains no personal data."""
    if not total_names and letter.address:
        return [_("The name and address of the lead petitioner are personal data. Please do not publish them.")]
    if not total_names:
        return [_("The name of the lead petitioner is personal data. Please do not publish it.")] * bool(
            letter.petitioner
        )
    return [visible(letter.confidentiality)] * bool(letter.confidentiality) + [
        _(
            "We ask you not to publish the names, not to disclose them to anyone else, other governments among them, "
            "and to show them only to those who need them to check this petition."
        ),
    ]


def _text(text: PetitionText) -> dict[str, Any]:
    return {"language": text.language, "title": visible(text.title), "blocks": typst_nodes(text.body)}


def _countries(letter: Letter) -> dict[str, Any]:
    return {
        "heading": _("Signatures by country"),
        "intro": _published(letter),
        "head": [_("Country"), _("Signatures")],
        "rows": [[visible(name), _number(amount)] for name, amount in letter.countries],
        "total": [_("Total"), _number(letter.released[0]) if letter.released else _total(letter)],
    }


def _versions(letter: Letter) -> dict[str, Any]:
    return {
        "heading": _("Which text was signed"),
        "intro": [
            _(
                "Each signature is for one numbered version of the text. The digest of a version tells whether a text "
                "is the one that was signed."
            ),
            *(_published(letter) if len(letter.versions) > 1 else []),
        ],
        "head": [_("Version"), _("Digest (SHA-256)"), _("Signatures")],
        "rows": [
            [
                str(version.number),
                version.digest,
                _("not published") if version.signatures is None else _number(version.signatures),
            ]
            for version in letter.versions
        ],
    }


def _published(letter: Letter) -> list[str]:
    """Return a note on the date of a table's numbers if the total beside them is newer."""
    if letter.released is None:
        return []
    count, instant = letter.released
    return [
        ngettext(
            "As published on %(day)s, when there was %(total)s signature.",
            "As published on %(day)s, when there were %(total)s signatures.",
            count,
        )
        % {"day": _day(letter, instant), "total": _number(count)}
    ]


def _total(letter: Letter) -> str:
    return _("fewer than ten") if letter.total is None else _number(letter.total)


def _day(letter: Letter, instant: datetime) -> str:
    return format_date(instant.astimezone(UTC), TRAITS[Language(letter.language)].letter_date)


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)
