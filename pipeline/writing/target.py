"""Where the output goes; everything that could forbid it later is looked at before anything is sent."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import OutputError
from pipeline.files import file_digest
from pipeline.sheets import output_suffix

ROOM = 3
"""Free space wanted, in sizes of the input: the sheet, its temporary copy, and the report beside it."""


LEAST_ROOM = 20_000_000
"""Bytes of free space wanted whatever the size of the input."""


LONGEST_TRY = 1000
"""How many names "NAME (2)", "NAME (3)", … are tried."""


Remembered = Callable[[Path], str | None]
"""The digest of what this program last wrote at a path, or None: the ledger knows."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a run's three files go: the sheet, the report page and the summary, of one stem; and the list that picked
    its rows, where it comes back as a file of its own."""

    sheet: Path
    report: Path
    summary: Path
    listed: Path | None = None


def choose_target(source: Path, kind: str, infix: str, output: Path | None, remembered: Remembered) -> Target:
    """Where the output goes; everything that could forbid it later is looked at now.

    Args:
        source: the input.
        kind: the input's format, told by content.
        infix: ``annotated``, ``annotated.sandbox``, ``plan``, …
        output: what ``--output`` says.
        remembered: knows the digest of what this program last wrote at a path.
    Raises:
        OutputError: it can't be written there, with what to do.
    """
    suffix = output_suffix(kind)
    wanted = source.with_name(f"{source.stem}.{infix}{suffix}") if output is None else output
    if output is not None and output.is_dir():
        wanted = output / f"{source.stem}.{infix}{suffix}"
    if wanted.suffix.lower() != suffix:
        raise OutputError(
            f"The output of {source.name} is a {suffix} file, and --output names {wanted.name}",
            f"Give it a name that ends with {suffix}.",
        )
    _check_folder(source, wanted)
    target = next((free for free in _names(wanted) if _may_write(source, free, remembered)), None)
    if target is None:
        raise OutputError(f"{wanted} and {LONGEST_TRY} names like it are taken", "Say another with --output.")
    return target


def choose_list_target(source: Path, kind: str, infix: str, sheet: Path, remembered: Remembered) -> Path | None:
    """Where a list comes back: beside the sheet, under its own name; None where no name is free.

    Args:
        source: the list.
        kind: its format.
        infix: as of the sheet.
        sheet: where the sheet goes.
        remembered: see ``choose_target``.
    """
    suffix = output_suffix(kind)
    names = _names(sheet.with_name(f"{source.stem}.{infix}{suffix}"))
    free = (one.sheet for one in names if one.sheet.stem != sheet.stem)
    return next((path for path in free if _may_replace(source, path, remembered)), None)


def _names(wanted: Path) -> Iterator[Target]:
    for number in range(1, LONGEST_TRY):
        stem = wanted.stem if number == 1 else f"{wanted.stem} ({number})"
        sheet = wanted.with_name(stem + wanted.suffix)
        yield Target(sheet, sheet.with_name(f"{stem}.html"), sheet.with_name(f"{stem}.json"))


def _may_write(source: Path, target: Target, remembered: Remembered) -> bool:
    """Whether the three names are free, or hold just what this program wrote there."""
    return all(_may_replace(source, path, remembered) for path in (target.sheet, target.report, target.summary))


def _may_replace(source: Path, path: Path, remembered: Remembered) -> bool:
    """Whether a name is free, or holds just what this program wrote there."""
    if path.exists():
        if path.samefile(source) or not path.is_file() or file_digest(path) != remembered(path):
            return False
        _check_not_open(path)
    return True


def _check_not_open(path: Path) -> None:
    for lock in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if lock.exists():
            raise OutputError(
                f"{path.name} is open in another program ({lock.name} says so)",
                "Close it there and run the same command again, or say another name with --output.",
            )


def _check_folder(source: Path, wanted: Path) -> None:
    folder = wanted.parent
    if not folder.is_dir():
        raise OutputError(f"There is no folder {folder} to write {wanted.name} into", "Make it, or change --output.")
    if wanted.exists() and wanted.samefile(source):
        raise OutputError("--output names the input itself, which is never overwritten", "Say another name.")
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"0")
            probe.flush()
    except OSError as error:
        raise OutputError(
            f"Nothing can be written into the folder {folder} ({error.strerror or error})",
            "Copy the input to a folder of yours, or say another place with --output.",
        ) from error
    wanted_room = max(LEAST_ROOM, ROOM * source.stat().st_size)
    free = shutil.disk_usage(folder).free
    if free < wanted_room:
        raise OutputError(
            f"Only {free // 1_000_000} MB are free in {folder}, and the output may need {wanted_room // 1_000_000} MB",
            "Make room, or say another place with --output.",
        )
