"""Finds the text of a web page, or of the pages inside a web archive: in which encoding, and in which part."""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from collections.abc import Iterator

from pipeline.errors import FileError
from pipeline.source_file import SourceFile

LARGEST = 200_000_000
"""Bytes of a page; as a table of 20 columns some 200,000 rows."""

LARGEST_ARCHIVE = 50_000_000
"""Bytes of a web archive, which has to be taken apart as a whole."""

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
META_WITHIN = 4_096  # bytes; browsers look at 1,024

READ_AS = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "utf-7": "cp1252",  # browsers refuse it: it hides markup
}
"""What a page calls its encoding, and what browsers take that for (WHATWG, Encoding)."""

FALLBACKS = ("utf-8", "cp1252")
ARCHIVE = re.compile(rb"\A\s*[A-Za-z-]+:[^<]{0,2000}?MIME-Version:|\A\s*MIME-Version:", re.IGNORECASE)


def pages(source: SourceFile) -> Iterator[str]:
    """The pages of a file, in their order: one, or those inside a web archive.

    Raises:
        FileError: larger than can be held, or in no encoding that is known.
    """
    size = source.size
    if size > LARGEST:
        raise FileError("This web page is too large", "Export it as .xlsx or .csv.", where=source.name)
    data = source.read_bytes()
    if not ARCHIVE.match(data[:META_WITHIN]):
        yield _decoded(source, data, "")
        return
    if size > LARGEST_ARCHIVE:
        raise FileError("This web archive is too large", "Save it as .xlsx or .csv.", where=source.name)
    for content, charset in _parts(source, data):
        yield _decoded(source, content, charset)


def _parts(source: SourceFile, data: bytes) -> Iterator[tuple[bytes, str]]:
    """The pages inside a web archive, with the encodings that their headers name."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        found = [part for part in message.walk() if part.get_content_type() == "text/html"]
        contents = [(part.get_payload(decode=True), str(part.get_content_charset("") or "")) for part in found]
    except (ValueError, LookupError, AttributeError, TypeError, IndexError) as error:  # what the parser lets through
        raise FileError("This web archive is damaged", "Export it again.", where=source.name) from error
    yield from ((content, charset) for content, charset in contents if isinstance(content, bytes))


def _decoded(source: SourceFile, data: bytes, charset: str) -> str:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data[:200].count(0) > len(data[:200]) // 3:
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    declared = CHARSET.search(data[:META_WITHIN])
    named = charset or (declared[1].decode("ascii") if declared else "")
    for encoding in (READ_AS.get(named.lower(), named), *FALLBACKS):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeError):  # no such encoding, or not this one
            continue
    step = "Open it in a browser, copy the table into Excel, and save it as .xlsx."
    raise FileError("The encoding of this web page can't be told", step, where=source.name)
