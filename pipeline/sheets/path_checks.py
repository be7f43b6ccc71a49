"""Looks at what stands under a path before anything reads it: a file that can be read, or what to give instead."""

from __future__ import annotations

import difflib
import itertools
import os
import stat
from pathlib import Path

from pipeline.errors import FileError
from pipeline.source_file import SourceFile

TABLE_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt")
"""Names that a person may have meant, in the order in which they are offered."""

HEAD = 1 << 16
"""Bytes at the beginning by which a file is told."""

MOST_NAMES = 5_000
"""Names of a folder that are looked at for a suggestion; a folder can hold millions."""

LOCK_SIZE = 4_096
"""Lock files are some 165 bytes; a workbook that is really called ``~$…`` is larger."""

LOCK_MARKS = (("~$", ""), (".~lock.", "#"))
"""How Excel's and LibreOffice's lock files are called: before and after the name of the file that is open."""

SPECIAL = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_source(path: Path) -> tuple[SourceFile, bytes]:
    """Opens a regular file that isn't empty, and gives its first bytes; a pipe is never opened: it could wait forever.

    Raises:
        FileError: there is no such file, or it is a folder, a pipe, a lock file, empty, or not to be read by us.
    """
    _check_kind(path, _mode(path))
    try:
        source = SourceFile(path)
        with source.open() as file:
            head = file.read(HEAD)
    except OSError as error:
        raise _unreadable(path, error) from error
    _check_lock(path, head)
    if not head:
        raise FileError("This file is empty (0 bytes)", "Export it again.", where=path.name)
    return source, head


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(path) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:  # a NUL inside the name
        raise FileError("There can't be a file of such a name", "Check the name.", where=repr(str(path))) from error


def _unreadable(path: Path, error: OSError) -> FileError:
    if isinstance(error, PermissionError):
        step = "Close it in other programs, or ask whoever owns it for the right to read it."
        return FileError("You may not read this file", step, where=str(path))
    return FileError(f"This file can't be read ({error.strerror or error})", "Check the name.", where=str(path))


def _missing(path: Path) -> FileError:
    if not path.parent.is_dir():
        return FileError(f"There is no folder {path.parent}", "Check the path.", where=str(path))
    names = _names(path.parent)
    by_fold = {name.casefold(): name for name in names}
    near = [by_fold[fold] for fold in difflib.get_close_matches(path.name.casefold(), by_fold, n=3)]
    near += [name for name in names if Path(name).stem.casefold() == path.stem.casefold() and name not in near]
    step = f"Did you mean {' or '.join(near[:3])}?" if near else "Check the name and the folder."
    return FileError("There is no such file", step, where=str(path))


def _names(folder: Path) -> list[str]:
    """The tables that stand in a folder, by name; none where it may not be looked into."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in itertools.islice(entries, MOST_NAMES)]
    except OSError:
        return []
    tables = [name for name in names if name.lower().endswith(TABLE_SUFFIXES) and not name.startswith(("~$", "."))]
    return sorted(tables)


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        names = _names(path)
        more = ", …" if len(names) > 5 else ""
        step = f"Give one of its files: {', '.join(names[:5])}{more}." if names else "No table stands in it."
        raise FileError("This is a folder", step, where=str(path))
    if not stat.S_ISREG(mode):
        what = next((words for test, words in SPECIAL if test(mode)), "something special")
        raise FileError(f"This is {what}, not a file", "Save what it gives in a file first.", where=str(path))


def _check_lock(path: Path, head: bytes) -> None:
    for before, after in LOCK_MARKS:
        if path.name.startswith(before) and path.name.endswith(after) and len(head) < LOCK_SIZE:
            name = path.name[len(before) : len(path.name) - len(after)]
            program = "Excel" if before == "~$" else "LibreOffice"
            raise FileError(f"This is {program}'s lock file of {name}, not the table", f"Give {name}.", where=path.name)
