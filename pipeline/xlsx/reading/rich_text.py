"""Tells whether the parts of a text differ in what counts: struck out, or raised above the line (ECMA-376, 18.4.7)."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.xlsx.reading.number_formats import is_struck

LEVEL = "baseline"


class Runs:
    """The parts of one text while they are read: ``begin`` for each text, ``part`` for each of its parts."""

    def __init__(self) -> None:
        self._struck = self._part_struck = False
        self._level = LEVEL
        self._levels = set[str]()

    def begin(self) -> None:
        """A text begins."""
        self.part()
        self._struck = False
        self._levels = set()

    def part(self) -> None:
        """A part begins; it has no font of its own yet."""
        self._part_struck, self._level = False, LEVEL

    def font(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element of the part's own font."""
        if is_struck(name, attributes):
            self._part_struck = True
        if name == "vertAlign":
            self._level = attributes.get("val", LEVEL)

    def text(self) -> None:
        """The text of the part."""
        self._struck = self._struck or self._part_struck
        self._levels.add(self._level)

    @property
    def odd(self) -> bool:
        """Whether any part is struck out, or parts stand on different levels."""
        return self._struck or len(self._levels) > 1
