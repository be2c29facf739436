"""Takes a picture of every page and state, in both languages and widths, light and dark (``make screenshots``)."""

from __future__ import annotations

import html
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import sync_playwright

from petition_site.local_manage import command_environment
from petition_site.run import Place
from tests.browser.conftest import ARGUMENTS
from tests.programs import require_program
from tests.screenshots.camera import TARGET, cameras
from tests.screenshots.seeds import NEWS, PUBLISH, RENDER, SEED
from tests.screenshots.states import changed_text, desk, error_pages, reading, refusals, signing, wait_state
from tests.server.local_site import ROOT, LocalSite, running


def write_index() -> None:
    """Write a page to leaf through the pictures."""
    pictures = sorted(TARGET.glob("*.png"))
    links = "\n".join(
        f'<figure><figcaption>{html.escape(one.stem)}</figcaption><img loading="lazy" src="{quote(one.name)}" alt="">'
        "</figure>"
        for one in pictures
    )
    style = "figure{display:inline-block;vertical-align:top;margin:8px}img{max-width:420px;border:1px solid #999}"
    (TARGET / "index.html").write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{links}")


def run(code: str, site: LocalSite) -> str:
    """Run Python beside the site, with its settings, and return what it prints."""
    env = command_environment(Place("127.0.0.1", site.port, site.data))
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout


def main() -> None:
    """Run."""
    TARGET.mkdir(exist_ok=True)
    for old in TARGET.glob("*.png"):
        old.unlink()
    program = require_program("chromium", "chromium-browser", "google-chrome")
    with (
        tempfile.TemporaryDirectory() as folder,
        running(LocalSite(Path(folder) / "data")) as site,
        sync_playwright() as p,
    ):
        browser = p.chromium.launch(executable_path=program, args=ARGUMENTS)
        origin = f"http://127.0.0.1:{site.port}"
        for camera in cameras(browser, origin):
            camera.of_petition()
            camera.keep("no-signatures-yet")
        site.query(SEED)
        site.query(NEWS)
        rendered = json.loads(run(RENDER, site))
        for camera in cameras(browser, origin):
            reading(camera)
            signing(camera, site)
            if "1280-light" in camera.prefix:
                desk(camera, site)
        for language in ("en", "ru"):
            wait_state(browser, origin, language)
        for camera in cameras(browser, origin):
            changed_text(camera, site, lambda: run(PUBLISH, site))
            error_pages(camera, rendered)
        # Last, since what they use up of the limits is missing to others.
        for camera in cameras(browser, origin):
            refusals(camera, site)
        browser.close()
    write_index()
    sys.stdout.write(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET}/index.html\n")


if __name__ == "__main__":
    main()
