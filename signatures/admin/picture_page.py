"""The page for the header picture of a petition."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from signatures.admin.access import acting_on
from signatures.languages import name_of
from signatures.models import Petition, Picture
from signatures.models.picture import PicturePart
from signatures.publishing.header_pictures import WEBP, content_of, remove_picture, set_picture
from signatures.publishing.picture_making import MadePicture, make_picture
from signatures.texts.invisible import in_one_line

WORDS = ("alt", "caption")


class PictureForm(forms.Form):
    """Asks for a file and its words in every language of the petition."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_(
            "JPEG, PNG or WebP, at most 10 megabytes, at least 640 pixels wide. Place, time and camera are removed"
            " from it. Show no faces of people who could be harmed, and nothing that is not public."
        ),
    )
    part = forms.ChoiceField(
        label=_("What stays when it is cut to the shape of the page"),
        choices=PicturePart.choices,
        initial=PicturePart.MIDDLE,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("The page shows it twice as wide as high, nearly. To cut it differently, choose the file again."),
    )

    def __init__(self, *args: Any, petition: Petition, picture: Picture | None, **kwargs: Any) -> None:
        """Add the fields for each language; the file is needed only where there is no picture yet."""
        super().__init__(*args, **kwargs)
        self.made: MadePicture | None = None
        self.fields["file"].required = picture is None
        for word in WORDS:
            column: Any = Picture._meta.get_field(word)
            for language in petition.ordered_languages:
                names = {
                    "alt": _("Alternative text: %(language)s"),
                    "caption": _("Caption: %(language)s"),
                }
                self.fields[f"{word}_{language}"] = forms.CharField(
                    label=names[word] % {"language": name_of(language)},
                    required=word == "alt",
                    max_length=column.max_length,
                    help_text=column.help_text,
                    initial=getattr(picture, f"{word}_{language}", "") or "",
                    widget=forms.TextInput(attrs={"lang": language}),
                )

    @cached_property
    def words(self) -> dict[str, str]:
        """Return alternative texts and captions by column."""
        return {name: in_one_line(self.cleaned_data[name]) for name in self.fields if name not in {"file", "part"}}

    def clean(self) -> dict[str, Any]:
        """Make the picture, once nothing else is wrong with the form."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("file") and not self.errors:
            try:
                self.made = make_picture(data["file"].read(), data.get("part") or PicturePart.MIDDLE)
            except ValidationError as error:
                self.add_error("file", error)
        return data


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the picture of a petition, or store, replace or remove it.

    :raises PermissionDenied: if the organiser may not change the petition
    """
    organiser, petition = acting_on(request, "change_petition", pk)
    stored = Picture.objects.filter(petition=petition).without_bytes().first()
    here = HttpResponseRedirect(reverse("admin:petition_picture", args=[pk]))
    if request.POST.get("action") == "remove":
        if remove_picture(petition=petition, actor=organiser):
            messages.success(request, gettext("The picture is removed."))
        return here
    asked = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PictureForm(*asked, petition=petition, picture=stored)
    if form.is_bound and form.is_valid():
        try:
            set_picture(petition=petition, made=form.made, words=form.words, actor=organiser)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            messages.success(request, gettext("The picture is saved."))
            return here
    context = {
        **admin.site.each_context(request),
        "title": gettext("Header picture"),
        "petition": petition,
        "picture": stored,
        "asks": bool(stored) and "remove" in request.GET,
        "languages": [(code, name_of(code)) for code in petition.ordered_languages],
        "form": form,
        "opts": Petition._meta,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/picture.html", context, status=status)


@require_safe
@cache_control(no_store=True)
def picture_file(request: HttpRequest, pk: int, size: str) -> HttpResponse:
    """Return the picture of a petition that may not be public yet.

    :raises Http404: if it has none
    """
    _organiser, petition = acting_on(request, "view_petition", pk)
    return HttpResponse(content_of(Picture.objects.filter(petition=petition), size), content_type=WEBP)
