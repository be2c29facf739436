"""The form for a list from elsewhere; it only cleans input, and keeps nothing of the file."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from signatures.collecting.forms import TOO_LONG, TYPED, CountryName
from signatures.collecting.outside_rows import Reading, read_list
from signatures.languages import name_of
from signatures.models import TextVersion
from signatures.models.bundle import LABEL_LENGTH_MAX
from signatures.safeguarding.keys import file_key
from signatures.safeguarding.typed_text import ForgivingCharField, cleaned

COLUMN_LENGTH_MAX = 100
COLUMNS = ("address", "country", "day")
MONTH_FIRST = "month"
ACCEPTED = ".csv,.tsv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Column(ForgivingCharField):
    """The letter or the heading of a column."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=COLUMN_LENGTH_MAX,
            widget=forms.TextInput({**TYPED, "size": "12"}),
        )


class ListForm(forms.Form):
    """Asks for a file, what its signers have signed, and which column holds what."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("CSV or XLSX, at most 10 megabytes and 100,000 rows. It is read in memory, and not kept."),
    )
    label = ForgivingCharField(
        label=_("Where it comes from"),
        help_text=_("Such as “openPetition, spring”. Only organisers see it. Name no person."),
        max_length=LABEL_LENGTH_MAX * 2,
        widget=forms.TextInput({**TYPED, "maxlength": str(LABEL_LENGTH_MAX)}),
    )
    version = forms.TypedChoiceField(
        label=_("The text that they have signed"),
        coerce=int,
        help_text=_("What they read there must ask for the same as this version. You answer for that."),
    )
    language = forms.ChoiceField(label=_("Language in which they read it"))
    country = CountryName(required=False)
    address_column = _Column(_("Column of e-mail addresses"))
    country_column = _Column(_("Column of countries"))
    day_column = _Column(_("Column of dates"))
    dates = forms.ChoiceField(
        label=_("03/04/2025 is"),
        choices=[("day", _("3 April")), (MONTH_FIRST, _("March 4"))],
        initial="day",
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, versions: list[TextVersion], today: date, **kwargs: Any) -> None:
        """Offer the published texts, the newest first, and their languages.

        :param today: by the database's clock, in UTC
        """
        super().__init__(*args, **kwargs)
        self.versions = {version.pk: version for version in versions}
        self.today = today
        self.reading: Reading | None = None
        self.file_key = b""
        choices = [
            (version.pk, _("Version %(number)s") % {"number": version.number}) for version in self.versions.values()
        ]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]
        languages = dict.fromkeys(code for version in versions for code in version.ordered_languages)
        self.fields["language"].choices = [(code, name_of(code)) for code in languages]  # type: ignore[attr-defined]
        self.fields["country"].label = _("Country of rows that name none")
        self.fields["country"].help_text = _("Leave it empty if such rows are not to be taken.")
        guessed = _("A letter, such as B, or the heading. Empty: it is recognised. A hyphen: there is none.")
        for name in COLUMNS:
            self.fields[f"{name}_column"].help_text = guessed

    @property
    def signed_version(self) -> TextVersion:
        """Return the text version that was chosen."""
        return self.versions[self.cleaned_data["version"]]

    def clean_label(self) -> str:
        """Return the cleaned label."""
        label = cleaned(self.cleaned_data["label"], limit=LABEL_LENGTH_MAX, too_long=TOO_LONG)
        if not label:
            raise forms.ValidationError(_("Call it something."), code="required")
        return label

    def clean(self) -> dict[str, Any]:
        """Read the file, once nothing else is wrong with the form."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return found
        if found["language"] not in self.signed_version.ordered_languages:
            self.add_error("language", _("This version has no text in this language."))
            return found
        content = found.pop("file").read()
        try:
            self.reading = read_list(
                content,
                petition_id=self.signed_version.petition_id,
                today=self.today,
                chosen={name: found[f"{name}_column"] for name in COLUMNS},
                country=found["country"],
                month_first=found["dates"] == MONTH_FIRST,
            )
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                for name, errors in error.error_dict.items():
                    self.add_error(f"{name}_column", errors)
            else:
                self.add_error("file", error)
        self.file_key = file_key(self.signed_version.petition_id, content)
        return found
