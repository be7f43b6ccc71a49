"""The sheets that were brought to the page: each in a folder of its own, its owner's alone, kept for some days."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from pipeline.files import write_text

LARGEST = 100_000_000
"""Bytes of a sheet by default."""

KEEP_DAYS = 30
"""Days for which sheets and results are kept by default; the ledger, which holds no customers, stays."""

ENDINGS = {one: one for one in ("xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "tsv", "txt", "html", "htm", "xml")}
"""How a stored file may end: a word of this table and never the browser's own; what is in it is told by its content."""

NAME = re.compile(r"[0-9]{8}-[0-9a-f]{16}")
"""The name of a sheet in addresses, and of its folder; made here."""

LONGEST_NAME = 120
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """One sheet. ``file``: as its owner calls it, to be shown and never to be a path."""

    name: str
    file: str
    brought: str  # ISO 8601, UTC
    size: int
    who: str
    options: str = ""  # JSON of the choices so far
    plan: str = ""


class Uploads:
    """The folder of all sheets. ``keep_days``: after so many their files are deleted."""

    def __init__(self, folder: Path, keep_days: int = KEEP_DAYS) -> None:
        self.folder, self._keep = folder, timedelta(days=keep_days)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def bring(self, file: str, data: BinaryIO, who: str) -> Upload:
        """Keeps a new sheet. Raises OSError where there is no room."""
        now = datetime.now(UTC)
        name = f"{now:%Y%m%d}-{secrets.token_hex(8)}"
        shown = plain_name(file)
        place = self.folder / name
        place.mkdir(mode=0o700)
        try:
            size = _copied(data, place / f"sheet.{_ending(shown)}")
            upload = Upload(name, shown, now.isoformat(timespec="seconds"), size, who)
            self.keep(upload)
        except OSError:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return upload

    def keep(self, upload: Upload) -> None:
        """Writes down what is known of a sheet."""
        path = self.folder / upload.name / "about.json"
        write_text(json.dumps(asdict(upload), ensure_ascii=False), path)
        path.chmod(0o600)

    def find(self, name: str) -> Upload | None:
        """A sheet by the name that stands in an address; None for everything that is none."""
        if not NAME.fullmatch(name):
            return None
        try:
            return Upload(**json.loads((self.folder / name / "about.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def all(self) -> Iterator[Upload]:
        """Every sheet, the newest first; those whose files are deleted too."""
        for place in sorted(self.folder.iterdir(), reverse=True):
            upload = self.find(place.name)
            if upload is not None:
                yield upload

    def of_plan(self, plan: str) -> Upload | None:
        """The sheet of a plan."""
        return next((one for one in self.all() if one.plan == plan), None)

    def sheet(self, upload: Upload) -> Path | None:
        """Where the sheet lies; None where it was deleted."""
        return next(iter((self.folder / upload.name).glob("sheet.*")), None) if NAME.fullmatch(upload.name) else None

    def rows(self, upload: Upload) -> Path:
        """Where the rows of its plan lie."""
        return self.folder / upload.name / "rows.arrow"

    def result(self, upload: Upload, path: str) -> Path | None:
        """A file that the ledger says was written; None unless it lies in the folder of this sheet."""
        place = Path(path)
        return place if place.parent == self.folder / upload.name and place.is_file() else None

    def remove(self, upload: Upload) -> None:
        """Deletes a sheet with all that is known of it."""
        if NAME.fullmatch(upload.name):
            shutil.rmtree(self.folder / upload.name, ignore_errors=True)

    def forget_old(self, now: datetime) -> int:
        """Deletes the files of sheets that are older than the days for which they are kept; how many sheets."""
        gone = 0
        for upload in self.all():
            if datetime.fromisoformat(upload.brought) < now - self._keep and self.sheet(upload) is not None:
                for path in (self.folder / upload.name).iterdir():
                    if path.name != "about.json":
                        path.unlink(missing_ok=True)
                self.keep(replace(upload, options=""))
                gone += 1
        return gone


def plain_name(file: str) -> str:
    """A browser's name of a file as text to show: without folders, unseen characters, or anything that is too long."""
    last = re.split(r"[\\/]", file)[-1]
    seen = "".join(one for one in last if unicodedata.category(one)[0] not in "CZ" or one == " ").strip(" .")
    return seen[-LONGEST_NAME:] or "sheet"


def _ending(shown: str) -> str:
    return ENDINGS.get(shown.rpartition(".")[2].lower(), "bin")


def _copied(data: BinaryIO, path: Path) -> int:
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := data.read(PIECE):
            size += file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return size
