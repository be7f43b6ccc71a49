"""Keeps the compiled template of the report beside Python's own modules: making it takes longer than a page."""

from __future__ import annotations

import sys
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import jinja2
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

LENGTH = sha256().digest_size
"""Bytes of the digest in front of what is kept: what is damaged is never read."""


class TemplateCache(BytecodeCache):
    """Compiled templates in a folder; one that is not there, not of this version or damaged is compiled anew.

    Jinja compares the digest of the template's text. Where the folder can't be written, nothing is kept.
    """

    def __init__(self, folder: Path, *, keeps: bool) -> None:
        """Takes the folder, which is made when something is kept, and whether anything may be."""
        self._folder = folder
        self._keeps = keeps

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key[:16]}-jinja-{jinja2.__version__}.{sys.implementation.cache_tag}.pyc"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Takes what is kept, if it fits."""
        with suppress(OSError):
            kept = self._path(bucket).read_bytes()
            if sha256(kept[LENGTH:]).digest() == kept[:LENGTH]:
                bucket.load_bytecode(BytesIO(kept[LENGTH:]))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps it, whole or not at all."""
        if not self._keeps:
            return
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, delete=False) as file:
                body = bucket.bytecode_to_string()
                file.write(sha256(body).digest() + body)
            try:
                Path(file.name).replace(self._path(bucket))
            finally:
                Path(file.name).unlink(missing_ok=True)
