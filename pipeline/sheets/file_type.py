"""Tells what a file is by its bytes, never by its name, and names what is no table for what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.parsers.expat import ExpatError

from pipeline.containers.ole_directory import MAGIC, root_names
from pipeline.containers.safe_xml import ForbiddenXmlError, parse_xml
from pipeline.containers.zip_archive import Archive, open_archive
from pipeline.errors import FileError
from pipeline.sheets.file_signatures import (
    EXPORT,
    ODF_OTHERS,
    ODF_SHEET,
    OLD_TEXT_TABLES,
    OLE_CONTENTS,
    OTHER_PACKAGES,
    PACKAGE_PARTS,
    PACKAGE_TYPES,
    PRINTABLE_TWINS,
    SAVE_AS_XLSX,
    SIGNATURES,
    XML_SPREADSHEET,
)
from pipeline.sheets.path_checks import TABLE_SUFFIXES, open_source
from pipeline.source_file import SourceFile

ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x10\x00", b"\x09\x08\x08\x00")
"""Workbooks of Excel 2 to 5 that are not in a compound file ([MS-XLS] 2.4.21, BOF)."""

NAMED = {
    "xlsx": ("an Excel workbook (.xlsx)", (".xlsx", ".xltx")),
    "xlsm": ("an Excel workbook with macros (.xlsm)", (".xlsm", ".xltm", ".xlam")),
    "xls": ("an Excel workbook of the old kind (.xls)", (".xls", ".xlt", ".xlm", ".xla", ".et")),
    "xlsb": ("a binary Excel workbook (.xlsb)", (".xlsb",)),
    "ods": ("an OpenDocument spreadsheet (.ods)", (".ods", ".ots")),
    "xml": ("an XML Spreadsheet 2003", (".xml",)),
    "html": ("a web page with a table (HTML)", (".html", ".htm", ".xhtml", ".mht", ".mhtml")),
}
"""What a format is called in a note, and the suffixes that say so themselves."""

TEXT_SUFFIXES = {".tsv": "tsv", ".tab": "tsv", ".txt": "txt"}

BOMS = (
    (b"\xff\xfe\0\0", "utf-32"),  # before UTF-16: it begins with the same two bytes
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

BEFORE_MARKUP = re.compile(r"(?:\s|\ufeff|<\?xml[^>]*>|<!--.*?-->)*", re.DOTALL)
HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|thead|tbody|tr|td|th|meta|style|title|link|script|base|div|span|font"
    r"|center|form|h[1-6]|p|br)(?=[\s>/])",
    re.IGNORECASE,
)
OTHER_MARKUP = re.compile(r"<\?xml|<!DOCTYPE|<([A-Za-z_][\w:.-]*)(?:\s[^<>]*)?>\s*<", re.IGNORECASE)
WEB_ARCHIVE = re.compile(r"\A(?:[A-Za-z][A-Za-z-]*:.*\r?\n(?:[ \t].*\r?\n)*){0,20}MIME-Version:\s*1", re.IGNORECASE)
JSON = re.compile(r"\{\s*(?:\"|\})|\[\s*(?:[\[{\"\]]|-?[0-9]+\s*[,\]])")

CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f]")
MOST_CONTROLS = 0.02
"""Share of control characters above which bytes are no text; a mangled cell here and there stays below."""

LEAST_ZEROS = 0.3
"""Share of zeros among each fourth byte from which on UTF-32 has one there (the readers of text ask for as many)."""

MOST_NULS = 0.25
"""Share of NUL bytes above which bytes are no text (UTF-16, which has a NUL at each second place, apart)."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """What a file is: its format, and a note in a user's words where the name says something else."""

    format: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file whose format was told: what it is, the file itself, and its checked zip where it is one."""

    found: FileFormat
    source: SourceFile
    archive: Archive | None = None


def sniff(path: Path) -> OpenedFile:
    """Opens a file and tells its format: xlsx xlsm xls xlsb ods xml html csv tsv txt.

    Raises:
        FileError: there is no such file, it can't be read, or it is no table: what it is, and what to do.
    """
    source, head = open_source(path)
    if head.startswith(ZIP_MARKS):
        archive = open_archive(source)
        return OpenedFile(_found(path, _in_zip(archive)), source, archive)
    return OpenedFile(_found(path, _in_file(source, head)), source)


def _in_file(source: SourceFile, head: bytes) -> str:
    """The format of what is no zip."""
    path = source.path
    if head.startswith(MAGIC):
        return _in_compound(source)
    if head.startswith(BARE_BIFF):
        return "xls"
    for signature in SIGNATURES:
        certain = signature.mark not in PRINTABLE_TWINS or b"\0" in head[:512]
        if head.startswith(signature.mark) and certain:
            raise _no_table(path, signature.what, signature.step)
    return _in_text(path, head)


def _found(path: Path, kind: str) -> FileFormat:
    suffix = path.suffix.lower()
    if kind in NAMED:
        what, own = NAMED[kind]
        return FileFormat(kind, "" if suffix in own else f"{path.name} is {what}, whatever its name says.")
    foreign = any(suffix in own for _, own in NAMED.values())
    note = f"{path.name} is plain text with delimiters (CSV), whatever its name says." if foreign else ""
    return FileFormat(TEXT_SUFFIXES.get(suffix, "csv"), note)


def _no_table(path: Path, what: str, step: str) -> FileError:
    return FileError(f"This is {what}, not a table", step, where=path.name)


def _in_zip(archive: Archive) -> str:
    path = archive.path
    folded = {name.lower().lstrip("/") for name in archive.entries}
    kind = _packaged(archive) or _open_document(path, archive)
    if kind:
        return kind
    for table, names in ((PACKAGE_PARTS, False), (OTHER_PACKAGES, True)):
        what = next((what for name, what in table if name in folded), "")
        if what and names:
            raise _no_table(path, what, EXPORT)
        if what:
            return what
    tables = [name for name in archive.entries if name.lower().endswith(TABLE_SUFFIXES)]
    more = ", …" if len(tables) > 5 else ""
    inside = f" with tables inside ({', '.join(tables[:5])}{more})" if tables else " without a table inside"
    step = "Unpack it, and give one of them." if tables else EXPORT
    raise FileError(f"This is a zip archive{inside}", step, where=path.name)


def _packaged(archive: Archive) -> str:
    """The format of an Office package, by the content type of its main part; "" when it is none of Excel's.

    A part's own type (``Override``) counts before its extension's (``Default``; ECMA-376 part 2, 10.1.2.4): SheetJS
    and its kin write into each .xlsx that ``bin`` has the type of an .xlsb's main part, which is not there.
    """
    part = archive.find("[Content_Types].xml")
    try:
        listed = [] if part is None else list(parse_xml(archive.read(part)))
    except (ForbiddenXmlError, ExpatError, LookupError, ValueError):
        return ""
    own = [one.get("ContentType", "") for one in listed if one.tag.endswith("Override")]
    by_extension = {one.get("Extension", "").lower(): one.get("ContentType", "") for one in listed}
    there = [name.rpartition(".")[2] for name, _ in PACKAGE_PARTS if archive.find(name)]
    types = [one.lower() for one in (*own, *(by_extension.get(extension, "") for extension in there))]
    return next((kind for one in types for content, kind in PACKAGE_TYPES if content in one), "")


def _open_document(path: Path, archive: Archive) -> str:
    """``ods`` for an OpenDocument spreadsheet, "" for what isn't OpenDocument at all."""
    if "content.xml" not in archive.entries:
        return ""
    declared = archive.read("mimetype")[:200].decode("latin-1").strip() if "mimetype" in archive.entries else ""
    other = next((what for mime, what in ODF_OTHERS if declared == mime), "")
    if other:
        raise _no_table(path, other, SAVE_AS_XLSX if declared.endswith("calc") else EXPORT)
    return "ods" if declared in ODF_SHEET or not declared or "spreadsheet" in declared else ""


def _in_compound(source: SourceFile) -> str:
    path, names = source.path, root_names(source)
    for name, what, step in OLE_CONTENTS:
        if name in names and what:
            raise FileError(f"This is {what}", step, where=path.name)
        if name in names:
            return "xls"
    if names:
        raise _no_table(path, "an Office file of some other kind", EXPORT)
    raise FileError("This file is damaged: its directory can't be read", "Export it again.", where=path.name)


def _in_text(path: Path, head: bytes) -> str:
    """``html``, ``xml`` (an XML Spreadsheet 2003) or ``csv``; everything else that begins like text is named."""
    text = _as_text(path, head)
    body = text[BEFORE_MARKUP.match(text).end() :]  # type: ignore[union-attr]  # it matches nothing at least
    if not body.strip() and len(text) < 1000:
        raise FileError("This file holds nothing but blanks", "Export it again.", where=path.name)
    if HTML.match(body) or WEB_ARCHIVE.match(text):
        return "html"
    if XML_SPREADSHEET in head.replace(b"\0", b"") and body.startswith("<"):
        return "xml"
    for pattern, what in OLD_TEXT_TABLES:
        if pattern.match(text):
            raise FileError(f"This is {what}, which can't be read", SAVE_AS_XLSX, where=path.name)
    if OTHER_MARKUP.match(text.lstrip("\ufeff \t\r\n")):
        raise _no_table(path, "an XML file", EXPORT)
    if JSON.match(body):
        raise _no_table(path, "a JSON file", EXPORT)
    return "csv"


def _as_text(path: Path, head: bytes) -> str:
    """The beginning as text, good enough to look for markup in."""
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return head.decode(encoding, "ignore")
    if wide := _in_four_bytes(head):
        return head.decode(wide, "ignore")
    even, odd = head[0::2].count(0) / len(head), head[1::2].count(0) / len(head)
    if max(even, odd) > MOST_NULS and min(even, odd) < 0.05:
        return head.decode("utf-16-be" if even > odd else "utf-16-le", "ignore")
    controls = len(CONTROLS.findall(head)) / len(head)
    if even + odd > MOST_NULS or controls > MOST_CONTROLS:
        raise FileError("This file is neither a workbook nor text", EXPORT, where=path.name)
    return head.decode("latin-1")


def _in_four_bytes(head: bytes) -> str:
    """UTF-32 without a BOM: three of four bytes are nearly always zero, and of one kind of letters; "" otherwise."""
    zeros = "".join(str(int(head[at::4].count(0) > LEAST_ZEROS * len(head[at::4]))) for at in range(4))
    return {"0111": "utf-32-le", "1110": "utf-32-be"}.get(zeros, "")
