"""The page that says everything a draft still lacks, and puts it online."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_on
from signatures.admin.checklist import ONLINE, checklist
from signatures.languages import name_of
from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.models.rights import may
from signatures.texts.going_online import digest_to_go_online, put_online


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def online(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is done and what is missing, or put the petition online.

    :raises PermissionDenied: if the organiser may not write, or not publish when the button is pressed
    """
    is_pressed = request.method == "POST"
    organiser, petition = acting_on(request, "publish_petition" if is_pressed else "change_petition", pk)
    afterwards = reverse("admin:petition_link", args=[pk])
    if is_pressed:
        try:
            put_online(petition=petition, actor=organiser, seen=request.POST.get("seen", ""))
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
        except Petition.DoesNotExist as error:
            raise Http404 from error
        else:
            return HttpResponseRedirect(f"{afterwards}?new=1")
        petition.refresh_from_db()
    newest = petition.text_versions.all().newest_first().first()
    if newest is not None and petition.status != PetitionStatus.DRAFT:
        return HttpResponseRedirect(afterwards)
    recipients = list(petition.recipients.all())
    frozen = admin.site.get_model_admin(Petition).get_readonly_fields(request, petition)
    parts = checklist(petition, recipients, set(frozen))
    # The last part cannot be done before the button is pressed: what it lacks stands among its points.
    is_ready = not any(point.kind == "missing" for part in parts for point in part.points)
    context = {
        **admin.site.each_context(request),
        "title": _("Put the petition online"),
        "petition": petition,
        "parts": parts[:ONLINE],
        "last": parts[ONLINE],
        "missing": [point for part in parts for point in part.points if point.kind == "missing"],
        "is_ready": is_ready,
        "may_publish": may(organiser, "publish_petition", pk),
        "languages": [(code, name_of(code)) for code in petition.ordered_languages],
        "seen": digest_to_go_online(petition, recipients, newest),
    }
    return render(request, "admin/online.html", context)
