"""Reads the value of one setting: a yes or no, seconds, one line of text."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.errors import UsageError

READ_TIMEOUT = 120.0
"""Seconds to wait for an answer: 100 AWBs may be 100 courier calls behind it (docs/contract-ithink.md, "Client
timeout")."""


YES = frozenset({"1", "true", "yes", "on"})


NO = frozenset({"", "0", "false", "no", "off"})


ANOTHER_PERSON, NOBODY = "another person", "nobody"
"""Who has to approve a plan before it is sent."""


def read_seconds(text: str) -> float:
    if not text:
        return READ_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 1 <= seconds <= 3600:
        raise UsageError(f"ITHINK_TIMEOUT is {text!r}", "It takes the seconds to wait for an answer: 1 to 3600.")
    return seconds


def read_yes(values: Mapping[str, str], name: str) -> bool:
    word = values.get(name, "").lower()
    if word not in YES | NO:
        raise UsageError(f"{name} is {word!r}", "It takes 1 (yes) or 0 (no).")
    return word in YES


def read_approval(values: Mapping[str, str]) -> int | None:
    """How many AWBs make a plan need another person's word: at least 1; -1: it needs none; None: nothing is said."""
    who, least = values.get("BULK_CANCEL_APPROVAL", ""), values.get("BULK_CANCEL_APPROVAL_FROM", "")
    word = " ".join(who.lower().replace("-", " ").replace("_", " ").split())
    if word not in ("", ANOTHER_PERSON, NOBODY):
        step = f'It takes "{ANOTHER_PERSON}", or "{NOBODY}" to take the rule back.'
        raise UsageError(f"BULK_CANCEL_APPROVAL is {who!r}", step)
    if least and (word != ANOTHER_PERSON or not (least.isascii() and least.isdecimal()) or not 1 <= int(least) < 10**9):
        step = f'It takes a number of AWBs from 1 on, beside BULK_CANCEL_APPROVAL="{ANOTHER_PERSON}".'
        raise UsageError(f"BULK_CANCEL_APPROVAL_FROM is {least!r}", step)
    return {"": None, NOBODY: -1}.get(word, int(least or 1))


def read_line(name: str, value: str) -> str:
    """A line break or control character in a key or header is a paste gone wrong; the value itself is never shown."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise UsageError(f"{name} holds a line break or a control character", "Paste it again, as one line.")
    return value
