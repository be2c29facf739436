"""What signers rely on besides the text: protection, who is responsible, and what they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from signatures.languages import name_of
from signatures.models import Petition, TextVersion
from signatures.models.protection import Protection, ProtectionRules
from signatures.texts.digest import NOTICES

PARTS = ("responsible_body", *NOTICES)


@dataclass(frozen=True)
class ReliedOn:
    """What signers of one version or draft rely on.

    :param bodies: the texts of each language by part
    """

    protection: Protection
    asks_city: bool
    contact: str
    bodies: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Value:
    """A value, and the one before if it changed.

    :param before: the value in the previous version, or None if unchanged
    :param language: its language, or empty if it is that of the page
    """

    text: str
    before: str | None
    language: str


@dataclass(frozen=True)
class Line:
    """One thing that signers rely on, ready for display.

    :param values: a single value, or one for each language
    :param details: sentences that explain the value
    :param is_literal: whether browsers must not translate it, as for an address
    """

    label: str
    values: list[Value]
    details: list[str]
    is_literal: bool = False

    @property
    def has_changed(self) -> bool:
        """Return whether any value differs from the previous version."""
        return any(value.before is not None for value in self.values)


def relied_on_in(version: TextVersion) -> ReliedOn:
    """Return what the signers of a version rely on."""
    found = {body.language: {part: getattr(body, part) for part in PARTS} for body in version.bodies.all()}
    bodies = {language: found[language] for language in version.ordered_languages}
    return ReliedOn(Protection(version.protection), version.asks_city, version.contact, bodies)


def relied_on_in_draft(petition: Petition) -> ReliedOn:
    """Return what the signers of a draft would rely on."""
    bodies = {
        code: {part: getattr(petition, f"{part}_{code}") or "" for part in PARTS} for code in petition.ordered_languages
    }
    return ReliedOn(Protection(petition.protection), petition.asks_city, petition.contact, bodies)


def relied_on_lines(now: ReliedOn, before: ReliedOn | None) -> list[Line]:
    """Return everything that signers rely on, in the active language, with previous values where they changed."""
    old = before or now
    lines = [
        Line(
            _("Protection"),
            [_value(str(now.protection.label), str(old.protection.label))],
            consequences(now.protection.rules),
        ),
        *([] if now.bodies.keys() == old.bodies.keys() else [_languages_line(now, old)]),
        _line_of(_("Responsible for the petition"), "responsible_body", now, old),
        Line(_("Contact"), [_value(now.contact, old.contact)], [], is_literal=True),
        Line(_("City"), [_value(_city(now), _city(old))], []),
        _line_of(_("Safety notice"), "safety_notice", now, old),
        _line_of(_("Sharing notice"), "sharing_notice", now, old),
        _line_of(_("Why names are confidential"), "confidentiality", now, old),
    ]
    return [line for line in lines if any(value.text or value.before for value in line.values)]


def consequences(rules: ProtectionRules) -> list[str]:
    """Return a sentence for each consequence of a level of protection, in the active language."""
    return [
        _("Mails name the petition and who is responsible for it.")
        if rules.mails_name_petition
        else _("Mails name neither the petition nor who is responsible for it."),
        _("The published number is at most a few seconds old.")
        if rules.count_is_live
        else _("The published number moves by ten or more at a time, at moments that nobody can foresee."),
        _("Names that everyone may see appear together with the number that counts them.")
        if rules.names_wait_for_release
        else _("Names that everyone may see appear at once."),
        _("Links for passing the petition on stand on its page.")
        if rules.shares_on_page
        else _("Links for passing the petition on stand only on the page after confirming."),
    ]


def _line_of(label: str, part: str, now: ReliedOn, old: ReliedOn) -> Line:
    def text(of: ReliedOn, language: str) -> str:
        return of.bodies.get(language, {}).get(part, "")

    languages = [*now.bodies, *(code for code in old.bodies if code not in now.bodies)]
    return Line(label, [_value(text(now, code), text(old, code), language=code) for code in languages], [])


def _languages_line(now: ReliedOn, old: ReliedOn) -> Line:
    names, before = (", ".join(map(name_of, of.bodies)) for of in (now, old))
    return Line(_("Languages of the text"), [_value(names, before)], [])


def _value(text: str, before: str, *, language: str = "") -> Value:
    return Value(text, None if before == text else before, language)


def _city(relied_on: ReliedOn) -> str:
    return _("Signers are asked for it.") if relied_on.asks_city else _("Signers are not asked for it.")
