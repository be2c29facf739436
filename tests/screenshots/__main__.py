"""Takes a picture of every page and state, in two languages and widths, light and dark (``make screenshots``)."""

from __future__ import annotations

import html
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

from tests.screenshots.camera import TARGET, cameras
from tests.screenshots.desk_pages import desk
from tests.screenshots.patience import impatient_browser
from tests.screenshots.seeds import NEW_TEXT, NEWS, PUBLISH, RELEASE, RENDER, SEED
from tests.screenshots.states import (
    PAGE_CACHE_SECONDS,
    RATES,
    changed_text,
    changing,
    closed,
    error_pages,
    reading,
    signing,
    too_many,
    wait_state,
)
from tests.support.server.local_site import ROOT, LocalSite, running
from tryout.manage import command_environment
from tryout.run import Place


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


def take_all(browser: Browser, site: LocalSite) -> None:
    """Take every picture."""
    origin = f"http://127.0.0.1:{site.port}"
    with cameras(browser, origin) as all_cameras:
        for camera in all_cameras:
            camera.of_petition()
            camera.keep("no-signatures-yet")
        site.query(SEED)
        run(RELEASE, site)
        site.query(NEWS)
        time.sleep(PAGE_CACHE_SECONDS)
        for camera in all_cameras:
            reading(camera)
            signing(camera, site)
            changing(camera, site)
        first, second = (camera for camera in all_cameras if camera.prefix.endswith("1280-light"))
        desk(first, site)
        for camera in all_cameras:
            camera.of_petition("deliveries/")
            camera.keep("deliveries-with-one")
        desk(second, site)
        with cameras(browser, origin, scripts=True) as with_scripts:
            for camera in with_scripts:
                wait_state(camera)
        pages = json.loads(run(RENDER, site))
        for camera in all_cameras:
            error_pages(camera, pages)
        site.query(NEW_TEXT)
        changed_text(all_cameras, lambda: run(PUBLISH, site))
        closed(all_cameras, site)
        # Last, since nobody can sign afterwards.
        too_many(all_cameras, site)


def main() -> None:
    """Run."""
    TARGET.mkdir(exist_ok=True)
    for old in TARGET.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(LocalSite(Path(folder) / "data", env=RATES)) as site,
        sync_playwright() as playwright,
        impatient_browser(playwright) as browser,
    ):
        take_all(browser, site)
    write_index()
    sys.stdout.write(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET}/index.html\n")


if __name__ == "__main__":
    main()
