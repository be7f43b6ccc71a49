"""The texts of a workbook: its shared strings, and the characters that XML can't hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.containers.safe_xml import ForbiddenXmlError, make_parser
from pipeline.xlsx.errors import BrokenSheetError, WorkbookError
from pipeline.xlsx.markup.expat_events import FEED, MAIN, parse
from pipeline.xlsx.markup.row_blocks import STRINGS, Stretches, odd_markup
from pipeline.xlsx.markup.tag_scanner import as_text, find_tags, grammar, plain_tags, slices
from pipeline.xlsx.package import Package
from pipeline.xlsx.reading.rich_text import Runs

ITEM, ITEM_END, TEXT, TEXT_END = range(1, 5)

RULES = grammar(
    {"si": ITEM, "/s": ITEM_END, "t>": TEXT, "t/": TEXT, "t ": TEXT, "/t": TEXT_END},
    follow={ITEM: (TEXT, ITEM_END), ITEM_END: (ITEM,), TEXT: (TEXT_END,), TEXT_END: (ITEM_END,)},
    empty={ITEM: (ITEM,), TEXT: (ITEM_END,)},
)
"""Shared strings without formatting, as nearly all are (ECMA-376 part 1, 18.4)."""

NAMES = {f"{space} {name}": name for space in MAIN for name in ("sst", "si", "t", "r", "rPr", "strike", "vertAlign")}

LARGEST = 2 << 30
"""Bytes of XML: they are held in memory as text. A full sheet with five columns of different texts has 200 MB."""

ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How a workbook spells characters that XML can't hold (ECMA-376 part 1, 22.9.2.19)."""

NO_TEXTS = pa.array([], pa.large_string())


def decode_escapes(text: str) -> str:
    """``_x000D_`` and its like as the characters that they stand for."""
    if "_x" not in text:
        return text
    decoded = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # Two escapes may be the halves of one character; a half alone is no character at all.
    return decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def decoded(texts: pa.Array) -> pa.Array:
    """A column of texts without escapes; only the few that hold one are looked at one by one."""
    odd = pc.match_substring(texts, "_x")
    if not pc.any(odd).as_py():
        return texts
    mended = [decode_escapes(text) for text in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(mended, texts.type))


@dataclass(frozen=True, slots=True)
class _Texts:
    """Some texts, and which of them are struck out or have parts that differ (see ``Runs``)."""

    texts: pa.Array
    odd: npt.NDArray[np.bool_]

    @classmethod
    def plain(cls, texts: pa.Array) -> _Texts:
        """Texts without formatting."""
        return cls(texts, np.zeros(len(texts), bool))


def read_shared_strings(package: Package) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Every shared string by its number; and which of them are struck out or have parts that differ (see ``Runs``).

    Raises:
        WorkbookError: the part is damaged.
    """
    part = package.shared_strings
    if part is None:
        return NO_TEXTS, np.zeros(0, bool)
    if package.archive.entries[part].file_size > LARGEST:
        raise _damaged("it is larger than any real one")
    try:
        found = list(_texts(package.archive.stream(part)))
    except BrokenSheetError as error:
        raise _damaged(str(error)) from error
    except ForbiddenXmlError as error:
        raise _damaged("it declares a DTD") from error
    odd = np.concatenate([np.zeros(0, bool), *(some.odd for some in found)])
    return pa.concat_arrays([NO_TEXTS, *(some.texts for some in found)]), odd


def _damaged(what: str) -> WorkbookError:
    return WorkbookError(
        f"This workbook is damaged where its texts stand: {what}",
        "Open it in Excel and save it again, or export it anew.",
    )


def _texts(stream: Iterator[bytes]) -> Iterator[_Texts]:
    part = Stretches(stream, STRINGS)
    if part.head is None:
        yield from _exactly(part.rest())
        return
    while stretch := part.next():
        found = _scan(stretch)
        end = -1 if found is not None else stretch.find(STRINGS.end)
        if end >= 0 and not odd_markup(stretch[:end]):
            part.end()
            stretch = stretch[:end]
            found = _scan(stretch)
        if found is None and (part.torn or odd_markup(stretch)):
            yield from _exactly(chain([part.head, stretch], part.rest()))
            return
        if found is None:
            yield from _exactly([part.head, stretch, STRINGS.tail])
        else:
            yield _Texts.plain(found)
    if not part.ended:
        raise BrokenSheetError("its end is missing")


def _scan(stretch: bytes) -> pa.Array | None:
    """The texts of a stretch at once; None where one is formatted or spelt unusually."""
    if b"\r" in stretch:
        stretch = stretch.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # XML 1.0, 2.11
    tags = find_tags(stretch, RULES)
    if tags is None or tags.code[0] != ITEM or tags.code[-1] not in (ITEM, ITEM_END):
        return None
    items = np.flatnonzero(tags.code == ITEM)
    inside = items + 1
    filled = (np.take(tags.code, inside, mode="clip") == TEXT) & (
        np.take(tags.code, inside + 1, mode="clip") == TEXT_END
    )
    if not plain_tags(tags, inside[filled]):
        return None
    starts = np.take(tags.end, np.where(filled, inside, items)) + 1
    ends = np.where(filled, np.take(tags.begin, inside + 1, mode="clip"), starts)
    texts = as_text(slices(tags.data, starts, ends), references=b"&" in stretch)
    return decoded(texts) if texts is not None and b"_" in stretch else texts


def _exactly(stream: Iterable[bytes]) -> Iterator[_Texts]:
    """Every legal spelling: rich text (its runs joined, phonetic hints left out), prefixes, any encoding."""
    reader = _ExactTexts()
    for data in stream:
        for begin in range(0, len(data), FEED):
            parse(reader.parser, data[begin : begin + FEED])
        yield reader.take()
    parse(reader.parser, b"", last=True)
    yield reader.take()


class _ExactTexts:
    """Feeds on the bytes of the part."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._odd: list[bool] = []
        self._path: list[str] = []
        self._heard: list[str] = []
        self._runs = Runs()
        self.parser = make_parser()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end

    def _start(self, full: str, attributes: dict[str, str]) -> None:
        path, name = self._path, NAMES.get(full, "")
        if not path and name != "sst":
            raise BrokenSheetError("it holds no texts")
        path.append(name)
        if path == ["sst", "si"]:
            self._heard.clear()
            self._runs.begin()
        elif path == ["sst", "si", "r"]:
            self._runs.part()
        elif path[:4] == ["sst", "si", "r", "rPr"] and len(path) == 5:
            self._runs.font(name, attributes)
        elif path in (["sst", "si", "t"], ["sst", "si", "r", "t"]):
            self._runs.text()
            self.parser.CharacterDataHandler = self._heard.append

    def _end(self, _: str) -> None:
        if self._path == ["sst", "si"]:
            self._texts.append("".join(self._heard))
            self._odd.append(self._runs.odd)
        self._path.pop()
        self.parser.CharacterDataHandler = None

    def take(self) -> _Texts:
        """The texts read since the last time."""
        texts, odd = self._texts, self._odd
        self._texts, self._odd = [], []
        return _Texts(decoded(pa.array(texts, pa.large_string())), np.array(odd, bool))
