"""Petitions: both languages side by side, recipients, and the ways to publishing and to the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from signatures import auditing
from signatures.admin import delivering, exporting, publishing, purging
from signatures.admin.access import acting_organiser
from signatures.admin.titles import TitledAdmin
from signatures.models import Petition, Recipient
from signatures.models.choices import AuditAction, Language, PetitionStatus

if TYPE_CHECKING:
    PetitionAdminBase = admin.ModelAdmin[Petition]
    RecipientInlineBase = admin.TabularInline[Recipient, Petition]
    PetitionModelForm = ModelForm[Petition]
    RecipientModelForm = ModelForm[Recipient]
else:
    PetitionAdminBase = admin.ModelAdmin
    RecipientInlineBase = admin.TabularInline
    PetitionModelForm = RecipientModelForm = ModelForm

CONSENT = gettext_noop(
    "I consent to this information, which reveals my political views, being used for this petition in the way chosen"
    " above. I can withdraw at any time."
)


class PetitionForm(PetitionModelForm):
    """Refuses what the public pages could not show."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Propose the consent statement for a new petition."""
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            for language in Language.values:
                with override(language):
                    self.initial.setdefault(f"consent_{language}", gettext(CONSENT))

    def clean_status(self) -> str:
        """Return the status; a petition without a published text stays a draft, and one with signers never hides."""
        status: str = self.cleaned_data["status"]
        if status == PetitionStatus.DRAFT and self.initial.get("status", status) != PetitionStatus.DRAFT:
            message = _("It was public: its signers must find it to withdraw. Close it instead.")
            raise forms.ValidationError(message)
        is_published = self.instance.pk is not None and self.instance.text_versions.exists()
        if status != PetitionStatus.DRAFT and not is_published:
            raise forms.ValidationError(_("Publish the text first; until then this stays a draft."))
        return status


class RecipientForm(RecipientModelForm):
    """Freezes the names of recipients that a published text holds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Disable what the database would refuse to change."""
        super().__init__(*args, **kwargs)
        is_published = self.instance.pk is not None and self.instance.in_versions.exists()
        for language in Language.values:
            field = self.fields[f"name_{language}"]
            field.disabled = is_published
            # The desk shows the help of a form without a row, above its column.
            field.help_text = _("Frozen once it is published: another body is another recipient.")


class RecipientInline(RecipientInlineBase):
    """The recipients of a petition."""

    model = Recipient
    form = RecipientForm
    fields = ("position", "name_en", "name_ru", "profile")
    extra = 0


@admin.register(Petition)
class PetitionAdmin(TitledAdmin, PetitionAdminBase):
    """One campaign on one page."""

    list_title = _("Petitions")
    add_title = _("New petition")
    change_title = _("Petition")

    form = PetitionForm
    inlines = (RecipientInline,)
    list_display = ("__str__", "status", "opens_at", "closes_at")
    list_filter = ("status",)
    fieldsets = (
        (None, {"fields": ("slug", "status", ("opens_at", "closes_at"), "goal", "asks_city", "erase_on")}),
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
                ),
            },
        ),
        (
            _("Who answers for it"),
            {"classes": ("side-by-side",), "fields": (("responsible_body_en", "responsible_body_ru"), "contact")},
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and which petitions are to be erased soon."""
        purging.warn_of_erasure(request)
        return super().changelist_view(request, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Petition | None = None) -> tuple[str, ...]:
        """Freeze the address once a text is published under it."""
        return ("slug",) if obj is not None and obj.text_versions.exists() else ()

    def has_delete_permission(self, request: HttpRequest, obj: Petition | None = None) -> bool:
        """Refuse: the audit log tells of every petition from its first draft on, and stays."""
        return False

    def save_model(self, request: HttpRequest, obj: Petition, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save, and record which fields changed, in the same transaction."""
        super().save_model(request, obj, form, change)
        self._record(request, AuditAction.PETITION_CHANGED, obj, sorted(form.changed_data))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        """Save the recipients, and record it where something changed."""
        super().save_formset(request, form, formset, change)
        if formset.has_changed():
            self._record(request, AuditAction.RECIPIENTS_CHANGED, form.instance, [])

    @staticmethod
    def _record(request: HttpRequest, action: AuditAction, petition: Petition, fields: list[str]) -> None:
        auditing.record(
            actor=acting_organiser(request),
            action=action,
            petition=petition,
            target=petition.pk,
            details={"fields": fields},
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
