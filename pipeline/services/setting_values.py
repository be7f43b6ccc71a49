"""Reads the value of one setting: a yes or no, seconds, one line of text."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.errors import UsageTrouble

READ_TIMEOUT = 120.0
"""Seconds to wait for an answer: 100 AWBs may be 100 courier calls behind it (docs/contract-ithink.md, "Client
timeout")."""


YES = frozenset({"1", "true", "yes", "on"})


NO = frozenset({"", "0", "false", "no", "off"})


def read_seconds(text: str) -> float:
    if not text:
        return READ_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 1 <= seconds <= 3600:
        raise UsageTrouble(f"ITHINK_TIMEOUT is {text!r}", "It takes the seconds to wait for an answer: 1 to 3600.")
    return seconds


def read_yes(values: Mapping[str, str], name: str) -> bool:
    word = values.get(name, "").lower()
    if word not in YES | NO:
        raise UsageTrouble(f"{name} is {word!r}", "It takes 1 (yes) or 0 (no).")
    return word in YES


def read_line(name: str, value: str) -> str:
    """A line break or control character in a key or header is a paste gone wrong; the value itself is never shown."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise UsageTrouble(f"{name} holds a line break or a control character", "Paste it again, as one line.")
    return value
