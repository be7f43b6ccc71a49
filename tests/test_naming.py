"""One word for one thing: no two classes share a name, and an error is called one (docs/glossary.md)."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from tests.test_architecture import MODULES


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
    assert clashes(sources()) == {}


def test_an_exception_is_called_an_error() -> None:
    raised = exceptions(sources())
    assert "PipelineError" in raised
    assert sorted(name for name in raised if not name.endswith("Error")) == []


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


# --- comments ---------------------------------------------------------------------------------------------------------

METAPHORS = re.compile(
    r"\b(?:doors?|desks?|knock(?:s|ed|ing)?|culprits?|guilty|conductors?|slam\w*|swallow\w*|only room)\b", re.IGNORECASE
)
"""Pictures for what has a plain name: an address, a call, the AWB at fault, a module."""


def remarks(source: str) -> Iterator[str]:
    """The comments and docstrings of a module."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def metaphors(source: str) -> list[str]:
    return [word for text in remarks(source) for word in METAPHORS.findall(text)]


def test_comments_call_things_by_their_names() -> None:
    found = [(name, word) for name, source in sources().items() for word in metaphors(source)]
    assert found == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""The only room that knows click."""', ["only room"]),
        ("x = 1  # knocks on a closed door\n", ["knocks", "door"]),
        ('class A:\n    """The culprit."""\n', ["culprit"]),
        ('x = "a desk"\n', []),
        ('"""There is no room in the sheet."""', []),
    ],
)
def test_a_metaphor_is_seen_in_comments_and_docstrings_only(source: str, expected: list[str]) -> None:
    assert metaphors(source) == expected
