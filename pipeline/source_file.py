"""One input file, opened once: whoever reads it, and however often, does so through the same handle."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from weakref import finalize

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER = 1 << 16
"""Bytes that a reader takes from the file at least, for those who ask for a few at a time."""


class SourceFile:
    """A regular file that is read from its beginning to the end of the job, whatever is renamed or saved meanwhile.

    The handle is closed when nobody holds the file any more.

    Args:
        path: where it stands; it is not looked at again, but to find out whether it is still the same.
    Raises:
        OSError: it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = io.FileIO(path)
        self._lock = Lock()
        self.read_whole = ""  # the SHA-256 of all that the last whole reading saw, where its reader took it
        finalize(self, self._handle.close)

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.path.name

    @property
    def size(self) -> int:
        """Bytes."""
        return os.fstat(self._handle.fileno()).st_size

    def open(self) -> io.BufferedReader:
        """A reader with a place of its own; several may read at the same time, in any threads."""
        return io.BufferedReader(_FileView(self), BUFFER)

    def read_bytes(self) -> bytes:
        """All of it."""
        with self.open() as file:
            return file.read()

    def digest(self) -> str:
        """The SHA-256 of what it holds now, hexadecimal."""
        with self.open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def leads_to_it(self) -> bool:
        """Whether its path still leads to this very file, whatever it holds now."""
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._handle.fileno()))
        except OSError:
            return False

    def holds(self, digest: str) -> bool:
        """Whether its path still leads to a file of these bytes.

        Raises:
            OSError: the path leads nowhere any more.
        """
        there = self.path.stat()
        if os.path.samestat(there, os.fstat(self._handle.fileno())):
            return self.digest() == digest
        return SourceFile(self.path).digest() == digest

    def read_into(self, buffer: WriteableBuffer, place: int) -> int:
        """Fills a buffer from a place on; how many bytes there were."""
        with self._lock:
            self._handle.seek(place)
            return self._handle.readinto(buffer) or 0


class _FileView(io.RawIOBase):
    """A place in a file that others read too."""

    def __init__(self, source: SourceFile) -> None:
        super().__init__()
        self._source = source
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._source.size}[whence]
        if base + offset < 0:
            raise OSError("a place before the file")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._source.read_into(buffer, self._place)
        self._place += count
        return count
