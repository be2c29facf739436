"""Writes a copy of the public pages that any web space or memory stick can carry."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import os
import posixpath
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.translation import override

from signatures.baking.pages import Made, every_page, local_path
from signatures.baking.rewriting import links_of, rewritten
from signatures.languages import name_of, site_languages
from signatures.safeguarding.mirror_signing import can_sign, public_key_pem, sign

SUMS, SUMS_SIGNATURE, PUBLIC_KEY = "SHA256SUMS", "SHA256SUMS.sig", "mirrors.pem"
# No script, no form, nothing from elsewhere; file: where there is no server.
POLICY = (
    "default-src 'none'; style-src 'self' file: {style}; img-src 'self' file: data:;"
    " base-uri 'none'; form-action 'none'"
)
STATIC_LINK = re.compile(rb"url\((['\"]?)([^)'\"]+)\1\)")


class NotOurFolderError(Exception):
    """The folder holds something that is no copy made before."""


@dataclass(frozen=True)
class Copy:
    """How a copy came out."""

    files: int
    bytes: int
    is_signed: bool


def bake(folder: Path) -> Copy:
    """Write a copy into a folder, in place of one that was made before.

    :raises NotOurFolderError: if the folder holds anything else
    :raises OSError: if it cannot be written
    """
    pages = every_page()
    made_at = datetime.now(UTC)
    files = {_file_of(path): _baked(path, made, pages, made_at) for path, made in pages.items()}
    files |= _static_files(pages)
    files["index.html"] = _index(made_at)
    return _write(folder, files)


def bake_single(folder: Path) -> Copy:
    """Write each petition in each of its languages as one file that holds all that it shows.

    :raises NotOurFolderError: if the folder holds anything but such files
    :raises OSError: if it cannot be written
    """
    pages = every_page()
    made_at = datetime.now(UTC)
    static = _static_files(pages)
    files = {}
    for path, made in pages.items():
        match = resolve(path)
        if match.url_name == "petition":
            files[f"{match.kwargs['slug']}-{made.language}.html"] = _single(path, made, pages, static, made_at)
    return _write(folder, files)


def _file_of(path: str) -> str:
    """Return the name of the file that holds the page of a path."""
    return path.lstrip("/") + ("index.html" if path.endswith("/") else "")


def _living(page: str, link: str) -> str:
    """Return a link as it leads to the living site."""
    return urljoin(settings.SITE_ORIGIN + page, link)


def _words(template: str, page: str, made_at: datetime, language: str) -> str:
    """Return what a copy says of itself, or in place of a form."""
    context: dict[str, Any] = {
        "made_at": made_at,
        "site_origin": settings.SITE_ORIGIN,
        "living": _living(page, ""),
        "onion": f"{settings.ONION_ORIGIN}{page}" if settings.ONION_ORIGIN else "",
        "onion_origin": settings.ONION_ORIGIN,
    }
    with override(language):
        return render_to_string(template, context)


def _baked(path: str, made: Made, pages: Mapping[str, Made], made_at: datetime) -> bytes:
    if not made.is_html:
        return made.content

    def link(element: str, target: str) -> str:
        if target.startswith("#"):
            return target
        local = local_path(path, target)
        is_there = local is not None and (local in pages or local.startswith(settings.STATIC_URL))
        if local is None or not is_there or element == "meta" or _is_canonical(target):
            return _living(path, target)
        fragment = urldefrag(target).fragment
        beside = posixpath.relpath(_file_of(local), posixpath.dirname(_file_of(path)) or ".")
        return f"{beside}#{fragment}" if fragment else beside

    return _with_words(path, made, made_at, link, style="")


def _is_canonical(target: str) -> bool:
    """Return whether a link says which page is the original: a whole address of the site."""
    return target.startswith(settings.SITE_ORIGIN)


def _with_words(path: str, made: Made, made_at: datetime, link: Any, *, style: str) -> bytes:
    policy = POLICY.format(style=style).replace("  ", " ").replace(" ;", ";")
    return rewritten(
        made.content,
        link=link,
        after_main=_words("publishing/copy_notice.html", path, made_at, made.language),
        in_place_of_form=_words("publishing/copy_form.html", path, made_at, made.language),
        in_head=f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
    )


def _single(path: str, made: Made, pages: Mapping[str, Made], static: Mapping[str, bytes], made_at: datetime) -> bytes:
    styles: list[str] = []

    def link(element: str, target: str) -> str:
        if target.startswith("#"):
            return target
        local = local_path(path, target)
        if local is None or element in {"a", "meta"} or _is_canonical(target):
            return _living(path, target)
        content = static.get(local.lstrip("/")) or (pages[local].content if local in pages else None)
        if content is None:
            return _living(path, target)
        if local.endswith(".css"):
            styles.append(content.decode())
            return "data:,"
        return _data_url(local, content)

    rewritten(made.content, link=link, after_main="", in_place_of_form="", in_head="")
    style = "\n".join(styles)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _with_words(path, made, made_at, link, style=f"'sha256-{digest}'").decode()
    page = re.sub(r'<link rel="stylesheet" href="data:,">', "", page)
    return page.replace("</head>", f"<style>{style}</style></head>", 1).encode()


def _data_url(path: str, content: bytes) -> str:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _static_files(pages: Mapping[str, Made]) -> dict[str, bytes]:
    """Return the static files that the pages show, with those that their stylesheets name."""
    waiting = {
        local
        for path, made in pages.items()
        if made.is_html
        for target in links_of(made.content)
        if (local := local_path(path, target)) is not None and local.startswith(settings.STATIC_URL)
    }
    found: dict[str, bytes] = {}
    while waiting:
        path = waiting.pop()
        content = (Path(settings.STATIC_ROOT) / path.removeprefix(settings.STATIC_URL)).read_bytes()
        found[path.lstrip("/")] = content
        if path.endswith(".css"):
            named = {urlsplit(urljoin(path, match[1].decode())).path for match in STATIC_LINK.findall(content)}
            waiting |= {one for one in named if one.startswith(settings.STATIC_URL)} - {f"/{name}" for name in found}
    return found


def _index(made_at: datetime) -> bytes:
    """Return the first page, which leads to the list of petitions in each language."""
    languages = [
        {
            "code": code,
            "name": name_of(code),
            "file": _file_of(reverse("petition_list", kwargs={"language": code})),
            "notice": _words("publishing/copy_notice.html", "/", made_at, code),
        }
        for code in site_languages()
    ]
    return render_to_string("publishing/copy_index.html", {"languages": languages}).encode()


def _write(folder: Path, files: dict[str, bytes]) -> Copy:
    if folder.exists() and any(folder.iterdir()) and not (folder / SUMS).is_file():
        raise NotOurFolderError
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    files[SUMS] = sums.encode()
    if can_sign():
        files[SUMS_SIGNATURE] = sign(files[SUMS])
        files[PUBLIC_KEY] = public_key_pem().encode()
    # Beside it, on the same disk.
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        unfinished, before = (Path(beside) / ending for ending in ("unfinished", "before"))
        _put(folder, files, unfinished, before)
    return Copy(len(files), sum(map(len, files.values())), can_sign())


def _put(folder: Path, files: Mapping[str, bytes], unfinished: Path, before: Path) -> None:
    for name, content in files.items():
        file = unfinished / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    # A web server that carries the folder shows the one or the other, and nothing half-written.
    if folder.exists():
        os.rename(folder, before)  # noqa: PTH104 - both are folders
    os.rename(unfinished, folder)  # noqa: PTH104
