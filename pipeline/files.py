"""Writes files whole or not at all, and takes their digest."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import OutputError


def write_text(text: str, target: Path) -> None:
    """Writes the report or the summary, whole or not at all."""
    with replacing(target, like=None) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def replacing(target: Path, *, like: Path | None) -> Iterator[Path]:
    """A temporary name in the target's folder that takes its place once it is written."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem[:40]}.", suffix=target.suffix)
    except OSError as error:
        raise not_written(target, error) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _flush(temporary)
        _take_permissions(temporary, like)
        temporary.replace(target)
        _flush_folder(target.parent)
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def not_written(target: Path, error: OSError) -> OutputError:
    return OutputError(f"{target.name} could not be written ({error.strerror or error})", where=str(target.parent))


def _take_permissions(temporary: Path, like: Path | None) -> None:
    if like is not None:
        shutil.copymode(like, temporary)
        return
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(0o666 & ~mask)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """The rename itself must outlive a power cut; Windows has no handle for a folder."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
