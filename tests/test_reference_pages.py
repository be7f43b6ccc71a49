"""The pages that comments give for their reasons say what the program does: interface, contract and exports."""

from __future__ import annotations

import json
import re

import click
import pytest

from pipeline.cli.group import EXIT_CODES
from pipeline.settings import NAMES
from schemas.annotated import Status
from schemas.columns import Meaning, default_profile, fold, profiles
from tests.stories import story
from tests.test_docs import code, commands, page, section, table
from tests.test_pages import ROOT

INTERFACE = page("docs/interface.md")
CONTRACT = page("docs/contract-ithink.md")
EXPORTS = page("docs/order-exports.md")

COLUMNS = {
    "AWB": ("awb_number",),
    "order reference": ("order_ref",),
    "status": ("order_status",),
    "order date": ("order_date",),
    "courier": ("courier",),
    "amount": ("amount",),
    "payment": ("payment", "cod_amount"),
}
"""What the headers of a column of the page's table may be, as canonical columns."""

NOT_READ = {
    "Carrier Name & Tracking Number",  # two things in one cell
    "Packet Id",  # no AWB
    "Supplier Discounted Price …",  # the beginning of a longer one
    "COD Charges",  # what the courier asks for, not how the order is paid
    "BRL 99,99",  # a cell, not a header
}

MEANINGS = {
    "To be cancelled": Meaning.CANCEL,
    "May still be cancelled": Meaning.OPEN,
    "Too late": Meaning.TOO_LATE,
}


def options(*names: str) -> set[str]:
    params = [option for name in names for option in commands()[name].params if isinstance(option, click.Option)]
    return {word for option in params for word in option.opts}


def test_the_interface_has_every_command() -> None:
    listed = {code(row[0]).split()[1] for row in table(INTERFACE, "command")}
    assert listed == set(commands())


def test_the_interface_has_every_option_of_the_job_and_no_other() -> None:
    named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", section(INTERFACE, "Commands")))
    assert options("cancel", "plan") <= named
    assert named <= options(*commands()) | {"--version", "--help", "-h"}


def test_the_interface_has_every_setting() -> None:
    named = [name for row in table(INTERFACE, "setting") for name in re.findall(r"`(\w+)`", row[0])]
    assert named == list(NAMES)


def test_the_interface_has_every_status_and_every_exit_code() -> None:
    assert [code(row[0]) for row in table(INTERFACE, "status")] == [str(word) for word in Status]
    assert [row[0] for row in table(INTERFACE, "code")] == re.findall(r"^  (\d+) ", EXIT_CODES, re.MULTILINE)


def test_the_interface_shows_the_summary_field_for_field() -> None:
    block = re.search(r"^```json\n(.*?)^```", section(INTERFACE, "The JSON summary"), re.DOTALL | re.MULTILINE)
    assert block is not None
    shown, real = json.loads(block[1]), json.loads(story().summary.as_json())
    assert list(shown) == list(real)
    assert [list(shown[part]) for part in ("counts", "awbs")] == [list(real[part]) for part in ("counts", "awbs")]


def test_the_contract_has_just_the_addresses_that_the_program_calls() -> None:
    address = re.compile(r"https://[\w.-]+ithinklogistics\.com/[\w/.]+\.json")
    product = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "pipeline").rglob("*.py"))
    assert set(address.findall(CONTRACT)) == set(address.findall(product))


def headers() -> list[tuple[str, str, str]]:
    return [
        (row[0], column, header)
        for row in table(EXPORTS, "system")
        for column, cell in zip(COLUMNS, row[1:], strict=True)
        for header in re.findall(r"`([^`]+)`", cell)
        if header not in NOT_READ
    ]


def test_every_header_of_the_exports_is_known_to_some_profile() -> None:
    known = {
        name: {fold(header) for profile in profiles() for column in columns for header in profile.columns[column]}
        for name, columns in COLUMNS.items()
    }
    assert len(headers()) > 90
    assert [one for one in headers() if fold(one[2]) not in known[one[1]]] == []


@pytest.mark.parametrize(("group", "meaning"), MEANINGS.items())
def test_every_status_word_of_the_exports_means_what_the_page_says(group: str, meaning: Meaning) -> None:
    point = re.search(rf"^- \*\*{group}\*\*(.*?)(?=^- |^$)", section(EXPORTS, "Status words"), re.DOTALL | re.MULTILINE)
    assert point is not None
    found = [word.strip("… ") for word in re.findall(r"`([^`]+)`", point[1]) if not word.startswith("--")]
    assert len(found) > 3
    assert default_profile().meanings(found) == dict.fromkeys(found, meaning)
