"""The forms for accounts, their role and their password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm, UsernameField
from django.contrib.auth.models import Group
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.models import Organiser

if TYPE_CHECKING:
    AccountFormBase = forms.ModelForm[Organiser]
else:
    AccountFormBase = object

# Roles are stored under their English names.
ROLE_NAMES = {
    "Administrators": _("Administrators"),
    "Organisers": _("Organisers"),
    "Moderators": _("Moderators"),
    "Editors": _("Editors"),
    "Auditors": _("Auditors"),
}
ROLES_EXPLAINED = {
    "Administrators": _("Administrators: everything, accounts and erasing included"),
    "Organisers": _(
        "Organisers: write and publish, look at the list and keep it clean, export it and hand it over; they add no"
        " accounts and erase nothing"
    ),
    "Moderators": _("Moderators: look at the list, hold and remove signatures, read the reasons for signing"),
    "Editors": _("Editors: write texts and news; they see no signer"),
    "Auditors": _("Auditors: read what was done by whom; they see no signer"),
}


LABELS = {
    "groups": _("Role"),
    "is_active": _("The account is open"),
    "is_staff": _("May log in to the desk"),
    "is_superuser": _("Administrator: may do everything, erasing included"),
}
HELP_TEXTS = {
    "groups": _("Choose the smallest role that does."),
    "is_active": _("Take the tick away to close the account: its owner is logged out at once."),
    "is_staff": _("Accounts that are added at the desk always may."),
    "is_superuser": _(
        "Needs no role. Unlike the role of administrators, such an account can add and change others of its kind."
    ),
}


def role_name(name: str) -> str:
    """Return the name of a role in the active language."""
    return str(ROLE_NAMES.get(name, name))


class RoleField(forms.ModelChoiceField[Group]):
    """Selects a single role for an account, though the database could store several."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the role's name and what it may do, in the active language."""
        return str(ROLES_EXPLAINED.get(obj.name, obj.name))

    def prepare_value(self, value: Any) -> Any:
        """Return the role to preselect; none if there are several, so that somebody decides."""
        if isinstance(value, list):
            return super().prepare_value(value[0]) if len(value) == 1 else ""
        return super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        """Return the role as a list, which becomes all the roles of the account."""
        role = super().clean(value)
        return [] if role is None else [role]


class AccountFormMixin(AccountFormBase):
    """Requires a role, unless the account is a superuser."""

    def clean(self) -> dict[str, Any] | None:
        """Reject an account that could log in but do nothing."""
        cleaned = super().clean()
        data = self.cleaned_data
        is_asked = "groups" in self.fields and "groups" not in self.errors
        if is_asked and not data["groups"] and not data.get("is_superuser"):
            self.add_error("groups", gettext("Choose a role: without one the account could do nothing."))
        return cleaned


class NewAccountForm(AccountFormMixin, UserCreationForm[Organiser]):
    """The form for a new account, with a password."""

    class Meta(UserCreationForm.Meta):
        model = Organiser
        labels = LABELS
        help_texts = HELP_TEXTS


class AccountForm(AccountFormMixin, UserChangeForm[Organiser]):
    """The form for an existing account; its password is changed on a separate page."""

    class Meta:
        model = Organiser
        fields = ("username", "language", "is_active", "groups", "is_superuser", "is_staff")
        field_classes = {"username": UsernameField}
        labels = LABELS
        help_texts = HELP_TEXTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Replace the password's help text, which would describe this account's hash."""
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].help_text = _("Nobody can see a password. You can set a new one.")


class NewPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """The form for setting a password, without Django's option to disable it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Remove the option of disabling the password, since there is no other way to log in."""
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True
