"""The page of the people of one petition: who has which role, inviting somebody, changing a role, taking it away."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_on
from signatures.admin.account_forms import InviteForm, MemberForm
from signatures.admin.account_pages import invited
from signatures.admin.half_way import is_proof_fresh, lead_on
from signatures.admin.role_words import role_explained, role_name, site_role
from signatures.models import Membership, Organiser, Petition
from signatures.models.organiser import ROLES_IN_A_PETITION
from signatures.safeguarding.accounts import give_role, take_role

INVITE, GIVE, CHANGE, TAKE = "invite", "give", "change", "take"
NUMBER_LENGTH_MAX = 18


@dataclass(frozen=True)
class Member:
    """Somebody with a role in the petition.

    :param form: changes the role; None if this organiser may not
    """

    account: Organiser
    role: str
    form: MemberForm | None


@dataclass(frozen=True)
class Forms:
    """The forms of the page, of which one may have been sent."""

    invite: InviteForm
    give: MemberForm


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who has which role in a petition, or carry out one of the page's forms.

    :raises PermissionDenied: if the organiser may not add accounts
    :raises BadRequest: if there is no such form
    """
    actor, petition = acting_on(request, "add_organiser", pk)
    if not is_proof_fresh(request, actor):
        return lead_on(request, actor)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    forms = Forms(
        InviteForm(request.POST if action == INVITE else None, actor=actor, petition=petition),
        MemberForm(
            request.POST if action == GIVE else None, actor=actor, petition=petition, members=False, prefix="to"
        ),
    )
    if request.method == "POST":
        done = _act(request, action, forms, petition, actor)
        if done is not None:
            return done
    context = {
        **admin.site.each_context(request),
        "title": gettext("People"),
        "petition": petition,
        "members": _members(petition, actor),
        "others": [(account, site_role(account)) for account in _of_the_site()],
        "form": forms.invite,
        "give": forms.give,
        "roles": [role_explained(name) for name in ROLES_IN_A_PETITION],
        "opts": Petition._meta,
    }
    is_wrong = forms.invite.errors or forms.give.errors
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render(request, "admin/people.html", context, status=status)


def _members(petition: Petition, actor: Organiser) -> list[Member]:
    rows = Membership.objects.filter(petition=petition).select_related("organiser", "role")
    return [
        Member(
            row.organiser,
            role_name(row.role.name),
            _form_of(row, petition, actor) if row.organiser.is_active and actor.may_change(row.organiser) else None,
        )
        for row in rows.order_by("organiser__username")
    ]


def _form_of(row: Membership, petition: Petition, actor: Organiser) -> MemberForm:
    return MemberForm(
        actor=actor,
        petition=petition,
        members=True,
        initial={"account": row.organiser_id, "role": row.role_id},
        auto_id=f"id_{row.organiser_id}_%s",
    )


def _of_the_site() -> list[Organiser]:
    accounts = Organiser.objects.filter(is_active=True, is_staff=True).prefetch_related("groups").order_by("username")
    return [account for account in accounts if account.is_superuser or account.groups.all()]


def _act(request: HttpRequest, action: str, forms: Forms, petition: Petition, actor: Organiser) -> HttpResponse | None:
    """Carry out the form that was sent, and return the answer, or None if it cannot be as it stands."""
    if action == INVITE:
        return invited(request, forms.invite, petition, actor) if forms.invite.is_valid() else None
    if action == TAKE:
        account = _member(request, petition)
        take_role(account=account, petition=petition, actor=actor)
        messages.success(request, format_html(gettext("“{}” has no role in this petition any more."), account))
        return HttpResponseRedirect(reverse("admin:petition_people", args=[petition.pk]))
    form = forms.give
    if action == CHANGE:
        form = MemberForm(request.POST, actor=actor, petition=petition, members=True)
    elif action != GIVE:
        raise BadRequest
    if not form.is_valid():
        if action == CHANGE:
            # What this page offers is always valid, unless somebody else was faster.
            messages.error(request, gettext("That could not be done: look at the list as it stands now."))
            return HttpResponseRedirect(reverse("admin:petition_people", args=[petition.pk]))
        return None
    account, role = form.cleaned_data["account"], form.cleaned_data["role"]
    try:
        give_role(account=account, petition=petition, role=role, actor=actor)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    sentence = gettext("“{account}” has this role in this petition now: {role}.")
    messages.success(request, format_html(sentence, account=account, role=role_name(role.name)))
    return HttpResponseRedirect(reverse("admin:petition_people", args=[petition.pk]))


def _member(request: HttpRequest, petition: Petition) -> Organiser:
    number = request.POST.get("account", "")
    if not number.isdecimal() or len(number) > NUMBER_LENGTH_MAX:
        raise BadRequest
    return get_object_or_404(Organiser, pk=int(number), memberships__petition=petition)
