"""The page of one text version in every language, with the changes since the previous one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.cache import cache_control

from signatures.models import TextVersion, TextVersionBody
from signatures.models.choices import Profile
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.difference import Paragraph
from signatures.texts.html_printer import render_markdown
from signatures.texts.invisible import in_one_line
from signatures.texts.petition_page import published_page
from signatures.texts.readable import readable_paragraphs
from signatures.texts.relied_on import relied_on_in, relied_on_lines
from signatures.texts.shown_version import version_to_show

NUMBER_MAX = 2**31 - 1


@dataclass(frozen=True)
class Edition:
    """A version in one language.

    :param changes: paragraphs in which it differs from the previous version
    :param is_new: whether the previous version lacks this language
    """

    language: str
    title: str
    summary: str
    body_html: SafeString
    consent: str
    changes: list[Paragraph]
    is_new: bool


@dataclass(frozen=True)
class Addressee:
    """A recipient of a version, and its difference from the previous version: added, removed, changed or none."""

    name: str
    gives_names: bool
    change: str


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def text_version(request: HttpRequest, language: str, slug: str, number: int) -> HttpResponse:
    """Show what signers were shown, with its digest.

    :raises Http404: if there is no such version
    """
    newest = version_to_show(slug, language)
    if number > NUMBER_MAX:
        raise Http404
    found = {
        version.number: version for version in newest.petition.text_versions.filter(number__in=[number, number - 1])
    }
    if number not in found:
        raise Http404
    version, before = found[number], found.get(number - 1)
    context = {
        "page": published_page(newest, language),
        "number": number,
        "published_on": published_on(version),
        "digest": version.digest,
        "editions": _editions(version, before, language),
        "relied_on": relied_on_lines(relied_on_in(version), relied_on_in(before) if before else None),
        "addressees": _addressees(version, before, language),
        "before": number - 1 if before else None,
        "after": number + 1 if number < newest.number else None,
        "newest": newest.number,
    }
    return render(request, "publishing/text_version.html", context)


def published_on(version: TextVersion) -> date:
    """Return the UTC day on which a version was published."""
    return version.published_at.astimezone(UTC).date()


def _editions(version: TextVersion, before: TextVersion | None, language: str) -> list[Edition]:
    """Return the version in each of its languages, the page's language first."""
    bodies = {body.language: body for body in version.bodies.all()}
    before_that = before.languages if before else version.languages
    in_order = sorted(version.ordered_languages, key=lambda code: code != language)
    return [_edition(bodies[code], is_new=code not in before_that) for code in in_order]


def _edition(body: TextVersionBody, *, is_new: bool) -> Edition:
    changes = readable_paragraphs(body.changes)
    title, summary, consent = map(in_one_line, (body.title, body.summary, body.consent))
    return Edition(body.language, title, summary, render_markdown(body.body), consent, changes, is_new)


def _addressees(version: TextVersion, before: TextVersion | None, language: str) -> list[Addressee]:
    def shown(of: TextVersion | None) -> dict[int, tuple[str, bool]]:
        entries = of.recipients.select_related("recipient") if of else []
        return {
            entry.recipient_id: (entry.recipient.name_in(language), entry.profile == Profile.NAMES) for entry in entries
        }

    now, then = shown(version), shown(before)
    lines = []
    for pk, (name, gives_names) in now.items():
        change = "" if before is None or then.get(pk) == (name, gives_names) else "changed" if pk in then else "added"
        lines.append(Addressee(name, gives_names, change))
    return lines + [Addressee(*then[pk], "removed") for pk in then.keys() - now.keys()]
