"""The whole job on the page as it is served, without a script: every screen, every download, every kind of trouble."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.page_client import PageClient, ServedPage, entered, serve
from tests.test_job import ROOT, orders

pytest.importorskip("starlette", reason="the extra [page] is not installed")

SAMPLE = ROOT / "sample_data" / "orders.xlsx"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[ServedPage]:
    """A page of its own."""
    served = serve(tmp_path)
    yield served
    served.kill()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageClient]:
    """A window of a page that several tests share: it takes seconds to start."""
    served = serve(tmp_path_factory.mktemp("page"))
    yield entered(served)
    served.kill()


def test_the_sample_goes_through_all_six_steps(page: ServedPage, tmp_path: Path) -> None:
    client = entered(page)
    client.bring(SAMPLE)
    assert "25 AWBs are picked" in client.words
    for sample in ("1319480000001", "1319480013721", "1319480027402"):
        assert sample in client.text
    client.send(client.path, {"make": "plan"})
    plan = client.path
    assert "25 AWBs would be cancelled" in client.words
    client.get(f"{plan}/approve")
    assert client.send(f"{plan}/approve", {"awbs": "24"}).status_code == 422
    assert "That is not the number" in client.words
    client.send(f"{plan}/approve", {"awbs": "25"})
    client.wait_for(plan, "Take it with you")
    sheet = client.get(f"{plan}/files/sheet")
    assert sheet.headers["content-disposition"] == "attachment; filename*=UTF-8''orders.annotated.sandbox.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    heads = [cell.value for cell in book["Orders"][4]]
    status = heads.index("status")
    found = [row[status].value for row in book["Orders"].iter_rows(min_row=5) if row[status].value]
    assert found.count("Success") + found.count("Failed") + found.count("Unknown") >= 25
    assert client.get(f"{plan}/files/report").content.startswith(b"<!doctype html>")
    evidence = list(csv.DictReader(io.StringIO(client.get(f"{plan}/evidence").text.removeprefix("\ufeff"))))
    assert len({line["awb"] for line in evidence}) == 25
    client.get("/history?search=1319480000001")
    assert "1319480000001" in client.words
    client.get("/history?search=orders.xlsx")
    assert "orders.xlsx cancel 25" in client.words
    page.end()
    assert page.process.returncode == 0


def test_a_choice_changes_what_is_picked(client: PageClient) -> None:
    client.bring(SAMPLE)
    here = client.path
    token = client.token(here)
    said = {"form": token, "picked_by": "words", "usual": "Cancel Requested", "word": "Ready to Ship"}
    part = client.client.post(here, data=said, headers={**client.own, "X-Part": "picked"}).text
    client.get(here)
    assert "10 AWBs are picked" in client.words
    assert "<b>10</b> AWBs are picked" in part
    assert "<html" not in part


def test_two_windows_show_one_fate(client: PageClient, tmp_path: Path) -> None:
    plan = client.plan_of(orders(tmp_path / "o.csv", 3))
    client.get(f"{plan}/approve")
    approving = client.text
    client.send(f"{plan}/reject", {"because": "paid today"})
    assert "rejected by" in client.words
    client.text = approving
    assert client.send(f"{plan}/approve", {"awbs": "3"}).status_code == 409
    assert "rejected" in client.words


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "picture"),
        ("none.csv", b"Order,City\nSO-1,Pune\n", "AWB"),
    ],
)
def test_a_file_that_is_no_sheet_of_orders_ends_in_words(
    client: PageClient, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    client.bring(tmp_path / name)
    assert words in client.words
    assert "Traceback" not in client.text
    assert client.get("/").status_code == 200


def test_hostile_names_and_cells_stay_text(page: ServedPage, tmp_path: Path) -> None:
    client = entered(page)
    sheet = tmp_path / "o.csv"
    sheet.write_text(
        "Order ID,AWB Code,Cancel,<script>alert(1)</script>\nSO-1,131900000001,yes,<img src=x onerror=alert(2)>\n"
    )
    client.bring(sheet, name="../../<b>evil</b>\u202e.csv")
    assert "<script>alert" not in client.text
    assert "<img src=x" not in client.text
    assert "<b>evil" not in client.text
    assert "&lt;script&gt;alert(1)" in client.text
    kept = [path.name for path in (tmp_path / "page" / "sheets").rglob("sheet.*")]
    assert kept == ["sheet.csv"]


def test_files_and_folders_are_their_owners_alone(page: ServedPage, tmp_path: Path) -> None:
    client = entered(page)
    client.plan_of(orders(tmp_path / "o.csv", 3))
    kept = [tmp_path / "page", *(tmp_path / "page").rglob("*")]
    assert len(kept) > 5
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


def test_a_second_page_with_the_same_ledger_is_refused(page: ServedPage, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="open already"):
        serve(tmp_path)


def test_a_question_is_a_choice_with_an_example(client: PageClient, tmp_path: Path) -> None:
    sheet = tmp_path / "o.csv"
    sheet.write_text(
        "Order ID,AWB Code,Order Status,Shipment Status\n"
        "SO-1,131900000001,Cancel Requested,Lunch\nSO-2,131900000002,Cancel Requested,\n"
    )
    client.bring(sheet)
    here = client.path
    assert "One question first" in client.words
    assert 'name="fate:Lunch"' in client.text
    assert "SO-1" in client.words.partition("An example:")[2]
    assert "--too-late" not in client.words
    client.send(here, {"make": "plan"})
    assert not client.path.startswith("/plans/")
    client.get(here)
    client.send(here, {"picked_by": "words", "unknown": "Lunch", "fate:Lunch": "stays"})
    assert "1 AWB is picked" in client.words
    client.send(here, {"picked_by": "words", "unknown": "Lunch", "fate:Lunch": "goes", "make": "plan"})
    assert "2 AWBs would be cancelled" in client.words


def test_the_rows_are_filtered_sorted_and_paged(client: PageClient, tmp_path: Path) -> None:
    plan = client.plan_of(orders(tmp_path / "o.csv", 120))
    assert "page 1 of 3" in client.words
    client.get(f"{plan}/rows?search=so-119")
    assert "1 rows" in client.words
    client.get(f"{plan}/rows?sort=order_ref&down=1")
    assert client.words.index("SO-99") < client.words.index("SO-98")
    client.get(f"{plan}/rows?page=99")
    assert "page 3 of 3" in client.words
    client.get(f"{plan}/rows?status=Skipped")
    assert "No row fits" in client.words
