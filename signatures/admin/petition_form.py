"""The admin's form for a petition."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.contrib.admin.utils import label_for_field
from django.forms import ModelForm
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.written_texts import PastedTexts
from signatures.languages import in_site_order, language_choices, name_of, site_languages
from signatures.models import NewsSubscriber, Petition
from signatures.models.choices import PetitionStatus, SharePlace
from signatures.models.protection import Protection
from signatures.moderating.purging import WARNED_BEFORE
from signatures.signing.fields import country_choices
from signatures.texts.addresses import free_address
from signatures.texts.digest import TEXT_PARTS
from signatures.texts.outlines import PETITION_OUTLINES
from signatures.texts.publishing import lowers_protection
from signatures.texts.relied_on import consequences


class PetitionForm(PastedTexts, ModelForm[Petition]):
    """Rejects what public pages could not show, lower protection, and a day of erasure too soon for warnings."""

    parts = (*TEXT_PARTS, "thanks", "closing_words")
    markdown_parts = ("body", "safety_notice", "closing_words")
    outlines = PETITION_OUTLINES

    languages = forms.MultipleChoiceField(
        choices=language_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Part of the draft: publishing asks for every part of the text in each of these, and in no other."),
    )
    countries_first = forms.MultipleChoiceField(
        choices=country_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "many-choices"}),
        help_text=_("Where most signers live. The form offers these before the others."),
    )
    share_places = forms.MultipleChoiceField(
        choices=SharePlace.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Leave out what is watched by a state that signers must fear. None: no links."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Explain each level of protection, and list the countries that are already chosen first."""
        super().__init__(*args, **kwargs)
        self.show_text()
        self._say_who_gets_news()
        # Missing for those who may not decide it and see it as plain text.
        if "protection" in self.fields:
            self.fields["protection"].help_text = _protection_help(str(self.fields["protection"].help_text))
        self.now = timezone.now().astimezone(UTC)
        # Shows the current time, since organisers who think in local time would be hours off.
        time = {"time": date_format(self.now, "DATETIME_FORMAT")}
        if "closes_at" in self.fields:
            self.fields["closes_at"].help_text = _("By UTC it is %(time)s now.") % time
        if "opens_at" in self.fields:
            self.fields["opens_at"].help_text = (
                _("Empty: as soon as it is put online. By UTC it is %(time)s now.") % time
                if self.instance.status == PetitionStatus.DRAFT
                else _("By UTC it is %(time)s now.") % time
            )
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _(
                "The last part of the page’s address. May stay empty: it is made from the title. It can be changed"
                " until the petition is put online."
            )
        if "four_eyes_from" in self.fields:
            self.fields["four_eyes_from"].required = False
        for name in ("languages", "countries_first", "share_places"):
            if name in self.fields:
                self.fields[name].label = capfirst(str(label_for_field(name, Petition)))
        if "languages" in self.fields:
            # A language that the site no longer offers stays until somebody unticks it.
            spoken = in_site_order([*site_languages(), *(self.initial.get("languages") or [])])
            self.fields["languages"].choices = [(code, name_of(code)) for code in spoken]  # type: ignore[attr-defined]
        if "countries_first" in self.fields:
            chosen = self.initial.get("countries_first") or []
            offered = country_choices(chosen)[1:]
            self.fields["countries_first"].choices = offered  # type: ignore[attr-defined]

    def _say_who_gets_news(self) -> None:
        if "news_by_mail" in self.fields and self.instance.news_by_mail:
            field = self.fields["news_by_mail"]
            field.help_text = f"{field.help_text} {_amount_of_subscribers(self.instance)}"

    def clean_four_eyes_from(self) -> int:
        """Return the number; the one that holds where none is given."""
        given: int | None = self.cleaned_data["four_eyes_from"]
        return self.instance.four_eyes_from if given is None else given

    def clean(self) -> dict[str, Any]:
        """Return the form's data, with an address made from the title if none was typed."""
        data = super().clean()
        if "slug" in self.fields and "slug" not in self.errors and not data.get("slug"):
            languages = in_site_order(data.get("languages") or site_languages())
            titles = [data.get(f"title_{language}") or "" for language in languages]
            data["slug"] = free_address(titles, but=self.instance.pk)
        return data

    def clean_languages(self) -> list[str]:
        """Return the languages in the order of the site."""
        return in_site_order(self.cleaned_data["languages"])

    def clean_status(self) -> str:
        """Return the status; what was public never becomes a draft again."""
        status: str = self.cleaned_data["status"]
        if status == PetitionStatus.DRAFT and self.initial.get("status", status) != PetitionStatus.DRAFT:
            message = _("It was public: its signers must find it to withdraw. Close it instead.")
            raise forms.ValidationError(message)
        return status

    def clean_opens_at(self) -> datetime | None:
        """Return the opening time; it can't be in the future once people have signed."""
        opens_at: datetime | None = self.cleaned_data["opens_at"]
        if (
            "opens_at" in self.changed_data
            and opens_at is not None
            and opens_at > self.now
            and self.instance.pk is not None
            and self.instance.tallies.exists()
        ):
            raise forms.ValidationError(
                _("People have signed already, so that it cannot open later. To take no signatures for now, close it.")
            )
        return opens_at

    def clean_protection(self) -> str:
        """Return the level of protection, which is never below the one that people signed under."""
        level = Protection(self.cleaned_data["protection"])
        newest = self.instance.text_versions.newest_first().first() if self.instance.pk is not None else None
        if newest is not None and lowers_protection(level, newest):
            raise forms.ValidationError(_("The protection of a published petition cannot be lowered."))
        return level

    def clean_erase_on(self) -> date | None:
        """Return the day of erasure; a new day must leave time for the warnings."""
        day: date | None = self.cleaned_data["erase_on"]
        earliest = timezone.now().astimezone(UTC).date() + WARNED_BEFORE
        if day is not None and "erase_on" in self.changed_data and day < earliest:
            sentence = gettext(
                "Choose %(day)s or a later day, so that organisers are warned in time. To erase earlier, close the"
                " petition and press “Erase the signers' personal data”."
            )
            raise forms.ValidationError(sentence % {"day": date_format(earliest)})
        return day

    def _post_clean(self) -> None:
        """Also validate constraints on fields that are read-only for this organiser, which Django skips."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except forms.ValidationError as error:
                self.add_error(None, error)


def _amount_of_subscribers(petition: Petition) -> str:
    """Return a sentence on how many get the news by mail."""
    amount = NewsSubscriber.objects.filter(petition=petition.pk).count()
    return ngettext("%(amount)s address gets the news now.", "%(amount)s addresses get the news now.", amount) % {
        "amount": number_format(amount, force_grouping=True)
    }


def _protection_help(rule: str) -> SafeString:
    levels = ((level.label, " ".join(consequences(level.rules))) for level in Protection)
    return format_html("{}{}", rule, format_html_join("", "<p><strong>{}.</strong> {}</p>", levels))
