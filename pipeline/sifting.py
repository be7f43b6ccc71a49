"""Reads a whole sheet, frame by frame, and sorts its rows: which are picked, which are not, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.load import Wishes
from pipeline.model import Place
from pipeline.planning import Gathered
from pipeline.said import Said


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows are not sent: the words, how many rows, and where the first ones stand."""

    words: str
    count: int
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sifted:
    """A sheet that was read to its end.

    ``picked_by``: the rule that picked, in words. ``problems``: why picked rows are Invalid, grouped. ``question``: why
    ``cancel`` must ask before it sends ("" when it need not).
    """

    place: Place
    gathered: Gathered
    picked_by: str
    problems: Sequence[Reason]
    notes: Sequence[str]
    question: str


def wishes_of(said: Said) -> Wishes:
    """What a person said about the sheet, for ``load``; raises UsageTrouble."""
    raise NotImplementedError


def sift(source: Path, said: Said, say: Callable[[str], None]) -> Sifted:
    """Reads the sheet and sorts its rows."""
    raise NotImplementedError
