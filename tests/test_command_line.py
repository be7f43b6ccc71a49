"""A command in a message is one that the reader can type: by make where make was typed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.command_line import STARTED_BY, as_told, as_typed

ROOT = Path(__file__).parent.parent
MAKE = {STARTED_BY: "make"}


@pytest.mark.parametrize(
    ("command", "by_make"),
    [
        ("bulk-cancel verify orders.xlsx", "make verify INPUT=orders.xlsx"),
        (
            'bulk-cancel cancel "my orders.xlsx" --env production --status "Cancel Requested"',
            'make cancel INPUT="my orders.xlsx" ARGS="--env production --status \'Cancel Requested\'"',
        ),
        ("bulk-cancel cancel --plan P-20261127-4f2a", ".venv/bin/bulk-cancel cancel --plan P-20261127-4f2a"),
        ("bulk-cancel verify", "make verify"),
        ("bulk-cancel history 20261123-105500-ab12 --csv", 'make history RUN=20261123-105500-ab12 ARGS="--csv"'),
        ("bulk-cancel history", "make history"),
        ("bulk-cancel approve P-20261127-4f2a", ".venv/bin/bulk-cancel approve P-20261127-4f2a"),
        ("bulk-cancel plan 'cost $5.xlsx'", ".venv/bin/bulk-cancel plan 'cost $5.xlsx'"),
        (
            "bulk-cancel plan a.csv --where \"customer = 'X'\"",
            ".venv/bin/bulk-cancel plan a.csv --where \"customer = 'X'\"",
        ),
        ("bulk-cancel 'half", "bulk-cancel 'half"),
        ("make verify INPUT=x", "make verify INPUT=x"),
    ],
)
def test_a_command_as_make_takes_it(command: str, by_make: str) -> None:
    assert as_typed(command, MAKE) == by_make
    assert as_typed(command, {}) == command


def test_only_commands_between_backticks_are_spelt_anew() -> None:
    text = "bulk-cancel stopped. Run `bulk-cancel verify x.csv`, or `bulk-cancel plans`; `--limit 1` helps."
    assert as_told(text, MAKE) == (
        "bulk-cancel stopped. Run `make verify INPUT=x.csv`, or `.venv/bin/bulk-cancel plans`; `--limit 1` helps."
    )
    assert as_told(text, {}) == text


@pytest.fixture(scope="module")
def makefile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's Makefile above a program that prints what it was given."""
    folder = tmp_path_factory.mktemp("make")
    (folder / "Makefile").write_text((ROOT / "Makefile").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "requirements.lock").write_text("")
    (folder / "pyproject.toml").write_text("")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / ".venv/installed").write_text("")
    (folder / "pipeline").mkdir()
    (folder / "pipeline/__main__.py").write_text("import sys; print(sys.argv[1:])")
    return folder


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=8)
NAMES = WORDS.filter(lambda name: not name.startswith("-"))


@given(name=NAMES, options=st.lists(WORDS.map(lambda word: f"--{word}"), max_size=2))
def test_what_make_is_given_reaches_the_program(makefile: Path, name: str, options: list[str]) -> None:
    command = as_typed(shlex.join(["bulk-cancel", "plan", name, *options]), MAKE)
    if not command.startswith("make "):
        assert shlex.split(command)[1:] == ["plan", name, *options]
        return
    done = subprocess.run(
        ["sh", "-c", command], cwd=makefile, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == str(["plan", *options, "--", name]), done.stderr
