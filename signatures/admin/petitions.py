"""The admin of petitions: languages side by side, recipients, and links to publishing and the list."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures import auditing
from signatures.admin import (
    exporting,
    hand_overs,
    numbers_file,
    publish_page,
    purge_page,
    review_pages,
    rule_pages,
    waves_page,
)
from signatures.admin.access import acting_organiser
from signatures.admin.filters import PhaseFilter
from signatures.admin.petition_form import PetitionForm
from signatures.admin.titles import TitledAdmin
from signatures.admin.written_texts import PastedTexts, side_by_side
from signatures.languages import name_of, site_languages
from signatures.models import Petition, Recipient
from signatures.models.choices import AuditAction, Phase
from signatures.models.petition import PetitionQuerySet
from signatures.models.protection import Protection
from signatures.texts.starting_points import starting_values

# Only those who may publish can change these; nobody can once the signers' data is erased.
COURSE = ("status", "opens_at", "closes_at", "protection")
OVER = (*COURSE, "slug", "goal", "asks_city", "erase_on")
POSITION = "position"
# What the names of the recipients' fields begin with.
RECIPIENTS = "recipients"
EMPTY_RECIPIENTS = 3
# Prefix of the names of buttons that save and then open a preview in a language.
PREVIEW = "_preview-"


class RecipientForm(PastedTexts, ModelForm[Recipient]):
    """Freezes the names of recipients that a published text contains."""

    parts = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Disable the fields that the database would refuse to change."""
        super().__init__(*args, **kwargs)
        published = self.instance.published_languages() if self.instance.pk is not None else set()
        for language in site_languages():
            field = self.fields[f"name_{language}"]
            field.disabled = language in published
        self.fields[f"name_{site_languages()[0]}"].help_text = _(
            "Frozen once it is published: another body is another recipient."
        )

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the changed fields; the prefilled position alone does not make a new recipient."""
        changed = super().changed_data
        return [] if self.instance._state.adding and changed == [POSITION] else changed


class RecipientFormSet(BaseInlineFormSet[Recipient, Petition, ModelForm[Recipient]]):
    """Proposes consecutive positions for new recipients."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add Django's fields, and prefill the position of a new recipient."""
        super().add_fields(form, index)
        if form.instance._state.adding and index is not None:
            form.initial[POSITION] = index


class RecipientInline(admin.StackedInline[Recipient, Petition]):
    """The recipients on a petition's page."""

    model = Recipient
    template = "admin/recipients.html"
    form = RecipientForm
    formset = RecipientFormSet
    classes = ("side-by-side",)

    @property
    def words_for_script(self) -> str:
        """Return as JSON what Django's script for more rows asks for, with a button in a sentence of its own."""
        options = {"prefix": RECIPIENTS, "addText": gettext("Add a recipient"), "deleteText": gettext("Remove")}
        return json.dumps({"name": f"#{RECIPIENTS}", "options": options})

    def get_extra(self, request: HttpRequest, obj: Petition | None = None, **kwargs: Any) -> int:
        """Return the number of empty forms, since more can't be added without scripts; saving shows further ones."""
        return EMPTY_RECIPIENTS if obj is None or not obj.recipients.exists() else 1

    def get_fields(self, request: HttpRequest, obj: Petition | None = None) -> Any:
        """Return a name field for each language of the site, and the fields that all languages share."""
        return (*side_by_side("name"), ("profile", POSITION))


@admin.register(Petition)
class PetitionAdmin(TitledAdmin, admin.ModelAdmin[Petition]):
    """The list of petitions, and one page with all settings of a campaign."""

    list_title = _("Petitions")
    add_title = _("New petition")
    change_title = _("Petition")
    added = _("The petition “{row}” is added.")
    changed = _("The changes to the petition “{row}” are saved.")

    form = PetitionForm
    inlines = (RecipientInline,)
    list_display = ("__str__", "state_now", "counted", "opens_at", "closes_at")
    list_filter = (PhaseFilter,)
    radio_fields = {"protection": admin.VERTICAL}

    def get_fieldsets(self, request: HttpRequest, obj: Petition | None = None) -> Any:
        """Return the form's sections, with a column for each language of the site."""
        return (
            (None, {"fields": ("slug", "status", ("opens_at", "closes_at"), "goal", "erase_on")}),
            (
                _("Text in each language"),
                {
                    "classes": ("side-by-side",),
                    "description": _("This is the draft. Signers see it once it is published."),
                    "fields": (
                        *side_by_side("title", "summary", "body", "consent"),
                        *side_by_side("safety_notice", "sharing_notice", "confidentiality"),
                        "languages",
                    ),
                },
            ),
            (
                _("What signers rely on"),
                {
                    "classes": ("side-by-side",),
                    "description": _("Part of the draft, like the text: it holds once it is published."),
                    "fields": ("protection", "asks_city", *side_by_side("responsible_body"), "contact"),
                },
            ),
            (
                _("Around the form"),
                {
                    "classes": ("side-by-side",),
                    "description": _("Not part of the text: it holds as soon as it is saved."),
                    "fields": ("countries_first", "share_places", *side_by_side("thanks", "closing_words")),
                },
            ),
            (
                _("Names before everyone"),
                {
                    "description": _("Not part of the text, either: it holds for names confirmed from now on."),
                    "fields": ("reviews_names", "waiting_words"),
                },
            ),
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and warn of petitions to be erased soon."""
        purge_page.warn_of_erasure(request)
        return super().changelist_view(request, extra_context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the initial values of a new petition: the chosen template, or else the one that protects signers."""
        level = request.GET.get("protection", "")
        return starting_values(Protection(level) if level in Protection.values else list(Protection)[-1])

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a new form, with the choice of its starting point."""
        return super().add_view(request, form_url, {"starting_points": Protection, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show the form, with a preview button for each language of the draft."""
        found: Petition | None = context.get("original")
        languages = [(code, name_of(code)) for code in found.ordered_languages] if found is not None else []
        return super().render_change_form(request, {**context, "languages": languages}, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> PetitionQuerySet:
        """Return the petitions with their phases and exact counts, which public pages only show in steps."""
        petitions: PetitionQuerySet = super().get_queryset(request)  # type: ignore[assignment]
        return petitions.with_count().with_phase()

    @admin.display(description=_("status"), ordering="status")
    def state_now(self, petition: Petition) -> str:
        """Return the current phase: a petition with status open may by its times open later or be over."""
        return str(Phase(petition.phase).label)  # type: ignore[attr-defined]

    @admin.display(description=_("signatures, exactly"))
    def counted(self, petition: Petition) -> int:
        """Return the exact number of signatures that count."""
        count: int = petition.exact_count  # type: ignore[attr-defined]
        return count

    def get_readonly_fields(self, request: HttpRequest, obj: Petition | None = None) -> tuple[str, ...]:
        """Freeze what can't be changed any more, and what this organiser may not decide."""
        frozen: set[str] = set()
        if obj is not None and obj.text_versions.exists():
            frozen.add("slug")
        if obj is not None and obj.purged_at is not None:
            frozen.update(OVER)
        if not request.user.has_perm("signatures.publish_petition"):
            frozen.update(COURSE)
        if not request.user.has_perm("signatures.purge_petition"):
            frozen.add("erase_on")
        return tuple(sorted(frozen))

    def response_change(self, request: HttpRequest, obj: Petition) -> HttpResponse:
        """Redirect to the target of the button that was used to save."""
        response = super().response_change(request, obj)
        if "_publish" in request.POST:
            return HttpResponseRedirect(reverse("admin:petition_publish", kwargs={"pk": obj.pk}))
        for language in obj.languages:
            if f"{PREVIEW}{language}" in request.POST:
                arguments = {"pk": obj.pk, "language": language}
                return HttpResponseRedirect(reverse("admin:petition_preview", kwargs=arguments))
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Petition | None = None) -> bool:
        """Refuse, since the permanent audit log refers to every petition from its first draft on."""
        return False

    def save_model(self, request: HttpRequest, obj: Petition, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save, and record which fields changed, in the same transaction."""
        super().save_model(request, obj, form, change)
        changed = sorted(form.changed_data)
        if change and not changed:
            return
        details: dict[str, Any] = {"fields": changed}
        if "erase_on" in changed:
            details["erase_on"] = str(obj.erase_on)
        self._record(request, AuditAction.PETITION_CHANGED, obj, details)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        """Save the recipients, and record it if anything changed."""
        super().save_formset(request, form, formset, change)
        if formset.has_changed():
            self._record(request, AuditAction.RECIPIENTS_CHANGED, form.instance, {"fields": []})

    @staticmethod
    def _record(request: HttpRequest, action: AuditAction, petition: Petition, details: dict[str, Any]) -> None:
        auditing.record(
            actor=acting_organiser(request),
            action=action,
            petition=petition,
            target=petition.pk,
            details=details,
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the pages for preview, publishing and the list."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/<str:language>/", wrap(publish_page.preview), name="petition_preview"),
            path("<int:pk>/publish/", wrap(publish_page.publish), name="petition_publish"),
            path("<int:pk>/export/", wrap(exporting.export), name="petition_export"),
            path("<int:pk>/hand-over/", wrap(hand_overs.hand_over), name="petition_hand_over"),
            path("<int:pk>/lead-petitioner/", wrap(hand_overs.lead_petitioner), name="petition_lead_petitioner"),
            path("<int:pk>/numbers.csv", wrap(numbers_file.numbers), name="petition_numbers"),
            path("<int:pk>/names/", wrap(review_pages.names), name="petition_names"),
            path("<int:pk>/reasons/", wrap(review_pages.reasons), name="petition_reasons"),
            path("<int:pk>/waves/", wrap(waves_page.waves), name="petition_waves"),
            path("<int:pk>/rules/", wrap(rule_pages.rules), name="petition_rules"),
            path("<int:pk>/rules/new/", wrap(rule_pages.new_rule), name="petition_rule"),
            path("<int:pk>/rules/<int:number>/", wrap(rule_pages.rule), name="petition_batch"),
            path("<int:pk>/purge/", wrap(purge_page.purge), name="petition_purge"),
            *super().get_urls(),
        ]
