"""Reads a whole sheet, frame by frame, and sorts its rows: which are picked, which are not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.load import Table, Wishes, load
from pipeline.model import Place
from pipeline.planning import Gathered, Gathering
from pipeline.selection import Choices, Rules, choose, decide
from pipeline.sheets import open_book
from pipeline.validate import remarks, validate


@dataclass(frozen=True, slots=True)
class Picking:
    """What a person says about the sheet and its rows."""

    wishes: Wishes
    choices: Choices
    pick_from: Path | None = None


@dataclass(frozen=True, slots=True)
class Sifted:
    """A sheet that was read to its end."""

    table: Table
    rules: Rules
    place: Place
    gathered: Gathered
    notes: Sequence[str]
