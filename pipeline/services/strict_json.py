"""Reads what the service sent: JSON as it is spelled; a doubtful spelling is reported, never corrected.

``json.loads`` alone would keep the last of two equal keys, turn numbers into other numbers and let NaN through; an
answer about parcels must not change on its way. So objects keep all their pairs, and numbers stay as they are spelled.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

DEEPEST_SHOWN = 8
"""Levels of a value that are shown as text; deeper ones become "…". Nothing that a person reads is deeper."""


class Number(str):
    """A number as the service spelled it: ``200``, ``1.50``, or one of a thousand digits; no text of the service's."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object with every pair it was sent with, equal keys too."""

    pairs: tuple[tuple[str, Json], ...]

    def get(self, name: str) -> Json:
        """The value of a key, the last of several (``twice`` tells); None where it is absent."""
        for key, value in reversed(self.pairs):
            if key == name:
                return value
        return None

    @property
    def twice(self) -> frozenset[str]:
        """The keys that stand here more than once: whatever they say, the service contradicts itself."""
        times = Counter(key for key, _ in self.pairs) if len(dict(self.pairs)) < len(self.pairs) else {}
        return frozenset(key for key, count in times.items() if count > 1)


Json = None | bool | str | list["Json"] | Object
"""What a reply is made of; ``Number`` is a ``str`` of its own kind."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A body that is no JSON, with the reason in plain words."""

    why: str


def read_json(body: bytes) -> Json | Unreadable:
    """The value that ``body`` spells, or why there is none; never raises, whatever the bytes.

    A byte-order mark in front is passed over (PHP files saved with one send it). Anything after the value, NaN, text
    that is not UTF-8 and nesting beyond what can be read are no JSON.
    """
    if not body.strip():
        return Unreadable("it is empty")
    try:
        text = body.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError:
        return Unreadable("it is not UTF-8 text")
    if text.lstrip().startswith("<"):
        return Unreadable("it is a web page, not an answer")
    try:
        # strict=False: a raw line break inside a text is bad JSON, and yet can mean only one thing.
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_number,
            strict=False,
        )
    except RecursionError:
        return Unreadable("it is nested too deep")
    except ValueError:
        return Unreadable("it is cut short, or no JSON")
    return value


def _object(pairs: list[tuple[str, Json]]) -> Object:
    return Object(tuple(pairs))


def _no_number(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


def as_text(value: Json) -> str:
    """A value as a person may read it: a text and a number as they stand, nothing for null, else compact JSON."""
    match value:
        case None:
            return ""
        case str():
            return str(value)
        case _:
            return _compact(value, DEEPEST_SHOWN)


def _compact(value: Json, levels: int) -> str:
    match value:
        case Number():
            return str(value)
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case _ if not levels:
            return "…"
        case Object(pairs):
            inside = (f"{_compact(key, 1)}:{_compact(each, levels - 1)}" for key, each in pairs)
            return "{" + ",".join(inside) + "}"
        case _:
            return "[" + ",".join(_compact(each, levels - 1) for each in value) + "]"
