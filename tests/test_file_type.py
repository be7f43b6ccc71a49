"""A file is told by its bytes; what is no table is named for what it is, with the next step."""

from __future__ import annotations

import os
import socket
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import FileError
from pipeline.sheets import open_book, output_suffix
from pipeline.sheets.file_type import FileFormat, sniff
from tests.bare_parts import workbook_parts, worksheet, write_zip
from tests.biff12_file import make_xlsb

DATA = Path(__file__).parent / "data"
EXPORTS = Path(__file__).parent / "exports"

EXPORT = "Export the orders as a table instead (.xlsx or .csv)."
UNPACK = "Unpack it, and give the table inside."
SAVE = "Open it in Excel or LibreOffice, save it as .xlsx, and give that."


def zipped(path: Path, **parts: str) -> Path:
    """A zip; in the names of its entries ``__`` stands for a slash and ``_dot_`` for a dot."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path


def by_sheetjs(path: Path, own: str) -> Path:
    """A workbook as npm's xlsx writes it: ``bin`` has the type of an .xlsb's main part, whatever the main part is.

    Args:
        own: the main part's own type, ``sheet`` or ``macro``; "" for none, so that its extension's counts.
    """
    excel, open_xml = "application/vnd.ms-excel.", "application/vnd.openxmlformats-officedocument.spreadsheetml."
    types = {"sheet": f"{open_xml}sheet.main+xml", "macro": f"{excel}sheet.macroEnabled.main+xml"}
    override = f'<Override PartName="/xl/workbook.xml" ContentType="{types.get(own, "application/xml")}"/>'
    listed = (
        f'<Default Extension="bin" ContentType="{excel}sheet.binary.macroEnabled.main"/>'
        f'<Default Extension="xml" ContentType="{types["sheet"]}"/>{override}'
    )
    parts = workbook_parts(worksheet(""))
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return write_zip(path, parts | {"[Content_Types].xml": f'<Types xmlns="{space}">{listed}</Types>'})


def compound(path: Path, *streams: str, shift: int = 9) -> Path:
    """An OLE compound file with empty streams at its root: a header, a FAT, and a directory ([MS-CFB])."""
    size = 1 << shift
    names = ["Root Entry", *streams]
    entries = b""
    for number, name in enumerate(names):
        text = name.encode("utf-16-le")
        child = 1 if number == 0 and streams else 0xFFFFFFFF
        right = number + 1 if 0 < number < len(names) - 1 else 0xFFFFFFFF
        entries += text.ljust(64, b"\0") + struct.pack(
            "<HBB3I", len(text) + 2, 5 if number == 0 else 2, 1, 0xFFFFFFFF, right, child
        )
        entries += bytes(36) + struct.pack("<IQ", 0xFFFFFFFE, 0)
    sectors = -(-len(entries) // size)
    fat = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, shift, 6) + bytes(10)
    header += struct.pack("<8II", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(size, b"\xff")
    path.write_bytes(header.ljust(512, b"\xff").ljust(size, b"\0") + table + entries.ljust(sectors * size, b"\0"))
    return path


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_text_of_wide_letters_is_read_whatever_its_order(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"{mark}AWB,Status\n86210010463,Cancelled\n".encode(encoding))
    assert [row.cells for row in open_book(path).head("", 9)] == [("AWB", "Status"), ("86210010463", "Cancelled")]


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        open_book(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"%PDF-1.7\n", f"This is a PDF document, not a table. {EXPORT}"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", f"This is an image (PNG), not a table. {EXPORT}"),
        ("a.csv", b"\xff\xd8\xff\xe0\0\x10JFIF", f"This is an image (JPEG), not a table. {EXPORT}"),
        ("a.csv", b"GIF89a\x01\x00\x01\x00", f"This is an image (GIF), not a table. {EXPORT}"),
        ("a.xls", b"{\\rtf1 hello}", f"This is a text document (RTF), not a table. {EXPORT}"),
        ("a.csv.gz", b"\x1f\x8b\x08\0", f"This is a gzip archive, not a table. {UNPACK}"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", f"This is a 7-Zip archive, not a table. {UNPACK}"),
        ("a.db", b"SQLite format 3\0....", f"This is an SQLite database, not a table. {EXPORT}"),
        ("a.csv", b"PAR1\x15\0\x15\0", "This is a Parquet file, not a table. Convert it to .csv or .xlsx first."),
        ("a.exe", b"MZ\x90\0\3\0", f"This is a Windows program, not a table. {EXPORT}"),
        ("a.csv", b"", "This file is empty (0 bytes). Export it again."),
        ("a.csv", b" \r\n\t\n", "This file holds nothing but blanks. Export it again."),
        ("a.csv", b"\xef\xbb\xbf", "This file holds nothing but blanks. Export it again."),
        ("a.json", b'[{"awb": "86210010463"}]', f"This is a JSON file, not a table. {EXPORT}"),
        ("a.json", b'{"orders": []}', f"This is a JSON file, not a table. {EXPORT}"),
        ("a.xml", b"<?xml version='1.0'?><orders><awb>1</awb></orders>", f"This is an XML file, not a table. {EXPORT}"),
        ("a.xml", b"<orders>\n <awb>1</awb></orders>", f"This is an XML file, not a table. {EXPORT}"),
        (
            "a.xls",
            b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
            "This file has no sheet with cells. Export it again.",
        ),
        (
            "a.csv",
            b"ID;PWXL;N;E\r\nP;PGeneral\r\nF;P0;DG0G8\r\nC;Y1;X1;K\"AWB\"\r\nE\r\n",
            f"This is a table in the SYLK format (.slk), which can't be read. {SAVE}",
        ),
        (
            "a.csv",
            b'TABLE\r\n0,1\r\n"EXCEL"\r\nVECTORS\r\n0,2\r\n""\r\n',
            f"This is a table in the DIF format (.dif), which can't be read. {SAVE}",
        ),
        (
            "a.xls",
            b"<html><body>Please log in</body></html>",
            "This is a web page without a table. If it shows a login page, log in and export again; "
            "otherwise export as .xlsx or .csv.",
        ),
        ("a.bin", bytes(range(256)) * 8, f"This file is neither a workbook nor text. {EXPORT}"),
        ("a.bin", bytes(2000), f"This file is neither a workbook nor text. {EXPORT}"),
        (
            "a.xlsx",
            b"PK\x03\x04" + bytes(100),
            "This file is damaged: the end is missing, or it was cut while being copied. "
            "Open it in Excel and save it again, or export it anew.",
        ),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
            "This file is damaged: its directory can't be read. Export it again.",
        ),
        (
            "~$orders.xlsx",
            b"\x05Clerk" + bytes(159),
            "This is Excel's lock file of orders.xlsx, not the table. Give orders.xlsx.",
        ),
        (
            ".~lock.orders.ods#",
            b",clerk,desk,23.11.2026 10:00,file:///home/clerk;",
            "This is LibreOffice's lock file of orders.ods, not the table. Give orders.ods.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named_with_the_next_step(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == f"{name}: {words}"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"word__document_dot_xml": "<w/>"}, f"This is a Word document (.docx), not a table. {EXPORT}"),
        ({"ppt__presentation_dot_xml": ""}, f"This is a PowerPoint presentation (.pptx), not a table. {EXPORT}"),
        (
            {"Index__Document_dot_iwa": ""},
            f"This is a document of Apple's Numbers, Pages or Keynote, not a table. {EXPORT}",
        ),
        (
            {"mimetype": "application/vnd.oasis.opendocument.text", "content_dot_xml": ""},
            f"This is a text document (.odt), not a table. {EXPORT}",
        ),
        (
            {"a_dot_csv": "", "in__b_dot_xlsx": ""},
            "This is a zip archive with tables inside (a.csv, in/b.xlsx). Unpack it, and give one of them.",
        ),
        ({"readme_dot_md": ""}, f"This is a zip archive without a table inside. {EXPORT}"),
        (
            {
                "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                "content_dot_xml": "x",
                "META-INF__manifest_dot_xml": "<manifest:encryption-data/>",
            },
            "This file is protected with a password. "
            "Open it in LibreOffice, save it without a password, and give that.",
        ),
    ],
)  # fmt: skip
def test_a_zip_is_told_by_its_parts(tmp_path: Path, parts: dict[str, str], words: str) -> None:
    assert refusal(zipped(tmp_path / "a.xlsx", **parts)) == f"a.xlsx: {words}"


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        (
            ("EncryptionInfo", "EncryptedPackage"),
            "This is a workbook protected with a password. Open it in Excel, take the password off, save it.",
        ),
        (("WordDocument", "1Table"), f"This is a Word document (.doc). {EXPORT}"),
        (("PowerPoint Document",), f"This is a PowerPoint presentation (.ppt). {EXPORT}"),
        (
            ("__nameid_version1.0", "__properties_version1.0"),
            "This is an Outlook message (.msg). Save the table that is attached to it, and give that.",
        ),
        (("SomethingElse",), f"This is an Office file of some other kind, not a table. {EXPORT}"),
    ],
)
@pytest.mark.parametrize("shift", [9, 12], ids=["sectors of 512", "sectors of 4096"])
def test_a_compound_file_is_told_by_its_root(tmp_path: Path, streams: tuple[str, ...], words: str, shift: int) -> None:
    many = [f"Z{number}" for number in range(20)]  # so that the directory is longer than a sector
    assert refusal(compound(tmp_path / "a.xls", *many, *streams, shift=shift)) == f"a.xls: {words}"


def test_an_old_workbook_is_told_by_its_stream(tmp_path: Path) -> None:
    assert sniff(compound(tmp_path / "a.xls", "Workbook", "WordDocument")).found == FileFormat("xls")
    assert sniff(compound(tmp_path / "a.csv", "Book")).found.format == "xls"


@pytest.mark.parametrize(
    ("name", "make", "expected"),
    [
        ("a.xls", lambda p: p.write_bytes((DATA / "converted.xls").read_bytes()), FileFormat("xls")),
        (
            "a.xlsx",
            lambda p: p.write_bytes((DATA / "converted.xls").read_bytes()),
            FileFormat("xls", "a.xlsx is an Excel workbook of the old kind (.xls), whatever its name says."),
        ),
        ("a.ods", lambda p: p.write_bytes((DATA / "converted.ods").read_bytes()), FileFormat("ods")),
        (
            "a.xls",
            lambda p: p.write_bytes((EXPORTS / "hyperlinks.xlsx").read_bytes()),
            FileFormat("xlsx", "a.xls is an Excel workbook (.xlsx), whatever its name says."),
        ),
        ("a.XLSX", lambda p: p.write_bytes((EXPORTS / "hyperlinks.xlsx").read_bytes()), FileFormat("xlsx")),
        ("a.xlsx", lambda p: by_sheetjs(p, "sheet"), FileFormat("xlsx")),
        ("a.xlsm", lambda p: by_sheetjs(p, "macro"), FileFormat("xlsm")),
        ("a.xlsx", lambda p: by_sheetjs(p, ""), FileFormat("xlsx")),
        ("a.xlsb", lambda p: make_xlsb(p, {"Orders": []}), FileFormat("xlsb")),
        ("a.csv", lambda p: p.write_text("AWB,Status\n1,x\n"), FileFormat("csv")),
        ("a.tsv", lambda p: p.write_text("AWB\tStatus\n"), FileFormat("tsv")),
        ("a.txt", lambda p: p.write_text("AWB|Status\n"), FileFormat("txt")),
        ("export", lambda p: p.write_text("AWB|Status\n"), FileFormat("csv")),
        (
            "a.xls",
            lambda p: p.write_text("AWB\tStatus\n"),
            FileFormat("csv", "a.xls is plain text with delimiters (CSV), whatever its name says."),
        ),
        ("a.csv", lambda p: p.write_bytes("AWB;Status\n1;x\n".encode("utf-16")), FileFormat("csv")),
        ("a.csv", lambda p: p.write_bytes("AWB;Status\n1;x\n".encode("utf-16-le")), FileFormat("csv")),
        ("a.csv", lambda p: p.write_bytes("AWB;Status\n1;x\n".encode("utf-32")), FileFormat("csv")),
        ("a.csv", lambda p: p.write_bytes("\ufeffAWB;Status\n1;x\n".encode("utf-32-be")), FileFormat("csv")),
        ("a.csv", lambda p: p.write_bytes("AWB;Status\n1;x\n".encode("utf-32-le")), FileFormat("csv")),
        ("a.csv", lambda p: p.write_bytes("AWB;Status\n1;x\n".encode("utf-32-be")), FileFormat("csv")),
        ("a.csv", lambda p: p.write_bytes(b"AWB,Sta\0tus\n1,x\n"), FileFormat("csv")),
        ("a.csv", lambda p: p.write_text("<DATE>,<AWB>\n1,2\n"), FileFormat("csv")),
        ("a.csv", lambda p: p.write_text("[AWB],[Status]\n1,2\n"), FileFormat("csv")),
        ("a.csv", lambda p: p.write_text("MZ No,AWB\n1,2\n"), FileFormat("csv")),
        ("a.csv", lambda p: p.write_text("RIFF,AWB\n1,2\n"), FileFormat("csv")),
        ("a.csv", lambda p: p.write_text("{id},AWB\n1,2\n"), FileFormat("csv")),
        (
            "a.xls",
            lambda p: p.write_text("\n<!-- made by an ERP -->\n<TABLE border=1><tr><td>AWB</td></tr></TABLE>"),
            FileFormat("html", "a.xls is a web page with a table (HTML), whatever its name says."),
        ),
        ("a.html", lambda p: p.write_text("\ufeff<!DOCTYPE html><html></html>", encoding="utf-8"), FileFormat("html")),
        (
            "a.xls",
            lambda p: p.write_text('<?xml version="1.0"?><html x="urn:schemas-microsoft-com:office:spreadsheet">'),
            FileFormat("html", "a.xls is a web page with a table (HTML), whatever its name says."),
        ),
        (
            "a.xls",
            lambda p: p.write_text("MIME-Version: 1.0\nContent-Type: text/html\n\n<table></table>"),
            FileFormat("html", "a.xls is a web page with a table (HTML), whatever its name says."),
        ),
    ],
)  # fmt: skip
def test_a_table_is_told_by_its_bytes(
    tmp_path: Path, name: str, make: Callable[[Path], object], expected: FileFormat
) -> None:
    path = tmp_path / name
    make(path)
    assert sniff(path).found == expected


def test_a_missing_file_suggests_its_neighbours(tmp_path: Path) -> None:
    for name in ("orders.xlsx", "Orders-old.csv", "~$orders.xlsx", "invoice.pdf"):
        (tmp_path / name).write_text("x")
    missing = tmp_path / "order.xlsx"
    assert refusal(missing) == f"{missing}: There is no such file. Did you mean orders.xlsx?"
    missing = tmp_path / "orders.csv"
    assert refusal(missing) == f"{missing}: There is no such file. Did you mean Orders-old.csv or orders.xlsx?"
    missing = tmp_path / "qqq.csv"
    assert refusal(missing) == f"{missing}: There is no such file. Check the name and the folder."
    missing = tmp_path / "there" / "orders.csv"
    assert refusal(missing) == f"{missing}: There is no folder {missing.parent}. Check the path."
    below = tmp_path / "orders.xlsx" / "a.csv"
    assert refusal(below) == f"{below}: There is no folder {below.parent}. Check the path."


def test_a_folder_names_the_tables_in_it(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: This is a folder. No table stands in it."
    for number in range(7):
        (tmp_path / f"{number}.csv").touch()
    assert refusal(tmp_path) == (
        f"{tmp_path}: This is a folder. Give one of its files: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv, …."
    )


@pytest.mark.skipif(os.name != "posix", reason="named pipes and devices in the file system")
def test_what_could_wait_for_ever_is_never_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert refusal(pipe) == f"{pipe}: This is a named pipe, not a file. Save what it gives in a file first."
    assert refusal(Path("/dev/zero")) == "/dev/zero: This is a device, not a file. Save what it gives in a file first."
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert "This is a socket" in refusal(tmp_path / "s")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("AWB\n1\n")
    path.chmod(0)
    assert refusal(path).startswith(f"{path}: You may not read this file.")


@pytest.mark.parametrize("name", ["a" * 5000 + ".csv", "a\0b.csv"])
def test_an_impossible_name_is_said(tmp_path: Path, name: str) -> None:
    assert "This file can't be read" in (words := refusal(tmp_path / name)) or "There can't be a file" in words


def test_a_link_that_leads_to_itself_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.symlink_to(path)
    assert "This file can't be read" in refusal(path)


@pytest.mark.parametrize("kind", ["xls", "xlsb", "ods", "html"])
def test_what_can_not_be_patched_comes_back_as_xlsx(kind: str) -> None:
    assert output_suffix(kind) == ".xlsx"


@pytest.mark.parametrize("kind", ["xlsx", "xlsm", "csv", "tsv", "txt"])
def test_what_can_be_patched_keeps_its_suffix(kind: str) -> None:
    assert output_suffix(kind) == f".{kind}"


def test_a_name_that_lies_is_noted_in_the_book(tmp_path: Path) -> None:
    path = tmp_path / "orders.xls"
    path.write_text("AWB,Status\n86210010463,To Cancel\n")
    book = open_book(path)
    assert (book.format, book.notes[0]) == (
        "csv",
        "orders.xls is plain text with delimiters (CSV), whatever its name says.",
    )
