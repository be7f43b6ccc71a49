"""The texts of a workbook: its shared strings, and the characters that XML can't hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.containers.safe_xml import ForbiddenXml, make_parser
from pipeline.xlsx.errors import BrokenSheet, WorkbookError
from pipeline.xlsx.markup.expat_events import FEED, MAIN, parse
from pipeline.xlsx.markup.row_blocks import STRINGS, Stretches, odd_markup
from pipeline.xlsx.markup.tag_scanner import as_text, find_tags, grammar, plain_tags, slices
from pipeline.xlsx.package import Package

ITEM, ITEM_END, TEXT, TEXT_END = range(1, 5)

RULES = grammar(
    {"si": ITEM, "/s": ITEM_END, "t>": TEXT, "t/": TEXT, "t ": TEXT, "/t": TEXT_END},
    follow={ITEM: (TEXT, ITEM_END), ITEM_END: (ITEM,), TEXT: (TEXT_END,), TEXT_END: (ITEM_END,)},
    empty={ITEM: (ITEM,), TEXT: (ITEM_END,)},
)
"""Shared strings without formatting, as nearly all are (ECMA-376 part 1, 18.4)."""

NAMES = {f"{space} {name}": name for space in MAIN for name in ("sst", "si", "t", "r")}

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


def read_shared_strings(package: Package) -> pa.Array:
    """Every shared string by its number.

    Raises:
        WorkbookError: the part is damaged.
    """
    part = package.shared_strings
    if part is None:
        return NO_TEXTS
    if package.archive.entries[part].file_size > LARGEST:
        raise _damaged("it is larger than any real one")
    try:
        found = list(_texts(package.archive.stream(part)))
    except BrokenSheet as error:
        raise _damaged(str(error)) from error
    except ForbiddenXml as error:
        raise _damaged("it declares a DTD") from error
    return pa.concat_arrays(found) if found else NO_TEXTS


def _damaged(what: str) -> WorkbookError:
    return WorkbookError(
        f"This workbook is damaged where its texts stand: {what}",
        "Open it in Excel and save it again, or export it anew.",
    )


def _texts(stream: Iterator[bytes]) -> Iterator[pa.Array]:
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
        yield pa.concat_arrays(_exactly([part.head, stretch, STRINGS.tail])) if found is None else found
    if not part.ended:
        raise BrokenSheet("its end is missing")


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


def _exactly(stream: Iterable[bytes]) -> Iterator[pa.Array]:
    """Every legal spelling: rich text (its runs joined, phonetic hints left out), prefixes, any encoding."""
    texts: list[str] = []
    path: list[str] = []
    runs: list[str] = []
    parser = make_parser()

    def start(full: str, _: dict[str, str]) -> None:
        name = NAMES.get(full, "")
        if not path and name != "sst":
            raise BrokenSheet("it holds no texts")
        path.append(name)
        if path == ["sst", "si"]:
            runs.clear()
        elif path in (["sst", "si", "t"], ["sst", "si", "r", "t"]):
            parser.CharacterDataHandler = runs.append

    def end(_: str) -> None:
        if path == ["sst", "si"]:
            texts.append("".join(runs))
        path.pop()
        parser.CharacterDataHandler = None

    parser.StartElementHandler, parser.EndElementHandler = start, end
    for data in stream:
        for begin in range(0, len(data), FEED):
            parse(parser, data[begin : begin + FEED])
        yield decoded(pa.array(texts, pa.large_string()))
        texts.clear()
    parse(parser, b"", last=True)
    yield decoded(pa.array(texts, pa.large_string()))
