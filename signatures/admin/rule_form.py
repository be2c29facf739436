"""The forms of a rule: its conditions, and what is done with the signatures that match."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.row_numbers import parse_numbers
from signatures.admin.rule_words import spans_of
from signatures.admin.signature_facts import NOTHING_ALIKE
from signatures.languages import shipped_choices
from signatures.models import Batch, Petition, Signature, TextVersion, Wave
from signatures.models.choices import BatchAction, NameReview, SignatureState, StateReason, Visibility
from signatures.models.name_search import query_for
from signatures.models.rule import NAME_PATTERN_LENGTH_MAX, Rule
from signatures.safeguarding.countries import country_names
from signatures.safeguarding.names import clean_text

MINUTES = "%Y-%m-%dT%H:%M"
# A space, or the T that browsers send; seconds, if somebody has typed them.
INSTANTS = [MINUTES, "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
# Conditions that the form asks for under the name and in the words that they are stored in.
SAME = ("since", "until", "country", "language", "visibility", "name", "state", "state_reason", "name_review")
ANY = [("", "—")]
NUMBERS_LENGTH_MAX = 20_000
REASONS = [*ANY, *((code.value, code.label) for code in StateReason if code != StateReason.HONEYPOT)]


class RuleForm(forms.Form):
    """Asks which signatures of a petition a rule is about; whatever is left empty makes no difference."""

    # A signature whose mail domain is meant: its mark leaves the server in no form.
    like = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    ids = forms.CharField(
        label=_("Row numbers"),
        help_text=_("The numbers of the signature list, such as 120-180, 300."),
        max_length=NUMBERS_LENGTH_MAX,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    since = forms.DateTimeField(
        label=_("Signed from (UTC)"),
        input_formats=INSTANTS,
        required=False,
        widget=forms.DateTimeInput(format=MINUTES, attrs={"type": "datetime-local"}),
    )
    until = forms.DateTimeField(
        label=_("Signed before (UTC)"),
        input_formats=INSTANTS,
        required=False,
        widget=forms.DateTimeInput(format=MINUTES, attrs={"type": "datetime-local"}),
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    text_version: forms.ModelChoiceField[TextVersion] = forms.ModelChoiceField(
        TextVersion.objects.none(), label=_("Text version"), required=False, empty_label="—"
    )
    visibility = forms.ChoiceField(label=_("Who may see the name"), choices=[*ANY, *Visibility.choices], required=False)
    name = forms.CharField(
        label=_("Words of the name"),
        help_text=_("As in the search of the list: the beginnings are enough. They are erased when the rule is over."),
        max_length=NAME_PATTERN_LENGTH_MAX,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    state = forms.ChoiceField(label=_("State"), choices=[*ANY, *SignatureState.choices], required=False)
    state_reason = forms.ChoiceField(
        label=_("Reason of the state"), choices=[*ANY, *StateReason.choices], required=False
    )
    name_review = forms.ChoiceField(
        label=_("Name before everyone"), choices=[*ANY, *NameReview.choices], required=False
    )

    def __init__(self, *args: Any, petition: Petition, **kwargs: Any) -> None:
        """Offer the languages, countries and text versions of the petition."""
        super().__init__(*args, **kwargs)
        self.petition = petition
        names = country_names((get_language() or "en")[:2])
        self.fields["country"].choices = [*ANY, *names.items()]  # type: ignore[attr-defined]
        self.fields["language"].choices = [*ANY, *shipped_choices()]  # type: ignore[attr-defined]
        versions = petition.text_versions.all().newest_first()
        field = self.fields["text_version"]
        field.queryset = versions  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: str(one.number)  # type: ignore[attr-defined]

    def clean_ids(self) -> list[int] | None:
        """Return the numbers, or None if none were given."""
        typed = self.cleaned_data["ids"]
        return parse_numbers(typed) if typed else None

    def clean_name(self) -> str:
        """Return the words, cleaned as names are; refuse what has none."""
        typed = clean_text(self.cleaned_data["name"])
        if typed and query_for(typed) is None:
            raise forms.ValidationError(gettext("There is no word in this."))
        return typed

    def clean(self) -> dict[str, Any]:
        """Look up the mail domain that is meant, and refuse a span of time that ends before it begins."""
        data = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["since"] >= data["until"]:
            self.add_error("until", gettext("This is not after the beginning."))
        if data.get("like"):
            data["domain_key"] = domain_key_of(self.petition, data["like"])
            if data["domain_key"] is None:
                raise forms.ValidationError(str(NOTHING_ALIKE))
        return data

    def rule(self) -> Batch:
        """Return the rule of a valid form; it is not stored."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"like", "ids"}}
        return Batch(petition=self.petition, signature_ids=self.cleaned_data["ids"], **data)


def domain_key_of(petition: Petition, pk: int) -> bytes | None:
    """Return the mark of a signature's mail domain: none of a large provider, and none after thirty days.

    None where few signed, either (``alike``), unless a wave was noticed there: its page shows them anyway.
    """
    found = Signature.objects.filter(petition=petition, pk=pk).first()
    if found is None or found.domain_key is None:
        return None
    is_told = Wave.objects.filter(petition=petition, domain_key=found.domain_key).exists()
    return bytes(found.domain_key) if is_told or Signature.objects.all().alike(found).exists() else None


def initial_from(rule: Rule) -> dict[str, Any]:
    """Return what the form shows for the conditions of a stored rule, such as a wave."""
    initial = {name: getattr(rule, name) for name in (*SAME, "text_version_id")}
    initial["text_version"] = initial.pop("text_version_id")
    if rule.signature_ids is not None:
        spans = spans_of(rule.signature_ids)
        initial["ids"] = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    if rule.domain_key is not None:
        there = Signature.objects.filter(petition_id=rule.petition_id, domain_key=rule.domain_key)
        initial["like"] = next(iter(there.order_by().values_list("pk", flat=True)[:1]), None)
    return initial


class DecisionForm(forms.Form):
    """Asks what is done with the signatures that match, and why."""

    action = forms.ChoiceField(label=_("What happens to them"), choices=BatchAction.choices, widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("Why they should not count"), choices=REASONS, required=False)
    holds_new_ones = forms.BooleanField(label=_("and hold new ones like these for 7 days"), required=False)

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        """Offer to hold new ones only where they can be checked."""
        super().__init__(*args, **kwargs)
        if not batch.is_group:
            del self.fields["holds_new_ones"]

    def clean(self) -> dict[str, Any]:
        """Demand a reason of what takes signatures off the count, and of nothing else."""
        data = super().clean() or self.cleaned_data
        if "action" in data:
            data["action"] = BatchAction(data["action"])
            if not data["action"].needs_reason:
                data["reason"] = ""
            elif not data.get("reason"):
                self.add_error("reason", gettext("Choose why they should not count."))
        data["reason"] = StateReason(data["reason"]) if data.get("reason") else None
        return data
