"""Pages for previewing a draft and for publishing it."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from signatures.admin.access import acting_on
from signatures.counting.published import published_numbers
from signatures.languages import name_of
from signatures.links import language_links
from signatures.models import Organiser, Petition
from signatures.models.choices import PetitionStatus
from signatures.models.rights import may
from signatures.signing.forms import SignForm
from signatures.texts.drafting import draft_changes, draft_remarks, lacks_safety_notice, recipient_changes
from signatures.texts.petition_page import draft_page
from signatures.texts.publishing import (
    is_as_published,
    lowers_protection,
    missing_parts,
    next_digest,
    publish_text,
)
from signatures.texts.relied_on import relied_on_in, relied_on_in_draft, relied_on_lines


@require_safe
def preview(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Show the draft as signers would see it, without publishing anything.

    :raises PermissionDenied: if the organiser may not see petitions
    """
    organiser, petition = acting_on(request, "view_petition", pk)
    if language not in petition.languages:
        raise Http404
    with translation.override(language):
        page = draft_page(petition, language)
        form = SignForm(asks_city=page.asks_city)
        form.show_on(page)
        context = {
            "page": page,
            "form": form,
            "going": {"numbers": published_numbers(petition, page.rules)},
            "preview": True,
            "back_url": _back_from(petition, organiser),
            "LANGUAGE_CODE": language,
            "language_links": language_links(
                {
                    code: reverse("admin:petition_preview", kwargs={"pk": pk, "language": code})
                    for code in page.languages
                }
            ),
        }
        return render(request, "signing/petition.html", context)


def _back_from(petition: Petition, organiser: Organiser) -> str:
    """Return the path of the checklist of a draft that this organiser writes, else that of the form."""
    is_written = petition.status == PetitionStatus.DRAFT and may(organiser, "change_petition", petition.pk)
    return reverse("admin:petition_online" if is_written else "admin:signatures_petition_change", args=[petition.pk])


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what publishing would change, or publish the draft as the next version.

    :raises PermissionDenied: if the organiser may not publish
    """
    organiser, petition = acting_on(request, "publish_petition", pk)
    change_page = reverse("admin:signatures_petition_change", args=[pk])
    if request.method == "POST":
        try:
            version = publish_text(petition=petition, actor=organiser, seen=request.POST.get("seen", ""))
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
        else:
            messages.success(request, _("Version %(number)s is published.") % {"number": version.number})
            return HttpResponseRedirect(change_page)
    recipients = list(petition.recipients.all())
    newest = petition.text_versions.all().newest_first().first()
    changes = draft_changes(petition, newest) if newest is not None else []
    relied_on = relied_on_lines(relied_on_in_draft(petition), relied_on_in(newest) if newest is not None else None)
    context = {
        **admin.site.each_context(request),
        "title": _("Publish the text"),
        "petition": petition,
        "recipients": recipients,
        "missing": missing_parts(petition, recipients),
        "unwarned": lacks_safety_notice(petition),
        "remarks": draft_remarks(petition, recipients),
        "newest": newest,
        "lowered": newest is not None and lowers_protection(petition.protection, newest),
        "unchanged": newest is not None and is_as_published(petition, recipients, newest),
        "changes": changes,
        "relied_on": relied_on,
        "relied_on_changes": any(line.has_changed for line in relied_on),
        "recipient_changes": recipient_changes(recipients, newest) if newest is not None else [],
        "seen": next_digest(petition, recipients, newest),
        "one_sided": {bool(one.paragraphs) for one in changes if not one.is_new} == {True, False},
        "languages": [(code, name_of(code)) for code in petition.ordered_languages],
        "opts": Petition._meta,
    }
    return render(request, "admin/publish.html", context)
