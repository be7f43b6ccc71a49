"""Makes the program's own output fit to be written to, whatever it was started with."""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path

ESCAPED = "bulk-cancel-escaped"


def ready_streams() -> None:
    """Gives a closed stream a hole to write into, and escapes what a stream's encoding can't hold.

    Without this a message could end a run half way, for a customer's name in a script that the console doesn't know.
    """
    codecs.register_error(ESCAPED, _escaped)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (open as long as the program runs)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPED)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """``\\u0911``: what JSON understands, too."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end
