"""One word for one thing: no two classes share a name, and an error is called one (docs/glossary.md)."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from tests.test_architecture import MODULES

CLASHES = frozenset(
    {
        "_Cells", "_Column", "_Found", "_Token", "Area", "Attempt", "Call", "CellColumn", "Chunk", "Doubt", "Element",
        "Entry", "Family", "Found", "Layout", "Looks", "Meaning", "Piece", "Reason", "Tally", "Value", "Work",
    }
)  # fmt: skip
"""Names that still stand for two classes. The list only gets shorter."""

NOT_CALLED_ERRORS = frozenset(
    {
        "BrokenSheet", "CannotPatch", "ColumnTrouble", "CutOff", "FileTrouble", "ForbiddenXml", "LedgerTrouble",
        "NotConfirmed", "NotPatched", "NotPlain", "Obstructed", "OtherFilter", "OutOfOrder", "OutputTrouble",
        "OverlappingAreas", "StartOver", "Unsafe", "UsageTrouble", "ZipTooLarge",
    }
)  # fmt: skip
"""Exceptions whose names still don't end in ``Error``. The list only gets shorter."""


def classes_in(modules: Mapping[str, str]) -> Iterator[tuple[str, ast.ClassDef]]:
    for name, source in modules.items():
        yield from ((name, node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef))


def clashes(modules: Mapping[str, str]) -> dict[str, list[str]]:
    """The names of more than one class, with the modules that have one."""
    where = defaultdict(list)
    for name, node in classes_in(modules):
        where[node.name].append(name)
    return {name: places for name, places in where.items() if len(places) > 1}


def exceptions(modules: Mapping[str, str]) -> set[str]:
    """The classes that can be raised, by their bases, directly or through one another."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases} for _, node in classes_in(modules)
    }
    known = {"BaseException", "Exception"} | {
        base for found in bases.values() for base in found if base.endswith("Error")
    }
    while fresh := {name for name, found in bases.items() if found & known} - known:
        known |= fresh
    return known & set(bases)


def sources() -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}


def test_no_two_classes_share_a_name() -> None:
    assert {name: places for name, places in clashes(sources()).items() if name not in CLASHES} == {}


def test_an_exception_is_called_an_error() -> None:
    raised = exceptions(sources())
    assert "PipelineError" in raised
    assert sorted(name for name in raised - NOT_CALLED_ERRORS if not name.endswith("Error")) == []


@pytest.mark.parametrize(
    ("modules", "expected"),
    [
        ({"a": "class Row: ...", "b": "class Row: ..."}, {"Row": ["a", "b"]}),
        ({"a": "def f():\n    class Row: ...\nclass Row: ..."}, {"Row": ["a", "a"]}),
        ({"a": "class Row: ...", "b": "class Rows: ...", "c": "from a import Row"}, {}),
    ],
)
def test_a_name_that_stands_for_two_classes_is_seen(modules: dict[str, str], expected: dict[str, list[str]]) -> None:
    assert {name: sorted(places) for name, places in clashes(modules).items()} == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class Bad(Exception): ...", {"Bad"}),
        ("class Bad(json.JSONDecodeError): ...", {"Bad"}),
        ("class Worse(Bad): ...\nclass Bad(ValueError): ...", {"Bad", "Worse"}),
        ("class Good(Protocol): ...", set()),
    ],
)
def test_an_exception_is_known_by_its_bases(source: str, expected: set[str]) -> None:
    assert exceptions({"a": source}) == expected
