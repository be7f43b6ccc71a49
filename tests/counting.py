"""Runs one command and says how often it opened its input, and how often it took it apart.

python -m tests.counting FILE FUNCTION,… ARGUMENT …
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from types import FrameType


def main() -> None:
    """Prints the counts as the last line of standard error."""
    source, functions, *arguments = sys.argv[1:]
    calls = Counter(dict.fromkeys(functions.split(","), 0))
    opened = 0

    def heard(event: str, details: tuple[object, ...]) -> None:
        nonlocal opened
        if event == "open" and isinstance(details[0], str | bytes | os.PathLike):
            opened += os.fsdecode(details[0]) == source

    def called(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name in calls:
            calls[frame.f_code.co_name] += 1

    from pipeline.cli import main as command

    sys.addaudithook(heard)
    threading.setprofile(called)
    sys.setprofile(called)
    try:
        command(arguments, standalone_mode=False)
    finally:
        sys.setprofile(None)
        sys.stderr.write(f"\n{json.dumps([opened, calls])}\n")


if __name__ == "__main__":
    main()
