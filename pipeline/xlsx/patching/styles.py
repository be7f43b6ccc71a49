"""Adds the few cell styles that the new columns need behind those of the workbook; none of the workbook's changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.limits import MOST_STYLES
from pipeline.xlsx.markup.edits import Markup, PartElement
from pipeline.xlsx.values import NewLook

TEXT_FORMAT = 49
"""The built-in number format ``@``: what is typed or edited there stays text (ECMA-376, part 1, 18.8.30)."""

PLAIN_FONT = ' fontId="0"'
PLAIN_FILL = ' fillId="0"'

_ORDER = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs"),
    *("cellStyles", "dxfs", "tableStyles", "colors", "extLst"),
)
"""The sections of the part, in the schema's order."""
_NEEDED = {*_ORDER, "styleSheet", "font", "fill", "xf"}
_PLAIN_FILLS = ("none", "gray125")  # the two that every workbook begins with


@dataclass(frozen=True, slots=True)
class CellStyles:
    """Indexes of cell styles: of text without a fill, and by status word of those that have one. None: no style."""

    text: int | None = None
    by_status: Mapping[str, int] = field(default_factory=dict)

    def of(self, text: str) -> int | None:
        """The style of a cell in the status column."""
        return self.by_status.get(text, self.text)


def add_styles(data: bytes, look: NewLook) -> tuple[bytes, CellStyles]:
    """The styles part with what the new cells need, and the indexes of it; what is there already is used again."""
    part = Markup(data, _NEEDED)
    root = part.find("styleSheet")
    if root is None or len(part.all("styleSheet", "cellXfs", "xf")) + len(look.fills) >= MOST_STYLES:
        return data, CellStyles()
    adder = _Adder(part, root)
    font = adder.font(look.ink)
    fills = {status: adder.fill(colour) for status, colour in look.fills.items()}
    text = adder.style(PLAIN_FONT, PLAIN_FILL)
    by_status = {status: adder.style(font, f' fillId="{fill}" applyFill="1"') for status, fill in fills.items()}
    adder.finish()
    return part.result(), CellStyles(text, by_status)


class _Adder:
    """Collects the new children of each section, so that each is edited once."""

    def __init__(self, part: Markup, root: PartElement) -> None:
        self.part = part
        self.root = root
        self.prefix = part.prefix(root)
        self.new: dict[str, list[str]] = {"fonts": [], "fills": [], "cellXfs": []}
        self.had = {
            "fonts": [part.text(one) for one in part.all("styleSheet", "fonts", "font")],
            "fills": [part.text(one) for one in part.all("styleSheet", "fills", "fill")],
            "cellXfs": [part.text(one) for one in part.all("styleSheet", "cellXfs", "xf")],
        }
        if not self.had["fills"]:
            self.new["fills"] = [self.xml(f'<fill><patternFill patternType="{name}"/></fill>') for name in _PLAIN_FILLS]
        if not self.had["cellXfs"]:
            self.new["cellXfs"] = [self.xml("<xf/>")]
        based = part.all("styleSheet", "cellStyleXfs", "xf")
        self.base = ' borderId="0" xfId="0"' if based else ""

    def xml(self, text: str) -> str:
        """Elements with the part's prefix."""
        return re.sub(r"<(/?)", rf"<\1{self.prefix}", text) if self.prefix else text

    def index(self, section: str, text: str) -> int:
        """The index of a child of a section, added unless it is there already."""
        known = [*self.had[section], *self.new[section]]
        if text not in known:
            self.new[section].append(text)
            return len(known)
        return known.index(text)

    def font(self, colour: str) -> str:
        """The attributes that choose the workbook's usual font in our ink, where it has fonts at all."""
        if not self.had["fonts"]:
            return PLAIN_FONT
        usual = self.had["fonts"][0]
        ink = self.xml(f'<color rgb="{colour}"/>')
        p = re.escape(self.prefix)
        new, found = re.subn(rf"<{p}color\b[^>]*?(?:/>|>\s*</{p}color\s*>)", ink, usual, count=1)
        if not found:  # the schema wants it before the name and after the size
            new, found = re.subn(rf"(?=<{p}(?:name|family|charset|scheme)\b)", ink, usual, count=1)
        if not found and usual.endswith("/>"):
            new = self.xml("<font>") + ink + self.xml("</font>")
        elif not found:
            new = usual[: usual.rindex("</")] + ink + usual[usual.rindex("</") :]
        return f' fontId="{self.index("fonts", new)}" applyFont="1"'

    def fill(self, colour: str) -> int:
        """The index of a solid fill."""
        inner = f'<fgColor rgb="{colour}"/><bgColor indexed="64"/>'
        return self.index("fills", self.xml(f'<fill><patternFill patternType="solid">{inner}</patternFill></fill>'))

    def style(self, font: str, fill: str) -> int:
        """The index of a cell style: text, not wrapped."""
        attributes = f'numFmtId="{TEXT_FORMAT}"{font}{fill}{self.base} applyNumberFormat="1"'
        return self.index("cellXfs", self.xml(f"<xf {attributes}/>"))

    def finish(self) -> None:
        """Writes each section's new children at its end; a section that is missing in its place."""
        at_the_end = ""
        for section, new in self.new.items():
            element = self.part.find("styleSheet", section)
            text, count = "".join(new), len(self.had[section]) + len(new)
            if element is not None and new:
                self.part.append_counted(element, text, count)
            elif new:
                whole = f'<{self.prefix}{section} count="{count}">{text}</{self.prefix}{section}>'
                at_the_end += whole if not self._insert(section, whole) else ""
        if at_the_end:
            self.part.append(self.root, at_the_end)

    def _insert(self, section: str, text: str) -> bool:
        """Puts a section before the first of those that come later; False when there is none."""
        later = _ORDER[_ORDER.index(section) + 1 :]
        following = next((found for name in later if (found := self.part.find("styleSheet", name))), None)
        if following is not None:
            self.part.replace(following.start, following.start, text)
        return following is not None
