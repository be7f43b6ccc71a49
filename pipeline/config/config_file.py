"""Finds and reads `bulk-cancel.toml`; a mistake in it is named with its line and its key, and never with its value."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from pipeline.errors import UsageError

FILE_NAME = "bulk-cancel.toml"

TABLES = ("accounts", "defaults", "jobs")
"""The tables that it has (docs/interface.md, "Accounts and jobs")."""

NOTHING_SENT = "Nothing was sent."

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_KEY_OF_LINE = re.compile(r"\s*(\[[^\n]*|[A-Za-z_-]{1,30}(?=\s*=\s*[^=\s]))")


def user_folder() -> Path:
    """The folder of this user's configuration: `bulk-cancel.toml`, and `profiles` for profiles of one's own.

    Raises:
        UsageError: this user has no home.
    """
    from platformdirs import user_config_path

    return own_folder(user_config_path)


def own_folder(find: Callable[..., Path]) -> Path:
    """A folder of this user's, by platformdirs.

    Raises:
        UsageError: this user has no home (a container without HOME).
    """
    try:
        return find("bulk-cancel", appauthor=False)
    except RuntimeError as error:
        step = f"Set HOME to a folder that is yours to write. {NOTHING_SENT}"
        raise UsageError("This user has no home folder, in which ledger and settings could lie", step) from error


def _is_there(path: Path) -> bool:
    """Whether there is such a file; one that can't be looked for may say anything, so that is no "no"."""
    try:
        return path.exists()
    except OSError as error:
        step = f"Start the program in a folder that is yours to read. {NOTHING_SENT}"
        where = f"the folder of {path}"
        raise UsageError(f"This folder can't be looked into ({error.strerror or error})", step, where=where) from error


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The file as it was read; without one, ``path`` is None and nothing is said."""

    path: Path | None = None
    text: str = field(default="", repr=False)
    tables: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def table(self, *names: str) -> Mapping[str, Any]:
        """The table of these names (``accounts``, ``north``); empty where there is none.

        Raises:
            UsageError: something else stands there.
        """
        found: Any = self.tables
        for at, name in enumerate(names, 1):
            found = found.get(name, {})
            if not isinstance(found, dict):
                self.refuse(
                    names[: at - 1], name, "is no table", f"Write [{'.'.join(names[:at])}] on a line by itself."
                )
        table: Mapping[str, Any] = found
        return table

    def names(self, table: str) -> list[str]:
        """What there is in ``accounts`` or ``jobs``."""
        return list(self.table(table))

    def check_keys(self, table: tuple[str, ...], known: Iterable[str]) -> None:
        """Raises UsageError for a key that is none, with the nearest that is one."""
        known = list(known)
        for key in self.table(*table):
            if key not in known:
                near = difflib.get_close_matches(key.replace("-", "_"), known, n=1)
                meant = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
                self.refuse(table, key, "is not known", meant)

    def refuse(self, table: tuple[str, ...], key: str, problem: str, step: str) -> NoReturn:
        """Raises UsageError about a key: where it stands, what is wrong, what to do; its value is not shown."""
        raise UsageError(f"{key} {problem}", f"{step} {NOTHING_SENT}".lstrip(), where=self.place(table, key))

    def place(self, table: tuple[str, ...], key: str = "") -> str:
        """``bulk-cancel.toml, line 3, [accounts.north]``."""
        line = self._line_of(table, key)
        shown = [str(self.path or FILE_NAME), f"line {line}" if line else "", f"[{'.'.join(table)}]" if table else ""]
        return ", ".join(filter(None, shown))

    def _line_of(self, table: tuple[str, ...], key: str) -> int:
        """The line on which a key stands; that of its table, or 0, where the key is written in another way."""
        here: list[str] = []
        of_table = 0
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := re.match(r"\s*\[\[?([^\]]+)\]", line):
                here = [_bare(part) for part in header[1].split(".")]
                of_table = number if here == [*table] else of_table
                if here == [*table, key]:
                    return number
            elif here == [*table] and _bare(line.partition("=")[0]) == key:
                return number
        return of_table


def _bare(name: str) -> str:
    return name.strip().strip("\"'")


def load_config(folder: Path) -> ConfigFile:
    """The file of the working folder, else that of this user's configuration folder, else an empty one.

    Args:
        folder: the working folder.
    Raises:
        UsageError: it can't be read, or is no TOML, or has a table that is none: with the line and the key.
    """
    path = next((one for one in (folder / FILE_NAME, user_folder() / FILE_NAME) if _is_there(one)), None)
    if path is None:
        return ConfigFile()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        step = f"Give yourself the right to read it. {NOTHING_SENT}"
        raise UsageError(f"This file can't be read ({error.strerror or error})", step, where=str(path)) from error
    except UnicodeDecodeError as error:
        step = f"Save it as plain text (UTF-8). {NOTHING_SENT}"
        raise UsageError("This file is no text", step, where=str(path)) from error
    try:
        tables = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, text, error) from None  # its text may quote the line, and a key on it
    config = ConfigFile(path, text, tables)
    config.check_keys((), TABLES)
    for table in TABLES:
        config.table(table)
    return config


def _unreadable(path: Path, text: str, error: tomllib.TOMLDecodeError) -> UsageError:
    lines = text.splitlines()
    at = _AT_LINE.search(str(error))
    number = int(at[1]) if at else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    said = _KEY_OF_LINE.match(line)  # what stands before the first =, and never a line that may be part of a value
    key = f", at {said[1].strip()}" if said else ""
    step = f"A text stands in double quotes, a name of a table in [ ]. {NOTHING_SENT}"
    return UsageError(f"This line is not valid TOML{key}", step, where=f"{path}, line {number}")
