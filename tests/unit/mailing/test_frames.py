"""A mail from a frame equals the mail rendered by its templates, with its own values and nobody else's."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from signatures.mailing.frames import MARKS, OWN, TEMPLATES, UNASKED, Naming, frame_of
from signatures.models.choices import Language, MailKind

VALUES = {
    "code": "0000-0000-0000-0000",
    "link": "https://example.org/en/x/",
    "stop": "https://example.org/en/y/",
    "asked": "18:04",
}
KINDS = pytest.mark.parametrize("kind", MailKind)
LANGUAGES = pytest.mark.parametrize("language", Language.values)
HOSTILE = "{{ code }} %(code)s {code} $code </p><script>x</script> &amp; =_ --=_ \" ' code link stop"
lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=60)


def parts_of(kind: MailKind, language: str, naming: Naming | None, values: dict[str, str]) -> list[str]:
    """Return the decoded plain text and HTML of a mail."""
    message = EmailMessage(policy=SMTP)
    frame_of(kind, language, naming).add_bodies(message, values)
    sent = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert not next(iter(sent.walk())).defects
    return [part.get_content() for part in sent.iter_parts()]


def rendered(kind: MailKind, language: str, naming: Naming | None, values: dict[str, str]) -> list[str]:
    """Return the same as rendered by the templates for this mail only."""
    with translation.override(language):
        name = f"mail/{TEMPLATES[kind]}"
        context = {**values, "language": language, "naming": naming, "site": urlsplit(settings.SITE_ORIGIN).netloc}
        if kind in UNASKED:
            del context["asked"]
        context["subject"] = render_to_string(f"{name}_subject.txt", context).strip()
        return [render_to_string(f"{name}.txt", context).strip() + "\n", render_to_string(f"{name}.html", context)]


def with_line_ends(texts: list[str]) -> list[str]:
    """Normalise line ends, with exactly one at the end of each text."""
    return ["\n".join(text.splitlines()) + "\n" for text in texts]


@KINDS
@LANGUAGES
@given(title=lines, body=lines, value=lines)
def test_a_mail_from_a_frame_equals_the_rendered_templates(
    kind: MailKind, language: str, title: str, body: str, value: str
) -> None:
    # Tests with a server of their own have changed where the site is.
    frame_of.cache_clear()
    values = {name: f"{name} {value}." for name in OWN}
    for naming in (None, Naming(title, body), Naming(HOSTILE, HOSTILE)):
        expected = rendered(kind, language, naming, values)
        assert with_line_ends(parts_of(kind, language, naming, values)) == with_line_ends(expected)


@KINDS
@LANGUAGES
def test_no_value_is_mistaken_for_a_placeholder_or_for_html(kind: MailKind, language: str) -> None:
    values = dict.fromkeys(OWN, f"<b>&{MARKS['stop']}") | {"stop": "the last"}
    plain, rich = parts_of(kind, language, None, values)
    assert f"<b>&{MARKS['stop']}" in plain
    assert f"&lt;b&gt;&amp;{MARKS['stop']}" in rich
    assert "<b>" not in rich


@KINDS
@LANGUAGES
def test_data_of_one_mail_is_in_no_other(kind: MailKind, language: str) -> None:
    first = {name: f"first-{name}" for name in OWN}
    second = {name: f"second-{name}" for name in OWN}
    one, other = (parts_of(kind, language, None, values) for values in (first, second))
    assert "second" not in "".join(one)
    assert "first" not in "".join(other)
    for text in (*one, *other):
        assert not any(mark in text for mark in MARKS.values())


@KINDS
def test_no_line_is_long_and_none_looks_like_the_boundary(kind: MailKind) -> None:
    values = dict.fromkeys(OWN, "x" * 2000)
    for language in Language.values:
        message = EmailMessage(policy=SMTP)
        frame_of(kind, language, Naming(HOSTILE, HOSTILE)).add_bodies(message, values)
        boundary = message.get_boundary()
        assert boundary is not None
        sent = message.as_bytes().splitlines()
        assert max(map(len, sent)) <= 78
        assert sum(boundary.encode() in line for line in sent) == 4
        assert sent.count(b"--" + boundary.encode()) == 2


@LANGUAGES
def test_only_a_mail_that_may_name_the_petition_has_the_name_of_the_site(language: str, settings: Settings) -> None:
    frame_of.cache_clear()
    settings.SITE_NAME = "Friends of the prisoners"
    for naming, is_named in ((None, False), (Naming("A park", "Friends of the park"), True)):
        for part in parts_of(MailKind.CONFIRM, language, naming, VALUES):
            assert (settings.SITE_NAME in part, "18:04" in part) == (is_named, True)
    frame_of.cache_clear()
