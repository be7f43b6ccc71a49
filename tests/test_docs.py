"""What is written is what the program does: README and docs are compared with it, so that neither can change alone."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipeline.cli import main
from pipeline.cli.group import EXIT_CODES
from pipeline.services.sandbox import ENDINGS
from pipeline.settings import NAMES
from schemas.annotated import ADDED_COLUMNS, CANCEL_COLUMN, VERIFIED_COLUMN, Status
from schemas.columns import CANONICAL, profiles
from tests.stories import story
from tests.test_architecture import FLOORS

ROOT = Path(__file__).parent.parent
PAGES = [path for folder in (".", "docs", "benchmarks") for path in sorted((ROOT / folder).glob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE, CLERK, ADMINISTRATOR = (
    (ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("reference", "clerk", "administrator")
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
MAKE_VARIABLES = {"INPUT", "OUTPUT", "YES", "ARGS", "RUN", "PYTHON", "VERSION"}
WITH_EXIT_CODES = {"cancel", "plan", "verify", "annotate"}
NO_HELP = {"--help", "--version"}
MADE_LATER = {"benchmarks/RESULTS.md", "schemas/profiles/NAME.toml"}


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """What stands below a heading, down to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert found, f"there is no heading {title!r}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def table(text: str, header: str) -> list[list[str]]:
    """The rows of the table whose header line begins with ``| header |``, cell by cell."""
    lines = iter(text.splitlines())
    assert any(line.startswith(f"| {header} |") for line in lines), f"there is no table {header!r}"
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def code(cell: str) -> str:
    return cell.strip("`")


def commands() -> dict[str, click.Command]:
    return main.commands


def test_every_command_is_in_the_reference_as_it_is_typed() -> None:
    def typed(name: str, command: click.Command) -> str:
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        said = [one.make_metavar(click.Context(command)) for one in arguments]
        return " ".join(["bulk-cancel", name, *said])

    expected = {typed(name, command) for name, command in commands().items()}
    assert {code(row[0]) for row in table(REFERENCE, "command")} == expected


def test_every_option_is_in_the_reference_with_the_commands_that_have_it() -> None:
    expected: dict[frozenset[str], set[str]] = {}
    for name, command in commands().items():
        for option in command.params:
            if isinstance(option, click.Option):
                expected.setdefault(frozenset(option.opts), set()).add(name)
    said = {
        frozenset(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row[0])): set(row[1].split(", "))
        for row in table(REFERENCE, "option")
    }
    assert said == expected


def test_every_setting_is_on_the_administrators_page_and_in_the_example_file() -> None:
    assert [code(row[0]) for row in table(ADMINISTRATOR, "setting")] == list(NAMES)
    example = re.findall(r"^#?([A-Z_]+)=", page(".env.example"), re.MULTILINE)
    assert sorted(example) == sorted(NAMES)


def test_every_status_is_on_the_clerks_page() -> None:
    assert [code(row[0]) for row in table(CLERK, "status")] == [
        "Success", "Failed", "Unknown", "Invalid", "Skipped", "Not sent", "Planned",
    ]  # fmt: skip
    assert {code(row[0]) for row in table(CLERK, "status")} == set(Status)


def test_every_added_column_is_on_the_clerks_page() -> None:
    assert [code(row[0]) for row in table(CLERK, "column")] == [*ADDED_COLUMNS, VERIFIED_COLUMN, CANCEL_COLUMN]


def test_the_exit_codes_are_those_of_the_help() -> None:
    of_the_help = re.findall(r"^  (\d+) +(.+)$", EXIT_CODES, re.MULTILINE)
    assert [tuple(row) for row in table(ADMINISTRATOR, "code")] == of_the_help


def test_the_built_in_service_is_described_ending_by_ending() -> None:
    said = {code(row[0]): row[1] for row in table(CLERK, "ending")}
    assert said == {ending: fate.value for ending, fate in ENDINGS.items()}


def test_every_profile_and_every_canonical_column_is_described() -> None:
    text = page("docs/profiles.md")
    assert {code(row[0]): row[1] for row in table(text, "profile")} == {one.name: one.title for one in profiles()}
    assert [code(row[0]) for row in table(text, "name")] == list(CANONICAL)


def test_every_field_of_the_summary_is_described() -> None:
    said = [code(row[0]) for row in table(page("docs/recipes.md"), "field")]
    assert said == list(json.loads(story().summary.as_json()))


def test_the_picture_of_the_house_has_its_floors_in_their_order() -> None:
    picture = re.search(r"^```\n(cli .*?)^```", page("docs/developers.md"), re.DOTALL | re.MULTILINE)
    assert picture is not None
    rooms = [frozenset(re.split(r" {3,}", line)[0].split()) for line in picture[1].splitlines()]
    floors = [frozenset(room.removeprefix("pipeline.") for room in floor) for floor in FLOORS]
    assert rooms == floors[1:]  # __main__ only calls cli


def test_the_readme_is_read_in_one_go() -> None:
    assert len(README.splitlines()) <= 150


def test_the_promises_are_ten() -> None:
    promises = section(README, "What is promised, and what is not").partition("###")[0]
    assert re.findall(r"^(\d+)\. ", promises, re.MULTILINE) == [str(number) for number in range(1, 11)]


@pytest.mark.parametrize("name", sorted(main.commands))
def test_each_command_helps_with_an_example(name: str) -> None:
    command = commands()[name]
    text = command.get_help(click.Context(command, info_name=f"bulk-cancel {name}"))
    assert f"bulk-cancel {name}" in text.partition("Examples:")[2]
    assert ("Exit codes:" in text) == (name in WITH_EXIT_CODES)
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help


# --- links, pictures, and what is typed -------------------------------------------------------------------------------


def links() -> Iterator[tuple[Path, str]]:
    for where in PAGES:
        prose = re.sub(r"^ *```.*?^ *```", "", where.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            yield where, target


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("where", "target"), [pytest.param(*one, id=f"{one[0].name}-{one[1]}") for one in links()])
def test_every_link_leads_somewhere(where: Path, target: str) -> None:
    if target.startswith("https://"):
        return
    name, _, anchor = target.partition("#")
    file = (where.parent / name).resolve() if name else where
    assert file.is_file()
    assert not anchor or anchor in anchors(file.read_text(encoding="utf-8"))


def typed() -> Iterator[tuple[str, str]]:
    """Every line of the pages and of the help that starts with one of our commands."""
    for where in PAGES:
        text = where.read_text(encoding="utf-8")
        for block in re.findall(r"^ *```(?:sh|bat)\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
            yield from ((where.name, line.strip()) for line in block.splitlines())
        yield from ((where.name, word) for word in re.findall(r"`((?:make|bulk-cancel) [^`]+)`", text))
    for name, command in commands().items():
        yield from ((f"{name} --help", line.strip()) for line in (command.help or "").splitlines())
    yield from (("--help", line.strip()) for line in (main.help or "").splitlines())


OURS = re.compile(r"(?:^|\|\|? |; |&& )((?:bulk-cancel|make|py -m pipeline|\S+python -m pipeline) .+)")
CALLS = sorted({(where, re.split(r"\s{3,}", found[1])[0]) for where, line in typed() if (found := OURS.search(line))})


def check_arguments(arguments: list[str]) -> None:
    """The program's own parser takes these arguments."""
    name, *rest = arguments
    if name in NO_HELP or name == "COMMAND" or (not rest and name in commands()):
        return  # a bare name in running text
    commands()[name].make_context(name, [word for word in rest if word != "--help"], resilient_parsing=False)


@pytest.mark.parametrize(("where", "line"), CALLS)
def test_every_command_that_is_shown_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bulk-cancel.toml").write_text("[jobs.month-end]\nolder_than = 7\n", encoding="utf-8")
    words = shlex.split(line.replace("\\", "/").replace("[RUN]", "").replace("…", "x"))
    words = words[: next((place for place, word in enumerate(words) if word.startswith((">", "<"))), None)]
    if words[0] != "make":
        check_arguments(words[words.index("pipeline") + 1 if "pipeline" in words else 1 :])
        return
    name, *rest = words[1:]
    assert name == "COMMAND" or re.search(rf"^{name}:", MAKEFILE, re.MULTILINE), f"make has no target {name}"
    given = dict(word.split("=", 1) for word in rest)
    assert set(given) <= MAKE_VARIABLES
    if name in commands():
        arguments = [] if name in ("history", "page", "sandbox") else [given.get("INPUT", "x.xlsx")]
        check_arguments([name, *arguments, *(shlex.split(given.get("ARGS", "")) if given.get("ARGS") != "x" else [])])


def test_there_are_commands_to_check() -> None:
    assert len(CALLS) > 40


def test_the_reference_lists_just_the_targets_that_make_help_lists() -> None:
    listed = {code(row[0]).split()[1] for row in table(REFERENCE, "make")}
    assert listed == set(re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE)) | {"dev", "install"}


def test_every_file_that_the_pages_name_in_code_exists() -> None:
    for where in PAGES:
        text = where.read_text(encoding="utf-8")
        for name in re.findall(r"`((?:pipeline|schemas|tests|benchmarks|docs)/[\w./]+)`", text):
            assert (ROOT / name).exists() or name in MADE_LATER, f"{where.name} names {name}"
