"""The page in a real browser: it works, reaches for nothing, and can be used by everybody."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.report.page import Story, page
from tests.stories import HOSTILE, SMALL, hostile, many, story

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")

CHROMIUM = os.environ.get("CHROMIUM") or next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (CHROMIUM=… says where)")

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""No sandbox, as CI runs as root; and no call home, so that every request seen is the page's."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


class Watched:
    """A page, everything that it complained about, and everything that it asked the network for."""

    def __init__(self, page_: Page, address: str) -> None:
        self.page = page_
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page_.on("console", lambda message: self.complaints.append(message.text))
        page_.on("pageerror", lambda error: self.complaints.append(str(error)))
        page_.on("dialog", lambda dialog: self.complaints.append(dialog.message) or dialog.dismiss())
        page_.on("request", lambda request: self.requests.append(request.url))
        page_.goto(address)
        self.requests = [url for url in self.requests if url != address and not url.startswith("data:")]

    def rows(self) -> list[str]:
        """The row numbers that are shown, in order."""
        return self.page.locator("#needs tbody tr:visible td:first-child").all_inner_texts()

    def download(self) -> list[list[str]]:
        """What the button gives, as a spreadsheet would read it."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name="Download these rows as CSV").click()
        text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    contexts = []

    def opened(told: Story, **options: Any) -> Watched:
        file = tmp_path / "report.html"
        file.write_text(page(told), encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
        contexts.append(context)
        return Watched(context.new_page(), file.as_uri())

    yield opened
    for context in contexts:
        context.close()


def test_the_page_opens_without_a_complaint_or_a_request(show: Any) -> None:
    seen = show(story())
    assert seen.page.title() == "orders.xlsx: what became of each row"
    assert seen.rows() == ["8", "7", "10", "9"]
    seen.page.wait_for_load_state("networkidle")
    assert (seen.complaints, seen.requests) == ([], [])


def test_search_and_status_narrow_the_rows(show: Any) -> None:
    seen = show(story())
    search, only = seen.page.get_by_label("Search"), seen.page.locator("#only")
    search.fill("NOT found so-6")
    assert seen.rows() == ["10"]
    assert seen.page.get_by_role("status").inner_text() == "1 of 4 rows shown"
    search.fill("")
    only.select_option("Failed")
    assert seen.rows() == ["7", "10"]
    search.fill("nothing has this")
    assert seen.rows() == []


def test_a_heading_sorts_and_sorts_the_other_way_with_keys_alone(show: Any) -> None:
    seen = show(story())
    heading = seen.page.get_by_role("columnheader", name="Row", exact=True)
    heading.get_by_role("button").focus()
    seen.page.keyboard.press("Enter")
    assert (seen.rows(), heading.get_attribute("aria-sort")) == (["7", "8", "9", "10"], "ascending")
    seen.page.keyboard.press("Enter")
    assert (seen.rows(), heading.get_attribute("aria-sort")) == (["10", "9", "8", "7"], "descending")


def test_the_download_holds_the_rows_that_are_shown(show: Any) -> None:
    seen = show(story())
    seen.page.get_by_label("Search").fill("SO-4")
    assert seen.download() == [
        ["Row", "Status", "AWB", "Order reference", "Remark", "Next step"],
        [
            "8", "Unknown", "1319480004", "SO-4", "no answer for this AWB: run verify",
            "It may be cancelled. Run verify; if it stays in doubt, look it up in the iThink panel.",
        ],
    ]  # fmt: skip


def test_hostile_texts_stay_text_on_the_page_and_in_the_download(show: Any) -> None:
    seen = show(hostile())
    assert len(seen.rows()) == len(HOSTILE)
    assert seen.page.title().endswith(".xlsx: what became of each row")
    assert seen.page.locator("img, iframe, h1 + h1, td h1").count() == 0
    lines = seen.download()
    assert len(lines) == len(HOSTILE) + 1
    for cell in (cell for line in lines[1:] for cell in line):
        assert cell.lstrip(" \u200b\t")[:1] not in ("=", "+", "-", "@")
        assert not set(cell) & {"\r", "\n", "\x00", "\x1b"}
    assert (seen.complaints, seen.requests) == ([], [])


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 22, 29)")])
def test_the_page_is_light_or_dark_as_the_reader_likes(show: Any, scheme: str, paper: str) -> None:
    seen = show(story(), color_scheme=scheme)
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


def test_paper_is_white_and_has_no_buttons(show: Any) -> None:
    seen = show(story(), color_scheme="dark")
    seen.page.emulate_media(media="print")
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not seen.page.locator("#tools").is_visible()
    assert seen.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_phone_needs_no_scrolling_sideways_and_can_sort(show: Any) -> None:
    seen = show(story(), viewport={"width": 360, "height": 740})
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    seen.page.get_by_label("Sort by").select_option("order reference")
    assert seen.rows() == ["7", "8", "9", "10"]
    seen.page.get_by_label("Sort by").select_option("most pressing first")
    assert seen.rows() == ["8", "7", "10", "9"]


def test_the_longest_page_answers_a_search(show: Any) -> None:
    seen = show(many(20_000, "mixed"))
    seen.page.get_by_label("Search").fill("SO-13 ")
    assert seen.page.get_by_role("status").inner_text().endswith("of 2000 rows shown")
    assert (seen.complaints, seen.requests) == ([], [])


STORIES = {
    "a usual run": story,
    "a plan": lambda: story(SMALL.assign(status="Planned"), run=""),
    "a run that stopped": lambda: story(environment="production", stopped="the service is down", exit_code=3),
    "hostile texts": hostile,
}


@pytest.mark.parametrize("told", STORIES)
@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 800}}])
def test_axe_finds_no_serious_fault(show: Any, told: str, look: dict[str, Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    seen = show(STORIES[told](), bypass_csp=True, **look)
    found = axe.run(seen.page).response["violations"]
    assert [
        (fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")
    ] == []


BROAD = many(96, "failed").picked.assign(
    status="Failed", remark=["It was picked up by the courier, who can't be reached about this shipment any more"] * 96
)


LINES = """one => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return new Set(Array.from(range.getClientRects(), (box) => Math.round(box.top))).size;
}"""
"""On how many lines a text stands."""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_count_stands_on_one_line_beside_its_remark(show: Any, width: int) -> None:
    watched = show(story(BROAD), viewport={"width": width, "height": 900})
    counts = watched.page.locator(".bars .name > :last-child")
    assert counts.all_inner_texts()[-1] == "96"
    assert counts.evaluate_all(f"all => all.map({LINES})") == [1] * counts.count()


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler")
def test_on_paper_counts_are_whole_and_money_stands_on_the_first_page(show: Any, tmp_path: Path) -> None:
    watched = show(story(BROAD))
    watched.page.pdf(path=str(tmp_path / "report.pdf"), prefer_css_page_size=True)
    read = ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"]
    pages = subprocess.run(read, capture_output=True, text=True, check=True).stdout.split("\f")
    assert re.search(r"^ *Money$", pages[0], re.MULTILINE)
    assert re.search(r"shipment any more +96$", pages[0], re.MULTILINE)
    assert "Annex: The rows that need a person" not in pages[0]
    assert any(one.lstrip().startswith("Annex: The rows that need a person") for one in pages[1:])


def test_the_rows_of_a_plan_can_be_searched(show: Any) -> None:
    watched = show(story(SMALL.assign(status="Planned"), run=""))
    watched.page.get_by_label("Search").fill("xpressbees")
    assert watched.rows() == ["6", "10"]
    assert watched.download()[0] == [
        "Row", "Status", "AWB", "Order reference", "Remark", "Courier", "Payment", "Amount",
    ]  # fmt: skip
