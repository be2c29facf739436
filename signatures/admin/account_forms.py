"""The forms for accounts: inviting somebody, what an account may do, and why it is closed or gets a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.own_account import account_languages
from signatures.admin.role_words import role_explained, role_name
from signatures.models import Organiser, Petition
from signatures.models.audit import REASON_LENGTH_MAX

if TYPE_CHECKING:
    AccountFormBase = forms.ModelForm[Organiser]
else:
    AccountFormBase = forms.ModelForm

LABELS = {
    "groups": _("Role in the whole site"),
    "is_staff": _("May log in to the desk"),
    "is_superuser": _("Administrator: may do everything, erasing included"),
}
HELP_TEXTS = {
    "groups": _("Choose the smallest role that does. Roles in single petitions are given on the petition’s page."),
    "is_staff": _("Accounts that are added at the desk always may."),
    "is_superuser": _(
        "Needs no role. Unlike the role of administrators, such an account can add and change others of its kind."
    ),
}
NAME_LENGTH_MAX = 150
IN_PETITION, IN_SITE = "petition", "site"


class ExplainedRole(forms.ModelChoiceField[Group]):
    """Asks for one role, each with what it may do; none is preselected."""

    def __init__(self, **options: Any) -> None:
        """Offer the roles as a list of radio buttons; which ones, each form says."""
        widget = forms.RadioSelect(attrs={"class": "radiolist"})
        roles = Group.objects.none()
        super().__init__(**{"label": _("Role"), "queryset": roles, "widget": widget, "empty_label": None, **options})

    def label_from_instance(self, obj: Any) -> str:
        """Return the role's name and what it may do, in the active language."""
        return role_explained(obj.name)


class NamedRole(forms.ModelChoiceField[Group]):
    """Asks for one role by its name alone, where the page explains the roles already."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the role's name in the active language."""
        return role_name(obj.name)


class SiteRole(ExplainedRole):
    """Selects a single role for an account, though the database could store several."""

    def prepare_value(self, value: Any) -> Any:
        """Return the role to preselect; none if there are several, so that somebody decides."""
        if isinstance(value, list):
            return super().prepare_value(value[0]) if len(value) == 1 else ""
        return super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        """Return the role as a list, which becomes all the roles of the account."""
        role = super().clean(value)
        return [] if role is None else [role]


class InviteForm(forms.Form):
    """Asks for the name of a new account, its role in one petition, and its language."""

    username = UsernameField(
        label=_("Name of the account"),
        max_length=NAME_LENGTH_MAX,
        validators=[Organiser.username_validator],
        help_text=_("A first name or a nickname will do. It stands in the log of what was done, and never changes."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = ExplainedRole(help_text=_("Choose the smallest role that does."))
    language = forms.ChoiceField(label=_("Language of the desk"), choices=account_languages, required=False)

    def __init__(self, *args: Any, actor: Organiser, petition: Petition | None, **kwargs: Any) -> None:
        """Offer the roles that the inviter may give.

        :param petition: None where the form asks for it
        """
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["language"].initial = actor.language
        if petition is not None:
            self.fields["role"].queryset = actor.roles_to_give_in(petition.pk)  # type: ignore[attr-defined]

    def clean_username(self) -> str:
        """Return the name; reject one that differs from another only in case."""
        name: str = self.cleaned_data["username"]
        if Organiser.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(gettext("There is an account of this name already."))
        return name


class NewAccountForm(InviteForm):
    """Asks for the same, and where the role holds: in one petition, or, as an exception, in the whole site."""

    where = forms.ChoiceField(
        label=_("What it is for"),
        choices=[(IN_PETITION, _("One petition")), (IN_SITE, _("The whole site, with all petitions to come"))],
        initial=IN_PETITION,
        widget=forms.RadioSelect(attrs={"class": "radiolist"}),
    )
    petition: forms.ModelChoiceField[Petition] = forms.ModelChoiceField(
        label=_("Petition"), queryset=Petition.objects.none(), required=False
    )
    is_superuser = forms.BooleanField(
        label=LABELS["is_superuser"], help_text=HELP_TEXTS["is_superuser"], required=False
    )
    field_order = ("username", "where", "petition", "role", "is_superuser", "language")

    def __init__(self, *args: Any, actor: Organiser, **kwargs: Any) -> None:
        """Offer every petition and every role that the inviter may give in some place."""
        super().__init__(*args, actor=actor, petition=None, **kwargs)
        petitions = Petition.objects.order_by("-pk")
        self.fields["petition"].queryset = petitions  # type: ignore[attr-defined]
        if petitions.count() == 1:
            self.fields["petition"].initial = petitions[0].pk
        self.fields["role"].queryset = actor.roles_to_give()  # type: ignore[attr-defined]
        self.fields["role"].required = not actor.is_superuser
        if not actor.is_superuser:
            del self.fields["is_superuser"]

    def clean(self) -> dict[str, Any] | None:
        """Reject a role that there is not where it was asked for."""
        cleaned = super().clean()
        data = self.cleaned_data
        everything, role = bool(data.get("is_superuser")), data.get("role")
        in_site = data.get("where") == IN_SITE
        if everything and not in_site:
            self.add_error("is_superuser", gettext("This is possible for the whole site only."))
        if role is None and not everything and "role" not in self.errors:
            self.add_error("role", gettext("Choose a role: without one the account could do nothing."))
        if in_site:
            data["petition"] = None
        elif data.get("petition") is None and "petition" not in self.errors:
            self.add_error("petition", gettext("Choose the petition."))
        elif role is not None and not self._may_give(role, data["petition"]):
            self.add_error("role", gettext("This role is possible for the whole site only."))
        return cleaned

    def _may_give(self, role: Group, petition: Petition) -> bool:
        return self.actor.roles_to_give_in(petition.pk).filter(pk=role.pk).exists()


class MemberForm(forms.Form):
    """Asks for an account that is there already, and its role in one petition."""

    account = forms.ModelChoiceField(label=_("Account"), queryset=Organiser.objects.none())
    role = NamedRole(label=_("Role"), queryset=Group.objects.none())

    def __init__(self, *args: Any, actor: Organiser, petition: Petition, members: bool, **kwargs: Any) -> None:
        """Offer the accounts that have a role in the petition, or those that have none there.

        :param members: which of both
        """
        super().__init__(*args, **kwargs)
        accounts = Organiser.objects.filter(is_active=True).order_by("username")
        here = accounts.filter(memberships__petition=petition)
        offered = here if members else accounts.filter(is_staff=True, is_superuser=False).exclude(pk__in=here)
        self.fields["account"].queryset = offered  # type: ignore[attr-defined]
        self.fields["role"].queryset = actor.roles_to_give_in(petition.pk)  # type: ignore[attr-defined]


class AccountForm(AccountFormBase):
    """The form for an existing account: its language, and what it may do in the whole site."""

    class Meta:
        model = Organiser
        fields = ("language", "groups", "is_superuser", "is_staff")
        labels = LABELS
        help_texts = HELP_TEXTS

    def clean(self) -> dict[str, Any] | None:
        """Reject an account that could log in but do nothing."""
        cleaned = super().clean()
        data = self.cleaned_data
        is_asked = "groups" in self.fields and "groups" not in self.errors
        has_any = is_asked and (data["groups"] or data.get("is_superuser") or self.instance.memberships.exists())
        if is_asked and not has_any:
            self.add_error("groups", gettext("Choose a role: without one the account could do nothing."))
        last = self.instance.is_active and self.instance.is_last_administrator()
        if last and "is_superuser" in self.fields and not data.get("is_superuser"):
            self.add_error(
                "is_superuser",
                gettext("This is the last account that may do everything. Let another one do everything before that."),
            )
        return cleaned


class ReasonForm(forms.Form):
    """Asks why something is done to an account."""

    reason = forms.CharField(label=_("Why?"), help_text=_("Kept in the audit log."), max_length=REASON_LENGTH_MAX)
