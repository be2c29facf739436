"""Takes the pictures of the organisers' guide, in every language (``python -m tests.screenshots.guide``)."""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from signatures.languages import Language
from tests.screenshots.__main__ import run
from tests.screenshots.camera import Camera
from tests.screenshots.desk_pages import log_in
from tests.screenshots.patience import impatient_browser
from tests.screenshots.seeds import NEWS, RELEASE, SEED
from tests.support.server.local_site import ROOT, LocalSite, running

TARGET = ROOT / "static" / "guide"
VIEW = {"width": 960, "height": 720}
# Text on paper: more colours make the file larger and nothing clearer.
COLOURS = 48


@dataclass(frozen=True)
class Picture:
    """A picture of a page of the desk.

    :param path: below ``/admin/``
    :param top: what stands at its top, as a selector
    :param height: in pixels, at most
    """

    name: str
    path: str
    top: str = "#content"
    height: int = 620


PICTURES = (
    Picture("first-page", ""),
    Picture("new-petition", "signatures/petition/add/"),
    Picture("people", "signatures/petition/1/people/"),
    Picture("app", "second-factor/set-up/"),
    Picture("news", "signatures/update/add/"),
    Picture("signatures", "signatures/signature/"),
    Picture("rule", "signatures/petition/1/rules/new/"),
    Picture("names", "signatures/petition/1/names/"),
    Picture("hand-over", "signatures/petition/1/hand-over/"),
    Picture("audit-log", "signatures/auditentry/"),
)


def keep(page: Page, picture: Picture, language: str) -> None:
    """Keep the part of a page that the guide shows."""
    page.wait_for_load_state("load")
    box = page.locator(picture.top).first.bounding_box()
    assert box is not None, picture.name
    clip = {"x": 0, "y": box["y"], "width": VIEW["width"], "height": min(box["height"], picture.height)}
    taken = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    folder = TARGET / language
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(taken)) as image:
        image.convert("RGB").quantize(COLOURS).save(folder / f"{picture.name}.png", optimize=True)


def take_all(site: LocalSite) -> None:
    """Take every picture in every language."""
    origin = f"http://127.0.0.1:{site.port}"
    with sync_playwright() as playwright, impatient_browser(playwright) as browser:
        for language in Language.values:
            page = browser.new_page(locale=language, viewport=VIEW)  # type: ignore[arg-type]
            camera = Camera(page, origin, language, language)
            camera.go("/admin/")
            log_in(camera, site)
            for picture in PICTURES:
                camera.go(f"/admin/{picture.path}")
                keep(page, picture, language)
            page.close()


def main() -> None:
    """Run."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(LocalSite(Path(folder) / "data", env={"SITE_LANGUAGES": ",".join(Language.values)})) as site,
    ):
        site.query(SEED)
        run(RELEASE, site)
        site.query(NEWS)
        take_all(site)
    sys.stdout.write(f"{len(PICTURES)} pictures in each language, in {TARGET}\n")


if __name__ == "__main__":
    main()
