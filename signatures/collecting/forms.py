"""The forms of paper: making sheets, typing one, counting one; they only clean input."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from signatures.collecting.countries import TYPED_LENGTH_MAX, country_of
from signatures.collecting.numbers import read_number
from signatures.collecting.rows import NEITHER, READ_FIRST, READ_SECOND, TypedRow
from signatures.languages import name_of
from signatures.models import TextVersion
from signatures.models.bundle import LABEL_LENGTH_MAX
from signatures.models.choices import Visibility
from signatures.safeguarding.typed_text import ForgivingCharField, cleaned, cleaned_name

SHEETS_MAX = 200
SLIPS_MAX = 600
SHEET_LINES = 12
SHEET_LINES_MIN, SHEET_LINES_MAX = 10, 14
BARE_MAX = 5000
PLACE_LENGTH_MAX = 200
TYPED = {"autocomplete": "off", "spellcheck": "false"}
KINDS = [
    ("slips", _("Slips: one signer on each, so that nobody sees who signed before")),
    ("sheets", _("Sheets: several signers on each; all who sign see who signed before them")),
]
TOO_LONG = _("This is too long: %(limit)s characters at most.")


def choices() -> list[tuple[str, str]]:
    """Return the choices in the active language, with the digits that are typed.

    A browser picks what begins with the key that is pressed.
    """
    return [("", ""), *((one.value, f"{place} · {one.label}") for place, one in enumerate(Visibility, start=1))]


class CountryName(ForgivingCharField):
    """A country, typed as its name, how that begins, or its code."""

    def __init__(self, *, required: bool, **attributes: str) -> None:
        """Offer the list of countries that the page holds."""
        super().__init__(
            label=_("Country"),
            required=required,
            max_length=TYPED_LENGTH_MAX,
            widget=forms.TextInput({**TYPED, "list": "countries", **attributes}),
            error_messages={"required": _("Say in which country.")},
        )

    def clean(self, value: Any) -> str:
        """Return the code of the country, or "" if nothing was typed.

        :raises ValidationError: if it is none, or may be several
        """
        typed = super().clean(value)
        if not typed.strip():
            return ""
        code = country_of(typed, get_language() or "en")
        if code is None:
            raise forms.ValidationError(_("No country is called like this, or several are."), code="invalid")
        return code


class NumberForm(forms.Form):
    """Asks for the number that stands on a sheet or slip."""

    sheet = ForgivingCharField(
        label=_("Number on the sheet or slip"),
        max_length=20,
        widget=forms.TextInput({**TYPED, "inputmode": "numeric", "size": "12", "autofocus": True}),
    )

    def clean_sheet(self) -> int:
        """Return the number.

        :raises ValidationError: if it is none
        """
        number = read_number(self.cleaned_data["sheet"])
        if number is None:
            raise forms.ValidationError(
                _("This is not the number of a sheet. Type both parts, such as 17-4: the last digit catches mistakes.")
            )
        return number


class BundleForm(forms.Form):
    """Asks what is to be printed."""

    label = ForgivingCharField(
        label=_("What you call them"),
        help_text=_("Such as “Market square, 12 May”. Only organisers see it. Name no person and no flat."),
        max_length=LABEL_LENGTH_MAX * 2,
        widget=forms.TextInput({**TYPED, "maxlength": str(LABEL_LENGTH_MAX)}),
    )
    kind = forms.ChoiceField(label=_("Paper"), choices=KINDS, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language"))
    amount = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=SLIPS_MAX,
        initial=30,
        help_text=_("Up to 200 sheets, or 600 slips: three fit on a page."),
    )
    lines = forms.IntegerField(
        label=_("Rows on a sheet"),
        min_value=SHEET_LINES_MIN,
        max_value=SHEET_LINES_MAX,
        initial=SHEET_LINES,
        help_text=_("10 to 14. A slip has one."),
    )
    two_people = forms.BooleanField(
        label=_("Two people type each sheet"),
        required=False,
        help_text=_(
            "The second types it without seeing what the first has typed. What they read differently is shown, and"
            " nothing is entered before it is settled."
        ),
    )

    def __init__(self, *args: Any, version: TextVersion, **kwargs: Any) -> None:
        """Offer the languages of the text; of a guarded petition slips are offered first."""
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [(code, name_of(code)) for code in version.ordered_languages]  # type: ignore[attr-defined]
        self.fields["kind"].initial = "slips" if version.rules.asks_for_notices else "sheets"

    def clean_label(self) -> str:
        """Return the cleaned label."""
        label = cleaned(self.cleaned_data["label"], limit=LABEL_LENGTH_MAX, too_long=TOO_LONG)
        if not label:
            raise forms.ValidationError(_("Call them something."), code="required")
        return label

    def clean(self) -> dict[str, Any]:
        """Refuse more sheets than are printed in one file."""
        found = super().clean() or self.cleaned_data
        if found.get("kind") == "sheets" and found.get("amount", 0) > SHEETS_MAX:
            self.add_error(
                "amount",
                forms.ValidationError(_("At most %(limit)s sheets at once."), params={"limit": SHEETS_MAX}),
            )
        return found


class RowForm(forms.Form):
    """One line of a sheet."""

    use_required_attribute = False

    visibility = forms.ChoiceField(label=_("Who may see the name"), choices=choices, required=False)
    name = ForgivingCharField(label=_("Name"), required=False, widget=forms.TextInput(TYPED))
    country = CountryName(required=False)

    def __init__(self, data: Any, *, line: int) -> None:
        """Keep the number of the line."""
        super().__init__(data, prefix=str(line))
        self.line = line
        # The headings of row and column, since a label for each field would be read as often as there are rows.
        for name, head in {"visibility": "choice-head", "name": "name-head", "country": "country-head"}.items():
            self.fields[name].widget.attrs["aria-labelledby"] = f"row-{line} {head}"

    @property
    def is_blank(self) -> bool:
        """Return whether nothing was typed on this line."""
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in self.fields)

    def clean(self) -> dict[str, Any]:
        """Clean the name of those who let anybody see it; of others it is not kept even in memory."""
        found = super().clean() or self.cleaned_data
        choice, typed = found.get("visibility"), found.pop("name", "")
        if self.is_blank:
            return found
        if not choice:
            if "visibility" not in self.errors:
                self.add_error("visibility", _("Choose; if the signer chose nothing, it is “No one”."))
        elif choice != Visibility.COUNTED:
            try:
                found["name"] = cleaned_name(typed, missing=_("Type the name as it stands there."))
            except forms.ValidationError as error:
                self.add_error("name", error)
        return found


class SheetForm(forms.Form):
    """All lines of a sheet, and how many of them are filled in, so that none is missed."""

    use_required_attribute = False

    filled = forms.IntegerField(
        label=_("Rows filled in on the paper"),
        min_value=1,
        widget=forms.NumberInput({**TYPED, "inputmode": "numeric", "autofocus": True}),
        help_text=_("Count them first: so it shows if a row was missed, or the form was sent too early."),
        error_messages={"required": _("Say how many rows are filled in on the paper.")},
    )

    def __init__(self, *args: Any, lines: int, **kwargs: Any) -> None:
        """Make a form for each line; one line needs no number.

        :param lines: how many the paper has
        """
        super().__init__(*args, **kwargs)
        self.lines = [RowForm(self.data if self.is_bound else None, line=line) for line in range(1, lines + 1)]
        self.is_slip = lines == 1
        if self.is_slip:
            del self.fields["filled"]
            self.lines[0].fields["visibility"].widget.attrs["autofocus"] = True
        self.typed: list[TypedRow] = []

    def clean(self) -> dict[str, Any]:
        """Collect the lines; where no country was typed it is that of the line above."""
        found = super().clean() or self.cleaned_data
        filled = [line for line in self.lines if not line.is_blank]
        country = ""
        for line in filled:
            if not line.is_valid():
                continue
            country = line.cleaned_data["country"] or country
            if not country:
                line.add_error("country", _("Say in which country."))
                continue
            name = line.cleaned_data.get("name")
            self.typed.append(TypedRow(line.line, line.cleaned_data["visibility"], name, country))
        self._compare(found.get("filled", 1), len(filled))
        if len(self.typed) < len(filled):
            # The lines say what is wrong with them; this keeps the whole from being taken.
            self.add_error(None, _("Look at the marked rows."))
        return found

    def _compare(self, said: int, typed: int) -> None:
        if not typed:
            self.add_error(None, _("Nothing is typed yet."))
        elif "filled" in self.cleaned_data and said != typed:
            sentence = ngettext_lazy(
                "%(said)s row on the paper, but another number of rows typed here: %(typed)s.",
                "%(said)s rows on the paper, but another number of rows typed here: %(typed)s.",
                "said",
            )
            self.add_error("filled", forms.ValidationError(sentence, params={"said": said, "typed": typed}))


class BareForm(forms.Form):
    """A number of signatures whose names are not typed."""

    use_required_attribute = False

    amount = forms.IntegerField(label=_("Number of signatures"), min_value=1, max_value=BARE_MAX)
    country = CountryName(required=True)
    place = ForgivingCharField(
        label=_("Where the paper lies"),
        help_text=_(
            "So that it can be found and counted again. Only organisers see it, and it is stored encrypted."
            " Name no person, and no address of a person."
        ),
        max_length=PLACE_LENGTH_MAX * 2,
        widget=forms.TextInput({**TYPED, "maxlength": str(PLACE_LENGTH_MAX)}),
    )

    def clean_place(self) -> str:
        """Return the cleaned place."""
        place = cleaned(self.cleaned_data["place"], limit=PLACE_LENGTH_MAX, too_long=TOO_LONG)
        if not place:
            raise forms.ValidationError(self.fields["place"].error_messages["required"], code="required")
        return place


class SettlingForm(forms.Form):
    """Asks for each line that two people read differently which reading is right; says which readings were shown."""

    use_required_attribute = False

    seen = forms.CharField(required=False, max_length=50, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: list[int], **kwargs: Any) -> None:
        """Ask about some lines."""
        super().__init__(*args, **kwargs)
        for line in lines:
            self.fields[str(line)] = forms.ChoiceField(
                choices=[(READ_FIRST, READ_FIRST), (READ_SECOND, READ_SECOND), (NEITHER, _("Leave this row out"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose for each row.")},
            )
