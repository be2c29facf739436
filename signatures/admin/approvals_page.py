"""The pages of what waits for a second person: the list, and one request to agree to, refuse or carry out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import BadRequest, ObjectDoesNotExist, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from signatures import auditing
from signatures.admin.access import acting_organiser, require_right
from signatures.admin.approval_acts import carry_out, password_form
from signatures.admin.approval_words import TIES, place_of, rule_of, sentences, why
from signatures.admin.of_petition import SEEN_WITH
from signatures.approving.actions import agree, refuse, take_back
from signatures.approving.gate import NeedsApprovalError
from signatures.approving.second_person import second_persons, ties, who_let_in
from signatures.models import Approval, Organiser
from signatures.models.approval import ApprovalQuerySet
from signatures.models.audit import REASON_LENGTH_MAX
from signatures.models.choices import ApprovalKind, ApprovalStage, AuditAction
from signatures.models.rights import may, petitions_where

LISTED_MAX = 100
DONE = {
    "agree": _("You have agreed. It can be carried out once, within 24 hours, by whoever asked."),
    "refuse": _("You have refused. Nothing happens."),
    "take_back": _("Taken back. Nothing happens."),
}


class RefusalForm(forms.Form):
    """Asks why something is refused."""

    reason = forms.CharField(
        label=_("Why do you refuse?"),
        help_text=_("Whoever asked reads it. Kept in the audit log. Write no names of signers here."),
        max_length=REASON_LENGTH_MAX,
    )


def visible_to(organiser: Organiser) -> ApprovalQuerySet:
    """Return the requests that somebody has asked or could decide on, or may read as part of the audit log."""
    own = (Q(asked_by=organiser) | Q(decided_by=organiser)) & Q(petition__in=petitions_where(organiser, SEEN_WITH))
    audited = Q(petition__in=petitions_where(organiser, "view_auditentry"))
    by_kind = Q()
    for kind in ApprovalKind:
        by_kind |= Q(kind=kind, petition__in=petitions_where(organiser, kind.permission))
    found: ApprovalQuerySet = Approval.objects.filter(own | audited | by_kind)
    return found.with_stage().with_mutual().select_related("petition", "asked_by", "decided_by").order_by("-pk")


@require_safe
@cache_control(no_store=True)
def approvals(request: HttpRequest) -> HttpResponse:
    """List what waits for a second person, what can be carried out, and what was decided."""
    organiser = acting_organiser(request)
    visible = visible_to(organiser)
    found = list(visible.open())
    over = visible.exclude(pk__in=[one.pk for one in found])[:LISTED_MAX]
    context = {
        **admin.site.each_context(request),
        "title": gettext("A second person must agree"),
        "waiting": [one for one in found if one.stage == ApprovalStage.WAITING],
        "agreed": [one for one in found if one.stage == ApprovalStage.AGREED],
        "over": over,
    }
    return render(request, "admin/approvals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def approval(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a request in words, or do what was pressed.

    :raises PermissionDenied: if the organiser may not decide on it, or has not asked
    :raises BadRequest: if there is no such thing to do
    """
    organiser = acting_organiser(request)
    found = _found(organiser, pk)
    if request.method != "POST":
        return _show(request, found, organiser)
    button = request.POST.get("do", "")
    form = RefusalForm(request.POST if button == "refuse" else None)
    password = password_form(found, request.POST if button == "carry_out" else None)
    for one in (form, password):
        if one is not None and one.is_bound and not one.is_valid():
            return _show(request, found, organiser, refusal=form, password=password)
    try:
        done = _act(request, found, button, form, organiser)
    except NeedsApprovalError:
        messages.error(request, gettext("It was carried out already, or something has changed since: ask again."))
    except ObjectDoesNotExist:
        messages.error(request, gettext("What this was about is gone."))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        return done
    return HttpResponseRedirect(request.path)


def _found(organiser: Organiser, pk: int) -> Approval:
    found = visible_to(organiser).filter(pk=pk).first()
    if found is not None:
        return found
    hidden = get_object_or_404(Approval, pk=pk)
    # Somebody who knows the petition is refused; for others it is as if there were none.
    require_right(organiser, ApprovalKind(hidden.kind).permission, hidden.petition_id)
    raise Http404


def _act(
    request: HttpRequest, found: Approval, button: str, form: RefusalForm, organiser: Organiser
) -> HttpResponseBase:
    if button == "carry_out":
        if found.asked_by_id != organiser.pk or found.stage != ApprovalStage.AGREED:
            raise ValidationError(gettext("It is over already."))
        # The right may have been taken since, also where the petition asks for no second person any more.
        require_right(organiser, ApprovalKind(found.kind).permission, found.petition_id)
        return carry_out(request, found, organiser)
    if button == "agree":
        agree(pk=found.pk, digest=request.POST.get("digest", ""), actor=organiser)
    elif button == "refuse":
        refuse(pk=found.pk, reason=form.cleaned_data["reason"], actor=organiser)
    elif button == "take_back":
        take_back(pk=found.pk, actor=organiser)
    else:
        raise BadRequest
    is_setting = button == "agree" and found.kind == ApprovalKind.SETTING
    messages.success(request, gettext("You have agreed. It holds from now on.") if is_setting else str(DONE[button]))
    return HttpResponseRedirect(request.path)


def _show(request: HttpRequest, found: Approval, organiser: Organiser, **given: Any) -> HttpResponse:
    kind, is_mine = ApprovalKind(found.kind), found.asked_by_id == organiser.pk
    # The conditions of a rule may hold words of signers' names: they are for those who may decide on such a thing.
    has_right = may(organiser, kind.permission, found.petition_id)
    rule = rule_of(found) if has_right else None
    if rule is not None and rule.name:
        auditing.record(
            actor=organiser, action=AuditAction.NAMES_VIEWED, petition=found.petition, target=rule.pk, amount=1
        )
    waits = found.stage == ApprovalStage.WAITING
    may_decide = waits and not is_mine and has_right
    tied = ties(organiser) if may_decide else {}
    is_tied = found.asked_by_id in tied
    second = organiser.pk if may_decide else found.decided_by_id
    context = {
        **admin.site.each_context(request),
        "title": gettext("A second person must agree"),
        "approval": found,
        "petition": found.petition,
        "sentences": sentences(found, with_conditions=has_right),
        "why": why(found),
        "place": place_of(found),
        "stage": ApprovalStage(found.stage).label,
        "is_mine": is_mine,
        "waits": waits,
        "can_be_carried_out": is_mine and found.stage == ApprovalStage.AGREED and has_right,
        "may_decide": may_decide and not is_tied,
        "tie": TIES[tied[found.asked_by_id]] if is_tied else "",
        "let_in_by": who_let_in(found.asked_by_id, second) if second is not None else None,
        "others": second_persons(organiser, kind, found.petition_id) if is_mine and waits else [],
        "link": request.build_absolute_uri(request.path),
        "is_file": kind in (ApprovalKind.EXPORT, ApprovalKind.FILES),
        "is_grave": kind in (ApprovalKind.ERASE_ALL, ApprovalKind.ERASE_ONE),
        "refusal": given.get("refusal") or RefusalForm(),
        "password": given.get("password") or password_form(found),
    }
    errors = any(one is not None and one.errors for one in given.values())
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return render(request, "admin/approval.html", context, status=status)
