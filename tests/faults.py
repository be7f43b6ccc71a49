"""Lets one function of the product raise once, whichever thread calls it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

import pipeline

CODE = str(Path(pipeline.__file__).parent)

ERRORS = (RuntimeError("a fault of ours"), OSError(28, "No space left on device"))
"""A fault of the program, and one of the system."""

Trace = Callable[[FrameType, str, object], None]


@contextmanager
def traced(trace: Trace) -> Iterator[None]:
    """Calls of functions go to ``trace`` first, in this thread and in those that start meanwhile."""
    before, before_in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(trace)
    threading.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(before_in_threads)


class Called:
    """Collects the product's functions that are called."""

    def __init__(self) -> None:
        self.functions: dict[CodeType, str] = {}

    def __call__(self, frame: FrameType, event: str, arg: object) -> None:
        code = frame.f_code
        if code.co_filename.startswith(CODE) and code not in self.functions:
            self.functions[code] = f"{code.co_filename.removeprefix(CODE)}:{code.co_firstlineno} {code.co_qualname}"


class Faults:
    """Lets a function raise the first time that it is called."""

    def __init__(self, error: Exception, function: CodeType) -> None:
        self.error, self.function, self.raised = error, function, False

    def __call__(self, frame: FrameType, event: str, arg: object) -> None:
        if frame.f_code is self.function and not self.raised:
            self.raised = True
            raise type(self.error)(*self.error.args)  # a new one: an old one carries its past along
