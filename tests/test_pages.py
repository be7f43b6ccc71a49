"""No reason stands outside the repository: every page and section that code names is there, and can be found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_docs import PAGES, ROOT, anchors, code, links, page, section, table

SOURCES = [
    *(ROOT / name for name in ("Makefile", "Dockerfile", "pyproject.toml", ".dockerignore", ".env.example")),
    *(path for path in (ROOT / ".ci").iterdir() if path.is_file()),
    *(
        path
        for folder in ("pipeline", "schemas", "tests", "benchmarks", "sample_data", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".toml", ".html", ".css", ".js"}
    ),
]
PAGE = re.compile(r"(?<![\w./-])[\w./-]*[\w-]\.md\b")
SECTION = re.compile(r"(docs/[\w-]+\.md)(?:'s|,) (?:\"([^\"]+)\"|(?:section|part) ([0-9]+))")


def prose(path: Path) -> str:
    """A source on one line: a comment that names a section may be broken anywhere."""
    return re.sub(r"\s*\n\s*(?:# ?)?", " ", path.read_text(encoding="utf-8"))


def titles(text: str) -> set[str]:
    """What a comment may call a section: a heading, or a term that a paragraph or point of a list begins with."""
    terms = re.findall(r"^(?:- )?\*\*([^*]+)\*\*", text, re.MULTILINE)
    return set(re.findall(r"^#+ (.+)$", text, re.MULTILINE)) | set(terms)


def cited() -> Iterator[tuple[Path, str, str]]:
    for path in SOURCES:
        for name, title, number in SECTION.findall(prose(path)):
            yield path, name, title or f"{number}."


def is_there(name: str, title: str) -> bool:
    known = titles(page(name))
    return any(one.startswith(title) for one in known) if re.fullmatch(r"[0-9]+\.", title) else title in known


def test_every_page_that_code_names_is_in_the_repository() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SOURCES
        for name in PAGE.findall(prose(path))
        if not any((folder / name).is_file() for folder in (ROOT, path.parent, ROOT / "docs"))
    ]
    assert missing == []


def test_every_section_that_code_names_is_on_its_page() -> None:
    found = list(cited())
    assert len(found) > 20
    assert [
        (str(path.relative_to(ROOT)), name, title) for path, name, title in found if not is_there(name, title)
    ] == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('(docs/interface.md, "Exit codes").', [("docs/interface.md", "Exit codes", "")]),
        ('This is docs/design.md\'s "The ledger", word for word', [("docs/design.md", "The ledger", "")]),
        ("(docs/contract-ithink.md, section 3: 6 to 30)", [("docs/contract-ithink.md", "", "3")]),
        ("(docs/contract-ithink.md), one string", []),
    ],
)
def test_a_section_is_named_in_one_of_these_ways(line: str, expected: list[tuple[str, str, str]]) -> None:
    assert SECTION.findall(line) == expected


@pytest.mark.parametrize(
    ("title", "there"),
    [("Commands", True), ("Exit codes", True), ("Exit code", False), ("1.", False), ("Where it lies", False)],
)
def test_a_section_that_is_not_there_is_missed(title: str, there: bool) -> None:
    assert is_there("docs/interface.md", title) is there


def test_no_comment_gives_the_number_of_an_issue_for_a_reason() -> None:
    numbered = re.compile(r"\bissue #?[0-9]", re.IGNORECASE)
    assert [str(path.relative_to(ROOT)) for path in SOURCES if numbered.search(prose(path))] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, fresh = {ROOT / "README.md"}, {ROOT / "README.md"}
    leads = [(where, (where.parent / target.partition("#")[0]).resolve()) for where, target in links() if target]
    while fresh:
        fresh = {target for where, target in leads if where in fresh and target.suffix == ".md"} - reached
        reached |= fresh
    assert [str(path.relative_to(ROOT)) for path in PAGES if path not in reached] == []


def test_no_heading_of_a_page_has_the_anchor_of_another() -> None:
    for path in PAGES:
        text = re.sub(r"^ *```.*?^ *```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        assert len(anchors(text)) == len(re.findall(r"^#+ .+$", text, re.MULTILINE)), path.name


def test_every_library_has_its_reason_among_the_decisions() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    names = sorted(re.split(r"[\[>=<;! ]", line)[0] for line in lines)
    listed = table(section(page("docs/decisions.md"), "Libraries"), "library")
    assert [code(row[0]) for row in listed] == names


def test_the_layout_names_each_folder_of_the_pipeline() -> None:
    listed = table(section(page("docs/design.md"), "Layout"), "folder of `pipeline/`")
    folders = {path.relative_to(ROOT / "pipeline").parts[0] for path in (ROOT / "pipeline").rglob("*/*.py")}
    assert {code(row[0]) for row in listed} == folders


def test_the_glossary_has_each_word_once_in_order_and_its_name_in_code_is_there() -> None:
    rows = table(page("docs/glossary.md"), "word")
    words = [row[0] for row in rows]
    assert words == sorted(set(words), key=str.casefold)
    product = "\n".join(prose(path) for path in SOURCES if path.relative_to(ROOT).parts[0] in {"pipeline", "schemas"})
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row[2])]
    assert [name for name in names if not re.search(rf"\b{name}\b", product)] == []
