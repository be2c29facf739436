"""Petitions: both languages side by side, recipients, and the ways to publishing and to the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from signatures import auditing
from signatures.admin import delivering, exporting, publishing, purging
from signatures.admin.access import acting_organiser
from signatures.admin.filters import PhaseFilter
from signatures.admin.petition_form import PetitionForm
from signatures.admin.titles import TitledAdmin
from signatures.admin.written_texts import PastedTexts
from signatures.models import Petition, Recipient
from signatures.models.choices import AuditAction, Language, Phase
from signatures.models.petition import PetitionQuerySet
from signatures.models.protection import Protection
from signatures.texts.starting_points import starting_values

if TYPE_CHECKING:
    PetitionAdminBase = admin.ModelAdmin[Petition]
    RecipientInlineBase = admin.StackedInline[Recipient, Petition]
    RecipientFormSetBase = BaseInlineFormSet[Recipient, Petition, ModelForm[Recipient]]
    RecipientModelForm = ModelForm[Recipient]
else:
    PetitionAdminBase = admin.ModelAdmin
    RecipientInlineBase = admin.StackedInline
    RecipientFormSetBase = BaseInlineFormSet
    RecipientModelForm = ModelForm

# A petition's course is for those who may publish it; nothing of it changes any more once its signers are erased.
COURSE = ("status", "opens_at", "closes_at", "protection")
OVER = (*COURSE, "slug", "goal", "asks_city", "erase_on")
POSITION = "position"
EMPTY_RECIPIENTS = 3
# Where the buttons lead that save first: address and language.
NEXT_PAGES = {
    "_publish": ("petition_publish", ""),
    "_preview-en": ("petition_preview", "en"),
    "_preview-ru": ("petition_preview", "ru"),
}


class RecipientForm(PastedTexts, RecipientModelForm):
    """Freezes the names of recipients that a published text holds."""

    parts = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Disable what the database would refuse to change."""
        super().__init__(*args, **kwargs)
        is_published = self.instance.pk is not None and self.instance.in_versions.exists()
        for language in Language.values:
            field = self.fields[f"name_{language}"]
            field.disabled = is_published
        self.fields[f"name_{Language.EN}"].help_text = _(
            "Frozen once it is published: another body is another recipient."
        )

    @cached_property
    def changed_data(self) -> list[str]:
        """Return what was changed; a place in the order alone makes no recipient."""
        changed = super().changed_data
        return [] if self.instance._state.adding and changed == [POSITION] else changed


class RecipientFormSet(RecipientFormSetBase):
    """Proposes places in the order that follow one another."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add what Django adds, and the place of a new recipient."""
        super().add_fields(form, index)
        if form.instance._state.adding and index is not None:
            form.initial[POSITION] = index


class RecipientInline(RecipientInlineBase):
    """The recipients of a petition."""

    model = Recipient
    form = RecipientForm
    formset = RecipientFormSet
    classes = ("side-by-side",)
    fields = (("name_en", "name_ru"), ("profile", "position"))

    def get_extra(self, request: HttpRequest, obj: Petition | None = None, **kwargs: Any) -> int:
        """Return how many empty ones are shown, since without scripts no other can be added; saving shows the next."""
        return EMPTY_RECIPIENTS if obj is None or not obj.recipients.exists() else 1


@admin.register(Petition)
class PetitionAdmin(TitledAdmin, PetitionAdminBase):
    """One campaign on one page."""

    list_title = _("Petitions")
    add_title = _("New petition")
    change_title = _("Petition")

    form = PetitionForm
    inlines = (RecipientInline,)
    list_display = ("__str__", "state_now", "counted", "opens_at", "closes_at")
    list_filter = (PhaseFilter,)
    radio_fields = {"protection": admin.VERTICAL}
    fieldsets = (
        (None, {"fields": ("slug", "status", ("opens_at", "closes_at"), "goal", "erase_on")}),
        (
            _("Text in both languages"),
            {
                "classes": ("side-by-side",),
                "description": _("This is the draft. Signers see it once it is published."),
                "fields": (
                    ("title_en", "title_ru"),
                    ("summary_en", "summary_ru"),
                    ("body_en", "body_ru"),
                    ("consent_en", "consent_ru"),
                    ("safety_notice_en", "safety_notice_ru"),
                    ("sharing_notice_en", "sharing_notice_ru"),
                    ("confidentiality_en", "confidentiality_ru"),
                ),
            },
        ),
        (
            _("What signers rely on"),
            {
                "classes": ("side-by-side",),
                "description": _("Part of the draft, like the text: it holds once it is published."),
                "fields": ("protection", "asks_city", ("responsible_body_en", "responsible_body_ru"), "contact"),
            },
        ),
        (
            _("Around the form"),
            {
                "classes": ("side-by-side",),
                "description": _("Not part of the text: it holds as soon as it is saved."),
                "fields": (
                    "countries_first",
                    "share_places",
                    ("thanks_en", "thanks_ru"),
                    ("closing_words_en", "closing_words_ru"),
                ),
            },
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and which petitions are to be erased soon."""
        purging.warn_of_erasure(request)
        return super().changelist_view(request, extra_context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what a new petition begins with: the case that was chosen, or else the one that protects signers."""
        level = request.GET.get("protection", "")
        return starting_values(Protection(level) if level in Protection.values else list(Protection)[-1])

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an empty form, with the cases that it can begin with."""
        return super().add_view(request, form_url, {"starting_points": Protection, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> PetitionQuerySet:
        """Return the petitions with their exact counts, which the public pages tell in steps."""
        petitions: PetitionQuerySet = super().get_queryset(request)  # type: ignore[assignment]
        return petitions.with_count().with_phase()

    @admin.display(description=_("status"), ordering="status")
    def state_now(self, petition: Petition) -> str:
        """Return what the petition is now: it may be open by its status, and open later or be over by its times."""
        return str(Phase(petition.phase).label)  # type: ignore[attr-defined]

    @admin.display(description=_("signatures, exactly"))
    def counted(self, petition: Petition) -> int:
        """Return how many signatures count."""
        count: int = petition.exact_count  # type: ignore[attr-defined]
        return count

    def get_readonly_fields(self, request: HttpRequest, obj: Petition | None = None) -> tuple[str, ...]:
        """Freeze what has gone too far to change, and what this organiser has no right to decide."""
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
        """Go where the button leads that also saved."""
        response = super().response_change(request, obj)
        for button, (name, language) in NEXT_PAGES.items():
            if button in request.POST:
                arguments = {"pk": obj.pk, **({"language": language} if language else {})}
                return HttpResponseRedirect(reverse(f"admin:{name}", kwargs=arguments))
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Petition | None = None) -> bool:
        """Refuse: the audit log tells of every petition from its first draft on, and stays."""
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
        """Save the recipients, and record it where something changed."""
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
            path("<int:pk>/preview/<str:language>/", wrap(publishing.preview), name="petition_preview"),
            path("<int:pk>/publish/", wrap(publishing.publish), name="petition_publish"),
            path("<int:pk>/export/", wrap(exporting.export), name="petition_export"),
            path("<int:pk>/hand-over/", wrap(delivering.hand_over), name="petition_hand_over"),
            path("<int:pk>/lead-petitioner/", wrap(delivering.lead_petitioner), name="petition_lead_petitioner"),
            path("<int:pk>/purge/", wrap(purging.purge), name="petition_purge"),
            *super().get_urls(),
        ]
