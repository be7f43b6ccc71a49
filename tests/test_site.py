"""The documentation as a site: built without a warning, it loads nothing from elsewhere, and everybody can use it."""

from __future__ import annotations

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.test_browser import CHROMIUM, QUIET, Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("mkdocs", reason="mkdocs is not installed: the site is not built")
ROOT = Path(__file__).parent.parent
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (CHROMIUM=… says where)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site, served on this machine."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


def test_every_page_is_in_the_site(site: Path) -> None:
    names = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert names | {"index", "changelog", "contributing", "security", "results"} <= {
        path.stem for path in site.glob("*.html")
    }


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    loads = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"(?:https?:)?//[^\"]*\"")
    assert {found for page in site.glob("*.html") for found in loads.findall(page.read_text(encoding="utf-8"))} == set()


def test_the_reference_has_every_command_and_option(site: Path) -> None:
    from pipeline.cli import main

    text = (site / "commands.html").read_text(encoding="utf-8")
    wanted = {
        name
        for command in main.commands.values()
        for option in command.params
        for name in option.opts
        if name[:2] == "--"
    }
    assert len(wanted) > 20
    assert [
        name for name in sorted(wanted) if f"{name}<" not in text and f"{name} " not in text and f"{name}," not in text
    ] == []
    assert [name for name in main.commands if f'<h3 id="bulk-cancel-{name}">' not in text] == []


@needs_chromium
@pytest.mark.parametrize("page", ["index", "recipes", "commands", "results"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages(browser: Browser, address: str, page: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    opened = browser.new_page(color_scheme=scheme)
    watched = Watched(opened, f"{address}/{page}.html")
    found = [one for one in axe.Axe().run(opened).response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith((address, "blob:"))] == []
    opened.close()


@needs_chromium
def test_the_search_finds_without_a_network(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/index.html")
    page.keyboard.press("/")
    page.keyboard.type("resend-unknown")
    page.locator(".md-search-result__item").first.wait_for()
    assert "resend-unknown" in page.locator(".md-search-result__list").inner_text()
    page.close()
