"""The header picture of a petition: storing it, and its public address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from signatures import auditing
from signatures.models import Organiser, Petition, Picture
from signatures.models.choices import AuditAction
from signatures.publishing.picture_making import MadePicture
from signatures.safeguarding.public_guards import reading_only

SIZES = ("narrow", "wide")
WEBP = "image/webp"
# Seconds. Its address changes with it, so browsers keep it; shared caches ask again, since it may be removed.
BROWSERS_KEEP = 31_536_000
SHARED_KEEP = 5


@reading_only
@cache_control(public=True, max_age=BROWSERS_KEEP, s_maxage=SHARED_KEEP, immutable=True)
def picture(request: HttpRequest, digest: str, size: str) -> HttpResponse:
    """Return a picture in one of its sizes.

    :raises Http404: if there is none, or its petition is not public
    """
    content = content_of(Picture.objects.filter(digest=digest).public(), size)
    return HttpResponse(content, content_type=WEBP)


def content_of(pictures: Any, size: str) -> bytes:
    """Return the first of these pictures in a size.

    :raises Http404: if there is none
    """
    content = pictures.values_list(size, flat=True).first() if size in SIZES else None
    if content is None:
        raise Http404
    return bytes(content)


def set_picture(*, petition: Petition, made: MadePicture | None, words: Mapping[str, str], actor: Organiser) -> None:
    """Give a petition a header picture in place of any other, or change the words of the one that it has.

    :param made: the new picture, or None to keep the one that is there
    :param words: alternative texts and captions by column
    :raises ValidationError: if there is neither a new picture nor one to keep
    """
    values: dict[str, Any] = dict(words)
    if made is not None:
        values |= {
            "digest": made.digest,
            "narrow": made.narrow.content,
            "narrow_width": made.narrow.width,
            "wide": made.wide.content,
            "wide_width": made.wide.width,
            "wide_height": made.wide.height,
            "card": made.card,
        }
    with transaction.atomic():
        Petition.objects.select_for_update(no_key=True).get(pk=petition.pk)
        if made is not None:
            Picture.objects.update_or_create(petition=petition, defaults=values)
        elif not Picture.objects.filter(petition=petition).update(**values):
            raise ValidationError(_("Choose a file first."))
        _record(petition, actor)


def remove_picture(*, petition: Petition, actor: Organiser) -> bool:
    """Remove the header picture of a petition, and return whether there was one."""
    with transaction.atomic():
        Petition.objects.select_for_update(no_key=True).get(pk=petition.pk)
        removed, _rows = Picture.objects.filter(petition=petition).delete()
        if removed:
            _record(petition, actor)
    return bool(removed)


def _record(petition: Petition, actor: Organiser) -> None:
    auditing.record(
        actor=actor,
        action=AuditAction.PETITION_CHANGED,
        petition=petition,
        target=petition.pk,
        details={"fields": ["picture"]},
    )
