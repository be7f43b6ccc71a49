"""The texts of a workbook: its shared strings, and what XML makes of characters."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.parsers import expat

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import FileTrouble
from pipeline.sheets.archive import ForbiddenXml, make_parser
from pipeline.sheets.xlsx.package import Package

PLAIN = re.compile(rb'<si>\s*<t(?: xml:space="preserve")?(?:>([^<]*)</t>|/>)\s*</si>')
"""A shared string without formatting, as nearly all are."""

ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How a workbook spells characters that XML can't hold (ECMA-376 part 1, 22.9.2.19)."""

BLOCK = 1 << 22


def plain_text(raw: str) -> str:
    """XML character data as the text it stands for."""
    text = html.unescape(raw) if "&" in raw else raw
    return decode_escapes(text.replace("\r\n", "\n"))


def decode_escapes(text: str) -> str:
    """``_x000D_`` and its like as the characters that they stand for."""
    if "_x" not in text:
        return text
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def as_texts(raw: pa.Array) -> pa.Array:
    """A column of XML character data as texts; only the few that hold an escape are looked at one by one."""
    texts = raw.cast(pa.string())
    odd = pc.match_substring_regex(texts, r"[&\r]|_x[0-9A-Fa-f]{4}_")
    if not pc.any(odd).as_py():
        return texts
    mended = [plain_text(text) for text in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(mended, pa.string()))


def read_shared_strings(package: Package) -> pa.Array:
    """Every shared string by its number.

    Raises:
        FileTrouble: the part is damaged.
    """
    if package.shared_strings is None:
        return pa.array([], pa.string())
    try:
        parts = _fast(package, package.shared_strings)
        if parts is None:
            parts = [pa.array(_exact(package, package.shared_strings), pa.string())]
    except (expat.ExpatError, ForbiddenXml, pa.ArrowInvalid, UnicodeDecodeError, ValueError) as error:
        raise FileTrouble(
            "This workbook is damaged: its texts can't be read",
            "Open it in Excel and save it again.",
            where=package.path.name,
        ) from error
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


def _fast(package: Package, part: str) -> list[pa.Array] | None:
    """The strings where every one is plain UTF-8; None where one is not, for the exact way."""
    found: list[pa.Array] = []
    rest = b""
    first = True
    for piece in package.archive.stream(part):
        rest += piece
        if first and len(rest) > 200:
            if not is_utf8(rest[:200]) or b"<!" in rest[:1000]:
                return None
            first = False
        if len(rest) >= BLOCK:
            end = rest.rfind(b"</si>") + 5
            block, rest = (rest[:end], rest[end:]) if end > 4 else (b"", rest)
            if not _take(block, found):
                return None
    if not is_utf8(rest[:200]) and first:
        return None
    return found if _take(rest, found) else None


def _take(block: bytes, found: list[pa.Array]) -> bool:
    texts = PLAIN.findall(block)
    if len(texts) != block.count(b"<si") or b"<!" in block or b":si" in block:
        return False
    if texts:
        found.append(as_texts(pa.array(texts, pa.binary())))
    return True


def is_utf8(beginning: bytes) -> bool:
    """Whether an XML part is UTF-8 by its first bytes (the fast ways read nothing else)."""
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in beginning[:4]:
        return False
    declared = re.search(rb"""^<\?xml[^>]*encoding=["']([^"']+)["']""", beginning.removeprefix(b"\xef\xbb\xbf"))
    return declared is None or declared[1].lower() in (b"utf-8", b"us-ascii", b"ascii", b"utf8")


def _exact(package: Package, part: str) -> Iterator[str]:
    """Every legal spelling: rich text (its runs joined, phonetic hints left out), prefixes, any encoding."""
    texts: list[str] = []
    open_tags: list[str] = []
    runs: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        open_tags.append(tag.rpartition(" ")[2])
        if open_tags[-1] == "si":
            runs.clear()

    def end(_: str) -> None:
        if open_tags.pop() == "si":
            texts.append(decode_escapes("".join(runs)))

    def data(text: str) -> None:
        if open_tags and open_tags[-1] == "t" and "rPh" not in open_tags:
            runs.append(text)

    parser = make_parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    for piece in package.archive.stream(part):
        parser.Parse(piece, False)
        yield from texts
        texts.clear()
    parser.Parse(b"", True)
    yield from texts
