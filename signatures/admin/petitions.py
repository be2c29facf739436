"""The admin of petitions: languages side by side, recipients, and links to publishing and the list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from signatures import auditing
from signatures.admin import (
    course_pages,
    exporting,
    hand_overs,
    link_page,
    numbers_file,
    online_page,
    paper_page,
    people_page,
    picture_page,
    publish_page,
    purge_page,
    review_pages,
    rule_pages,
    sheet_page,
    two_people,
    waves_page,
)
from signatures.admin.access import Rights, acting_organiser
from signatures.admin.filters import PhaseFilter
from signatures.admin.of_petition import OfPetition
from signatures.admin.petition_form import PetitionForm
from signatures.admin.petition_sections import sections, unfolded_where_used
from signatures.admin.recipients import RecipientInline
from signatures.admin.titles import TitledAdmin
from signatures.approving.actions import FOUR_EYES
from signatures.languages import name_of
from signatures.models import Petition
from signatures.models.choices import AuditAction, PetitionStatus, Phase
from signatures.models.petition import PetitionQuerySet
from signatures.models.protection import Protection
from signatures.models.rights import has_in_the_site
from signatures.texts.starting_points import starting_values

# Only those who may publish can change these; nobody can once the signers' data is erased.
COURSE = ("status", "opens_at", "closes_at", "protection")
OVER = (*COURSE, "slug", "goal", "asks_city", "news_by_mail", "erase_on")
# Name of the button that saves and then leads to the checklist.
LOOK = "_look"
# Prefix of the names of buttons that save and then open a preview in a language.
PREVIEW = "_preview-"


@admin.register(Petition)
class PetitionAdmin(OfPetition, TitledAdmin, admin.ModelAdmin[Petition]):
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
        return sections(has_text=obj is not None and obj.text_versions.exists())

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
        """Show the form, with what may be done to the petition, and a preview button for each language of the draft."""
        found: Petition | None = context.get("original")
        organiser = acting_organiser(request)
        if found is not None:
            two_people.warn_of_missing_seconds(request, found)
        of_petition = {
            "sections": unfolded_where_used(context["adminform"]),
            "languages": [(code, name_of(code)) for code in found.ordered_languages] if found is not None else [],
            "is_draft": found is None or found.status == PetitionStatus.DRAFT,
            "was_published": found is not None and found.text_versions.exists(),
            "rights": Rights(organiser, found.pk if found is not None else None),
            "may_add": has_in_the_site(organiser, "add_petition"),
        }
        return super().render_change_form(request, {**context, **of_petition}, *args, **kwargs)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Petition | None:
        """Return the petition; before a change it is locked, so that nothing done meanwhile is overwritten."""
        found: Petition | None = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST" and connection.in_atomic_block:
            return Petition.objects.select_for_update(no_key=True).filter(pk=found.pk).first()
        return found

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
        rights = Rights(acting_organiser(request), obj.pk if obj is not None else None)
        if obj is not None and obj.text_versions.exists():
            frozen.add("slug")
        if obj is not None and obj.purged_at is not None:
            frozen.update(OVER)
        if not rights["publish_petition"]:
            frozen.update(COURSE, FOUR_EYES)
        if not rights["purge_petition"]:
            frozen.add("erase_on")
        return tuple(sorted(frozen))

    def response_add(self, request: HttpRequest, obj: Petition, post_url_continue: str | None = None) -> HttpResponse:
        """Redirect to the checklist if that is where the button leads."""
        response = super().response_add(request, obj, post_url_continue)
        return _to_checklist(obj) if LOOK in request.POST else response

    def response_change(self, request: HttpRequest, obj: Petition) -> HttpResponse:
        """Redirect to the target of the button that was used to save."""
        response = super().response_change(request, obj)
        if LOOK in request.POST:
            return _to_checklist(obj)
        if "_publish" in request.POST:
            return HttpResponseRedirect(reverse("admin:petition_publish", kwargs={"pk": obj.pk}))
        for language in obj.languages:
            if f"{PREVIEW}{language}" in request.POST:
                arguments = {"pk": obj.pk, "language": language}
                return HttpResponseRedirect(reverse("admin:petition_preview", kwargs=arguments))
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Petition | None = None) -> bool:
        """Refuse: a draft that was never public is deleted on a page of its own, and anything else stays."""
        return False

    def save_model(self, request: HttpRequest, obj: Petition, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save, and record which fields changed, in the same transaction."""
        act = two_people.keep_asking(obj) if change else None
        super().save_model(request, obj, form, change)
        changed = sorted(set(form.changed_data) - set(FOUR_EYES if act else ()))
        if act is not None:
            two_people.ask_to_ask_less_often(request, act, acting_organiser(request))
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
            path("<int:pk>/online/", wrap(online_page.online), name="petition_online"),
            path("<int:pk>/link/", wrap(link_page.link), name="petition_link"),
            path("<int:pk>/link/<str:language>/<str:name>", wrap(link_page.link_file), name="petition_link_file"),
            path("<int:pk>/close/", wrap(course_pages.close), name="petition_close"),
            path("<int:pk>/archive/", wrap(course_pages.archive), name="petition_archive"),
            path("<int:pk>/duplicate/", wrap(course_pages.duplicate), name="petition_duplicate"),
            path("<int:pk>/delete-draft/", wrap(course_pages.delete), name="petition_delete_draft"),
            path("<int:pk>/export/", wrap(exporting.export), name="petition_export"),
            path("<int:pk>/hand-over/", wrap(hand_overs.hand_over), name="petition_hand_over"),
            path("<int:pk>/lead-petitioner/", wrap(hand_overs.lead_petitioner), name="petition_lead_petitioner"),
            path("<int:pk>/numbers.csv", wrap(numbers_file.numbers), name="petition_numbers"),
            path("<int:pk>/paper/", wrap(paper_page.paper), name="petition_paper"),
            path("<int:pk>/paper/<int:number>/", wrap(paper_page.bundle), name="petition_bundle"),
            path("<int:pk>/paper/<int:number>/sheets.pdf", wrap(paper_page.bundle_file), name="petition_bundle_file"),
            path("<int:pk>/paper/sheets/<int:number>/", wrap(sheet_page.sheet), name="petition_sheet"),
            path("<int:pk>/people/", wrap(people_page.people), name="petition_people"),
            path("<int:pk>/names/", wrap(review_pages.names), name="petition_names"),
            path("<int:pk>/reasons/", wrap(review_pages.reasons), name="petition_reasons"),
            path("<int:pk>/waves/", wrap(waves_page.waves), name="petition_waves"),
            path("<int:pk>/rules/", wrap(rule_pages.rules), name="petition_rules"),
            path("<int:pk>/rules/new/", wrap(rule_pages.new_rule), name="petition_rule"),
            path("<int:pk>/rules/<int:number>/", wrap(rule_pages.rule), name="petition_batch"),
            path("<int:pk>/picture/", wrap(picture_page.picture), name="petition_picture"),
            path("<int:pk>/picture/<str:size>.webp", wrap(picture_page.picture_file), name="petition_picture_file"),
            path("<int:pk>/purge/", wrap(purge_page.purge), name="petition_purge"),
            *super().get_urls(),
        ]


def _to_checklist(petition: Petition) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:petition_online", args=[petition.pk]))
