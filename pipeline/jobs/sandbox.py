"""Serves the built-in service until somebody stops it, for trying this program or another client of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pipeline.errors import UsageError
from pipeline.services import sandbox_settings
from pipeline.services.sandbox import ENDINGS, HandledCall, Sandbox

WHAT_BECOMES_OF = {ending: fate.value for ending, fate in ENDINGS.items()}
"""The last two characters of an AWB, and what becomes of it."""


@contextmanager
def served(port: int, on_call: Callable[[HandledCall], None]) -> Iterator[Mapping[str, str]]:
    """Serves on 127.0.0.1 until the block ends.

    Args:
        port: 0 for a free one.
        on_call: told of each call.
    Returns:
        The settings with which a client reaches it, by name.
    Raises:
        UsageError: the port is taken, or not for this user.
    """
    try:
        sandbox = Sandbox(port, on_call=on_call)
    except OSError as error:
        raise UsageError(f"Port {port} can't be used ({error.strerror or error})", "Say another, or none.") from error
    with sandbox:
        yield sandbox_settings(sandbox)
