"""Fetches a key from where it lies: an environment variable, a file, the keyring of the system. Nothing else holds it.

No message here has a key in it, or a text of a library that could.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import UsageError

KINDS = ("env", "file", "keyring")

HOW = 'Write where it lies: "env:NAME", "file:PATH" or "keyring:NAME".'

KEYRING_SERVICE = "bulk-cancel"
"""Under which name the keyring keeps the keys: `keyring set bulk-cancel NAME`."""

LARGEST = 10_000
"""Bytes of a file with a key; a larger one is another file."""


def is_place(text: str) -> bool:
    """Whether this says where a key lies; otherwise it may be the key itself."""
    kind, separator, name = text.partition(":")
    return kind in KINDS and bool(separator) and bool(name.strip())


def resolve_key(place: str, environ: Mapping[str, str], folder: Path) -> str:
    """The key that lies at a place.

    Args:
        place: ``env:NAME``, ``file:PATH`` or ``keyring:NAME``.
        environ: the environment of the process.
        folder: from where a path is counted: that of `bulk-cancel.toml`.
    Raises:
        UsageError: nothing lies there, others can read it, the keyring is locked, or this is no place: it may be the
            key itself then, and is not shown.
    """
    if not is_place(place):
        raise UsageError("holds a key itself, or no place of one", f"Keys don't belong here. {HOW}")
    kind, _, name = place.partition(":")
    if kind == "env":
        key = environ.get(name.strip(), "").strip()
        if not key:
            raise UsageError(f"lies in the environment variable {name.strip()}, which is not set", "Set it.")
        return key
    return _in_file(folder, name.strip()) if kind == "file" else _in_keyring(name.strip())


def _in_file(folder: Path, name: str) -> str:
    path = folder / Path(name).expanduser()
    try:
        if _others_can_read(path):
            step = f"Run  chmod 600 {path}  (a mounted secret: mode 0400)."
            raise UsageError(f"lies in {path}, which other users of this machine can read", step)
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        key = content.decode("utf-8-sig").strip()
    except OSError as error:
        raise UsageError(f"lies in {path}, which can't be read ({error.strerror or error})", "Mend the path.") from None
    except UnicodeDecodeError:
        raise UsageError(f"lies in {path}, which is no text", "Save it as one line of text.") from None
    if not key or len(content) > LARGEST:
        raise UsageError(f"lies in {path}, which is {'empty' if not key else 'too large'}", "Save it as one line.")
    return key


def _others_can_read(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _in_keyring(name: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        step = 'Install it: pip install "ithink-bulk-cancel[keyring]"; or use env: or file:.'
        raise UsageError("lies in the keyring, and the library keyring is not installed", step) from None
    try:
        key = keyring.get_password(KEYRING_SERVICE, name)
    except keyring.errors.KeyringLocked:
        raise UsageError(f"lies in the keyring under {name}, and the keyring is locked", "Unlock it.") from None
    except keyring.errors.NoKeyringError:
        step = "Use env: or file: here."
        raise UsageError(f"lies in the keyring under {name}, and this system has no keyring", step) from None
    except Exception as error:  # whatever a backend raises: its text may hold the key
        problem = f"lies in the keyring under {name}, and the keyring failed ({type(error).__name__})"
        raise UsageError(problem, "Try `keyring get bulk-cancel NAME` by itself.") from None
    if not key:
        step = f"Put it there: keyring set {KEYRING_SERVICE} {name}"
        raise UsageError(f"lies in the keyring under {name}, where there is none", step)
    return key
