"""Admin fields for texts, with a toolbar above and a preview beside, that remove invisible characters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from signatures.languages import Language, site_languages
from signatures.texts.html_printer import render_markdown
from signatures.texts.invisible import in_one_line, visible_text
from signatures.texts.outlines import Outline, outline_in
from signatures.texts.remarks import remarks_on

if TYPE_CHECKING:
    AnyModelForm = forms.ModelForm[Any]
else:
    AnyModelForm = object

HELP = _(
    "Plain text or Markdown, typed or pasted from Word, Google Docs or a mail. Beside the field, or below it on a"
    " narrow screen, stands what readers will see: as you type where scripts are on, else as it was saved last."
    " Formatting: **bold**, ## heading, 1. list, [words](https://example.org). Pictures are left out."
)
CHARACTERS_MAX = 200_000
BODY = "body"
SHOWN = "admin/shown_text.html"
# Prefix of the names of buttons that fill an empty field in with an outline, before the field's name.
OUTLINE = "_outline-"


def side_by_side(*parts: str) -> tuple[tuple[str, ...], ...]:
    """Return field names in rows, each with one text in all languages of the site side by side."""
    return tuple(tuple(f"{part}_{language}" for language in site_languages()) for part in parts)


class WrittenText(forms.Textarea):
    """A text area for one language, with a toolbar, and perhaps a preview and outlines to begin with.

    :param language: language code
    :param outlines: codes and names of the outlines that an empty field offers
    """

    def __init__(
        self,
        language: str,
        attrs: dict[str, Any] | None = None,
        *,
        is_shown: bool = True,
        outlines: Mapping[str, Outline] | None = None,
    ) -> None:
        """Store the language, for the lang attribute and spell checkers."""
        super().__init__(attrs)
        self.language, self.is_shown, self.outlines = language, is_shown, outlines or {}

    class Media:
        js = ("js/desk.js", "js/toolbar.js")

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the text area and the preview of its current text as HTML."""
        field = super().render(name, value, attrs, renderer)
        context = {
            "field": field,
            "id": (attrs or {}).get("id"),
            "language": self.language,
            "outline_name": f"{OUTLINE}{name}",
            "outlines": [
                (code, outline.name, outline_in(self.outlines, code, self.language))
                for code, outline in (self.outlines.items() if not value else ())
            ],
            "is_shown": self.is_shown,
            **(_shown(value or "") if self.is_shown else {}),
        }
        return mark_safe(render_to_string("admin/written_text.html", context))  # noqa: S308 - a template of ours


class PastedTexts(AnyModelForm):
    """A form that removes invisible characters from its texts; unchanged texts stay as they are.

    The button of an outline sends the whole form, which comes back filled in, neither stored nor checked.
    """

    parts: tuple[str, ...]
    markdown_parts: tuple[str, ...] = (BODY,)
    outlines: Mapping[str, Outline] = {}

    def show_text(self) -> None:
        """Give the text area of each language a toolbar, and the main one a preview and outlines."""
        for language in Language.values:
            for part in self.markdown_parts:
                if field := self.fields.get(f"{part}_{language}"):
                    is_shown = part == BODY
                    outlines = self.outlines if is_shown else None
                    field.widget = WrittenText(language, field.widget.attrs, is_shown=is_shown, outlines=outlines)
                    if is_shown:
                        field.help_text = HELP
        self._fill_in()

    def is_valid(self) -> bool:
        """Return whether the form can be stored; never if the button of an outline was pressed."""
        return not self._asks_for_outline and super().is_valid()

    def full_clean(self) -> None:
        """Check the fields, unless the button of an outline was pressed: nobody has finished writing."""
        if self._asks_for_outline:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    @property
    def _asks_for_outline(self) -> bool:
        return self.is_bound and any(name.startswith(OUTLINE) for name in self.data)

    def _fill_in(self) -> None:
        """Put the outlines that were asked for into their fields, if these are empty."""
        if not self._asks_for_outline:
            return
        data: QueryDict = self.data.copy()  # type: ignore[attr-defined]
        for name, code in self.data.items():
            field = name.removeprefix(OUTLINE)
            if name.startswith(OUTLINE) and field in self.fields and not str(data.get(field, "")).strip():
                data[field] = outline_in(self.outlines, str(code), field.rpartition("_")[2])
        self.data = data

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the fields that changed, ignoring differences in line ends."""
        cleaners = self._cleaners()
        return [name for name in super().changed_data if name not in cleaners or not self._says_the_same(name)]

    def clean(self) -> dict[str, Any]:
        """Return the form's data with cleaned texts."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name, cleaned in self._cleaners().items():
            if name in data and name in self.changed_data:
                data[name] = cleaned(data[name] or "")
            elif name in data:
                data[name] = self.initial.get(name, data[name])
        return data

    def _cleaners(self) -> dict[str, Callable[[str], str]]:
        return {
            f"{part}_{language}": visible_text if part in self.markdown_parts else in_one_line
            for part in self.parts
            for language in Language.values
        }

    def _says_the_same(self, name: str) -> bool:
        typed = self[name].data
        stored = self.initial.get(name) or ""
        return not self.instance._state.adding and _with_plain_ends(typed or "") == _with_plain_ends(stored)


@require_POST
def shown_text(request: HttpRequest) -> HttpResponse:
    """Return the preview of a text, with remarks on what readers will not see."""
    return render(request, SHOWN, _shown(request.POST.get("text", "")))


def _shown(text: str) -> dict[str, Any]:
    text = text[:CHARACTERS_MAX]
    return {"html": render_markdown(text), "remarks": remarks_on(text)}


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
