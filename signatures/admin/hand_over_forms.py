"""The forms for preparing a hand-over and for recording what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.forms import ModelChoiceField, ModelForm
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.written_texts import WrittenText
from signatures.delivering.preview import Choices, latest_cut_off
from signatures.languages import in_site_order, name_of
from signatures.models import Delivery, LeadPetitioner, Packing, Petition, Recipient
from signatures.models.audit import REASON_LENGTH_MAX
from signatures.models.choices import ListOrder
from signatures.models.delivery import NOTE_LENGTH_MAX, REPLY_LENGTH_MAX, HandOverWay

MINUTES = "%Y-%m-%dT%H:%M"
# The format of encrypted ZIPs makes guessing cheap, so passwords need more entropy than people usually choose.
PASSWORD_LENGTH_MIN = 16


def text_languages(petition: Petition) -> list[tuple[str, str]]:
    """Return code and name of each language of the newest text, or of the draft while there is none.

    :param petition: a petition loaded with_text_languages
    """
    return [(code, name_of(code)) for code in in_site_order(petition.text_languages or petition.languages)]


class ListForm(forms.Form):
    """Asks what every list is made with: for whom, in which language, how separated, and why."""

    recipient: forms.ModelChoiceField[Recipient] = forms.ModelChoiceField(
        Recipient.objects.none(), label=_("Recipient")
    )
    language = forms.ChoiceField(label=_("Language of the header and the countries"))
    delimiter = forms.ChoiceField(label=_("Separator"), choices=[(",", _("Comma")), (";", _("Semicolon"))])
    reason = forms.CharField(
        label=_("Why is this list made?"),
        help_text=_("Kept in the audit log. Write no names of signers here."),
        max_length=REASON_LENGTH_MAX,
    )

    def __init__(self, *args: Any, petition: Petition, **kwargs: Any) -> None:
        """Offer the recipients of the petition, and the languages of its text."""
        super().__init__(*args, **kwargs)
        self.fields["recipient"].queryset = petition.recipients.all()  # type: ignore[attr-defined]
        self.fields["language"].choices = text_languages(petition)  # type: ignore[attr-defined]


class HandOverForm(ListForm):
    """Asks for recipient, cut-off, layout and reason of a hand-over."""

    field_order = (
        "recipient",
        "cut_off",
        "only_new",
        "language",
        "order",
        "delimiter",
        "with_latin",
        "by_country",
        "with_workbook",
        "with_document",
        "with_petitioner",
        "reason",
    )

    cut_off = forms.DateTimeField(
        label=_("Cut-off (UTC)"),
        help_text=_("Signatures up to this time. At least 10 minutes ago, so that every confirmation is in."),
        input_formats=[MINUTES],
        widget=forms.DateTimeInput(format=MINUTES, attrs={"type": "datetime-local"}),
        initial=latest_cut_off,
    )
    only_new = forms.ChoiceField(
        label=_("Which signatures"),
        choices=[("", _("Everything")), ("new", _("Only what is new since the last hand-over to this recipient"))],
        required=False,
    )
    language = forms.ChoiceField(label=_("Language of the letter, the header and the countries"))
    order = forms.ChoiceField(
        label=_("Order of the names"),
        choices=ListOrder,
        help_text=_(
            "“By name” goes by the words as they were typed, and so by surname where it stands first. If most signers"
            " have typed it last, sort by the last word."
        ),
    )
    with_latin = forms.BooleanField(label=_("Names also in Latin letters, as in passports"), required=False)
    by_country = forms.BooleanField(
        label=_("Totals by country"),
        help_text=_(
            "As they were published last before that moment: a country is listed once ten of its signers are, and goes"
            " on in steps of ten or more. All others are told together, or not at all while they are fewer than ten."
        ),
        required=False,
        initial=True,
    )
    with_workbook = forms.BooleanField(label=_("Workbook (XLSX)"), required=False, initial=True)
    with_document = forms.BooleanField(label=_("Letter and list for printing (PDF)"), required=False, initial=True)
    with_petitioner = forms.BooleanField(
        label=_("Lead petitioner's name, nationality and address also to a recipient that is given totals only"),
        help_text=_(
            "Whoever is given names is told them in any case: petitions committees ask for them. Without the tick, the "
            "letter to a recipient of totals is from the responsible body alone."
        ),
        required=False,
    )

    def choices(self) -> Choices:
        """Return the choices of a valid form."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return Choices(**data | {"only_new": bool(data["only_new"])})


class PackageForm(forms.Form):
    """Asks for a password for the ZIP."""

    password = forms.CharField(
        label=_("Password for the ZIP (may be left empty)"),
        min_length=PASSWORD_LENGTH_MIN,
        max_length=200,
        required=False,
        strip=True,
        widget=forms.TextInput(
            attrs={"size": 40, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class PackingField(ModelChoiceField[Packing]):
    """Selects one of several packings."""

    def label_from_instance(self, obj: Packing) -> str:
        """Return when the packing was made, and its number of signatures."""
        made_at = obj.made_at.astimezone(UTC)
        said = gettext("Made on %(instant)s UTC: %(confirmed)s = %(named)s with names + %(unnamed)s without.")
        return said % {
            "instant": f"{date_format(made_at)}, {made_at:%H:%M:%S}",
            "confirmed": number_format(obj.confirmed, force_grouping=True),
            "named": number_format(obj.named, force_grouping=True),
            "unnamed": number_format(obj.unnamed, force_grouping=True),
        }


def today() -> date:
    """Return the current UTC day."""
    return datetime.now(UTC).date()


class HandedOverForm(forms.Form):
    """Asks which files reached their recipient, when and how."""

    packing = PackingField(
        Packing.objects.none(),
        label=_("Which files"),
        help_text=_(
            "The files were made more than once, and the signatures changed in between. Choose the ones that the"
            " recipient has; the newest stand first."
        ),
        required=False,
        empty_label=None,
    )
    handed_over_on = forms.DateField(
        label=_("Handed over on"), widget=forms.DateInput(attrs={"type": "date"}), initial=today
    )
    handed_over_how = forms.ChoiceField(label=_("How"), choices=HandOverWay)
    note = forms.CharField(
        label=_("Note"),
        help_text=_("For organisers; it is not published."),
        max_length=NOTE_LENGTH_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
    )

    def __init__(self, *args: Any, delivery: Delivery, **kwargs: Any) -> None:
        """Ask which files were handed over only if there are several packings."""
        super().__init__(*args, **kwargs)
        packings = delivery.packings.order_by("-id")
        self.fields["packing"].queryset = packings  # type: ignore[attr-defined]
        if len(packings) < 2:  # noqa: PLR2004 - then there is nothing to choose
            del self.fields["packing"]


class AnsweredForm(forms.Form):
    """Asks for the recipient's reply, which is published."""

    answered_on = forms.DateField(label=_("Answered on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, delivery: Delivery, **kwargs: Any) -> None:
        """Ask for the reply in each language of the text.

        :param delivery: a delivery loaded with_text_languages
        """
        super().__init__(*args, **kwargs)
        self.languages = [(code, name_of(code)) for code in in_site_order(delivery.text_languages)]
        for language, name in self.languages:
            self.fields[f"reply_{language}"] = forms.CharField(
                label=_("Reply (%(language)s)") % {"language": name},
                max_length=REPLY_LENGTH_MAX,
                widget=WrittenText(language, {"rows": 8, "cols": 80}),
                initial=getattr(delivery, f"reply_{language}"),
            )
        self.fields["answered_on"].initial = delivery.answered_on

    def replies(self) -> dict[str, str]:
        """Return the reply by language from a valid form."""
        return {language: self.cleaned_data[f"reply_{language}"] for language, _name in self.languages}


class LeadPetitionerForm(ModelForm[LeadPetitioner]):
    """Asks for what petitions committees require of the person who submits."""

    class Meta:
        model = LeadPetitioner
        fields = ("name", "address")
        widgets = {"address": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, petition: Petition, **kwargs: Any) -> None:
        """Ask for the nationality in each language of the draft and of the text."""
        super().__init__(*args, **kwargs)
        languages = dict(text_languages(petition)) | {code: name_of(code) for code in petition.ordered_languages}
        self.nationalities = [f"nationality_{language}" for language in languages]
        for language, name in languages.items():
            self.fields[f"nationality_{language}"] = forms.CharField(
                label=_("Nationality (%(language)s)") % {"language": name},
                max_length=80,
                required=False,
                initial=getattr(self.instance, f"nationality_{language}"),
            )
        self.order_fields(["name", *self.nationalities, "address"])

    def clean(self) -> dict[str, Any]:
        """Require the nationality in every language or in none, since the letter may be in any of them."""
        data = super().clean() or {}
        empty = [name for name in self.nationalities if not data.get(name)]
        if len(empty) < len(self.nationalities):
            for name in empty:
                if name not in self.errors:
                    self.add_error(
                        name,
                        _("Enter the nationality in every language of the petition, or leave all these fields empty."),
                    )
        return data

    def _post_clean(self) -> None:
        """Set the nationality on the row as well; its fields are not declared on the form's class."""
        for name in self.nationalities:
            if name in self.cleaned_data:
                setattr(self.instance, name, self.cleaned_data[name])
        super()._post_clean()  # type: ignore[misc]
