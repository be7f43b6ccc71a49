"""The house stands as docs/design.md says: imports point down, each outside world has one door, and modules stay
small."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS = (
    ("pipeline.__main__",),
    ("pipeline.cli",),
    ("pipeline.terminal", "pipeline.web"),
    ("pipeline.worker",),
    ("pipeline.jobs",),
    ("pipeline.settings",),
    ("pipeline.services", "pipeline.writing", "pipeline.event_log"),
    ("pipeline.services.ithink", "pipeline.load", "pipeline.sending"),
    ("pipeline.services.transport", "pipeline.sheets"),
    (
        "pipeline.services.connection",
        "pipeline.services.contract",
        "pipeline.services.redaction",
        "pipeline.services.retry_after",
        "pipeline.services.setting_values",
        "pipeline.cells",
        "pipeline.config",
        "pipeline.ledger",
        "pipeline.planning",
        "pipeline.report",
        "pipeline.selection",
        "pipeline.validate",
        "pipeline.xlsx",
    ),
    ("pipeline.services.strict_json", "pipeline.services.sandbox", "pipeline.containers", "pipeline.files"),
    ("pipeline.model", "pipeline.prefetch"),
    ("pipeline.addresses", "pipeline.errors", "pipeline.source_file"),
    ("pipeline.limits",),
    ("schemas",),
)
"""From the top down. A room is a module or a folder; rooms on one floor don't import each other."""

SHEETS = (
    ("pipeline.sheets", "pipeline.sheets.plan_seal"),
    (
        "pipeline.sheets.delimited",
        "pipeline.sheets.converted",
        "pipeline.sheets.xlsx_book",
        "pipeline.sheets.csv_fallback",
        "pipeline.sheets.text_as_workbook",
        "pipeline.sheets.file_type",
    ),
    ("pipeline.sheets.new_workbook",),
    ("pipeline.xlsx", "pipeline.containers.ole_directory"),
    (
        "pipeline.containers.zip_archive",
        "pipeline.sheets.file_signatures",
        "pipeline.sheets.formula_guard",
        "pipeline.sheets.path_checks",
        "pipeline.sheets.status_style",
    ),
)
"""The floors within the folder of the formats."""

DOORS = {
    "sqlalchemy": "pipeline.ledger",
    "sqlite3": "pipeline.ledger",
    "requests": "pipeline.services.transport",
    "click": "pipeline.cli",
    "rich": "pipeline.terminal",
    "structlog": "pipeline.event_log",
    "jinja2": "pipeline.report",
    "starlette": "pipeline.web",
    "uvicorn": "pipeline.web",
    "dbos": "pipeline.worker",
    "dotenv": "pipeline.settings",
    "keyring": "pipeline.config",
    "openpyxl": "pipeline.sheets",
    "xlrd": "pipeline.sheets",
    "python_calamine": "pipeline.sheets",
    "http.server": "pipeline.services.sandbox",
}
"""One place for each outside world: only this room imports it."""

INTERFACES = ("pipeline.cli", "pipeline.terminal", "pipeline.web", "pipeline.worker")
BELOW_JOBS = tuple(
    f"pipeline.{room}"
    for room in (
        "cells", "containers", "ledger", "load", "planning", "report", "selection", "sending", "services", "sheets",
        "validate", "writing", "xlsx",
    )
)  # fmt: skip

WALLS = {
    "a plan knows no courier": (("pipeline.planning",), ("pipeline.services",)),
    "the sender knows no courier": (("pipeline.sending",), ("pipeline.services.ithink", "pipeline.services.transport")),
    "a job knows no screen": (("pipeline.jobs",), (*INTERFACES, "click", "rich")),
    "a screen knows jobs and nothing below": (INTERFACES, BELOW_JOBS),
    "reading rules know no retry, no resend, no limit": (
        ("pipeline.selection", "pipeline.load"),
        ("pipeline.planning",),
    ),
    "the model knows no vendor": (("pipeline.model",), ("pipeline.services",)),
    "the report knows no ledger": (("pipeline.report",), ("pipeline.ledger",)),
    "jobs know no SQL": (("pipeline.jobs",), ("sqlalchemy", "sqlite3", "pipeline.ledger.schema")),
    "xlsx knows no order and no status": (
        ("pipeline.xlsx",),
        ("pipeline.model", "pipeline.errors", "pipeline.sheets", "schemas"),
    ),
}
"""The nine walls of docs/design.md: who must not import what."""

LONGEST_MODULE = 320
"""Lines; docs/design.md asks for 100 to 200, and a reader should not have to scroll for long."""


def modules() -> dict[str, Path]:
    found = {}
    for package in ("pipeline", "schemas"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """Everything that a module imports, also inside functions; not what only the type checker sees."""
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


def room(name: str, floors: tuple[tuple[str, ...], ...]) -> tuple[int, str] | None:
    """The floor and the room that a module lies in: the longest name that it begins with."""
    rooms = [(number, one) for number, floor in enumerate(floors) for one in floor]
    fitting = [(number, one) for number, one in rooms if name == one or name.startswith(f"{one}.")]
    return max(fitting, key=lambda found: len(found[1]), default=None)


def test_every_module_has_its_floor() -> None:
    assert [name for name in MODULES if name != "pipeline" and room(name, FLOORS) is None] == []


@pytest.mark.parametrize("floors", [FLOORS, SHEETS], ids=["house", "sheets"])
def test_imports_point_strictly_down(floors: tuple[tuple[str, ...], ...]) -> None:
    wrong = []
    for name, path in MODULES.items():
        here = room(name, floors)
        for imported in imports(path):
            there = room(imported, floors)
            if here and there and here[1] != there[1] and there[0] <= here[0]:
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


def lies_in(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in rooms)


@pytest.mark.parametrize("wall", WALLS)
def test_the_walls_hold(wall: str) -> None:
    inside, outside = WALLS[wall]
    assert any(lies_in(name, inside) for name in MODULES), "nobody lives there: take the wall off the list"
    assert [
        f"{name} imports {imported}"
        for name, path in MODULES.items()
        if lies_in(name, inside)
        for imported in imports(path)
        if lies_in(imported, outside)
    ] == []


def test_jobs_print_nothing_and_ask_nothing() -> None:
    talking = re.compile(r"\bprint\(|\binput\(|sys\.(?:stdout|stderr|stdin)")
    jobs = {name: path for name, path in MODULES.items() if lies_in(name, ("pipeline.jobs",))}
    assert [name for name, path in jobs.items() if talking.search(path.read_text(encoding="utf-8"))] == []


def test_the_model_names_nothing_of_a_vendor() -> None:
    vendor = re.compile(
        r"(?<!contract-)ithink|access_token|secret_key|cancel_url|track_url|html_message", re.IGNORECASE
    )
    model = {name: path for name, path in MODULES.items() if lies_in(name, ("pipeline.model",))}
    assert [name for name, path in model.items() if vendor.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("ledger.db", "pipeline.settings"),
        (".env", "pipeline.settings"),
        ("bulk-cancel.toml", "pipeline.config.config_file"),
    ],
)
def test_what_every_screen_must_find_alike_is_named_in_one_place(text: str, home: str) -> None:
    named = {
        name
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value == text
    }
    assert named == {home}


def test_the_added_columns_are_named_in_one_place() -> None:
    named = [
        name
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value == "refnum"
    ]
    replies = {"pipeline.services.ithink.reply_entries", "pipeline.services.sandbox.behaviour"}  # a field of iThink's
    assert set(named) == {"schemas.annotated"} | replies


def test_schemas_know_nothing_of_the_pipeline() -> None:
    assert [
        name for name, path in MODULES.items() if name.startswith("schemas") for i in imports(path) if "pipeline" in i
    ] == []


@pytest.mark.parametrize("library", DOORS)
def test_each_outside_world_has_one_door(library: str) -> None:
    users = [
        name
        for name, path in MODULES.items()
        if any(imported == library or imported.startswith(f"{library}.") for imported in imports(path))
    ]
    assert users, f"nobody uses {library}: take it off the list"
    assert [name for name in users if name != DOORS[library] and not name.startswith(f"{DOORS[library]}.")] == []


def test_only_the_client_sleeps() -> None:
    sleepers = [name for name, path in MODULES.items() if "sleep(" in path.read_text(encoding="utf-8")]
    looks_again = ["pipeline.web.app", "pipeline.web.plan_pages"]  # asyncio's own: nothing stands still meanwhile
    assert sleepers == ["pipeline.services.sandbox.behaviour", *looks_again]  # the built-in service plays a slow one


def test_the_sandbox_shares_no_code_with_the_contract() -> None:
    rooms = [path for name, path in MODULES.items() if name.startswith("pipeline.services.sandbox")]
    ours = {name for path in rooms for name in imports(path) if name.startswith("pipeline")}
    assert {name for name in ours if not name.startswith("pipeline.services.sandbox")} == set()


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    names = {part for name in MODULES for part in name.split(".")[1:]}
    assert names & sys.stdlib_module_names - {"__main__"} == set()


def test_modules_fit_in_the_head() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_every_module_says_what_it_is_for_in_its_first_line() -> None:
    silent = [
        name for name, path in MODULES.items() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_every_file_that_is_no_module_is_shipped_with_the_package() -> None:
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    listed = {path for package, patterns in shipped.items() for one in patterns for path in (ROOT / package).glob(one)}
    there = {
        path
        for package in shipped
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert there - listed == set()
