"""Spells a command as the person at this keyboard can type it: with make where make was typed, else as it is."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping

STARTED_BY = "BULK_CANCEL_STARTED_BY"
"""Set by the Makefile: whoever typed make has no ``bulk-cancel`` on the path, only ``.venv/bin/bulk-cancel``."""

FIRST_ARGUMENT = {
    "cancel": "INPUT",
    "plan": "INPUT",
    "inspect": "INPUT",
    "verify": "INPUT",
    "history": "RUN",
    "sandbox": "",
}
"""The commands that the Makefile knows, and the variable that takes their argument."""

IN_TEXT = re.compile(r"`(bulk-cancel [^`]+)`")
NOT_FOR_MAKE = re.compile(r"[\"$`\\!\n]|^\s|\s$")
"""What make or a shell does not leave alone within double quotes: some characters, and blanks at the ends."""


def as_typed(command: str, environ: Mapping[str, str] = os.environ) -> str:
    """``bulk-cancel verify x.csv --all`` as it is, or as ``make verify INPUT=x.csv ARGS="--all"``.

    Args:
        command: as a shell takes it, ``bulk-cancel`` first.
        environ: of this process.
    """
    if environ.get(STARTED_BY) != "make" or not command.startswith("bulk-cancel "):
        return command
    try:
        verb, *words = shlex.split(command)[1:]
    except ValueError:  # half a quotation: a text, not a command
        return command
    made = _for_make(verb, words)
    return made or f"{_program(environ)} {command.removeprefix('bulk-cancel ')}"


def as_told(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """A text in which each command between backticks is spelt by ``as_typed``."""
    return IN_TEXT.sub(lambda found: f"`{as_typed(found[1], environ)}`", text)


def _program(environ: Mapping[str, str]) -> str:
    return r".venv\Scripts\bulk-cancel" if environ.get("OS") == "Windows_NT" else ".venv/bin/bulk-cancel"


def _for_make(verb: str, words: list[str]) -> str:
    """The command by make; "" where make has no target for it, or can't be given these words."""
    if verb not in FIRST_ARGUMENT or any(NOT_FOR_MAKE.search(word) for word in words):
        return ""
    variable = FIRST_ARGUMENT[verb]
    has_argument = bool(variable and words and not words[0].startswith("-"))
    given = [f"{variable}={_in_quotes(words[0])}"] if has_argument else []
    rest = words[has_argument:]
    needs_argument = variable == "INPUT" and rest and not has_argument
    if needs_argument or any("'" in word for word in rest):
        return ""
    if rest:
        given.append(f"ARGS={_in_quotes(shlex.join(rest))}" if len(rest) > 1 else f'ARGS="{shlex.join(rest)}"')
    return " ".join(["make", verb, *given])


def _in_quotes(words: str) -> str:
    return words if re.fullmatch(r"[\w./:@+%,-]+", words) else f'"{words}"'
