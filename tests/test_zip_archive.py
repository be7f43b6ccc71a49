"""Zip files are opened only when unpacking them can't hurt; XML parts only without a DTD."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.containers.safe_xml import ForbiddenXmlError, parse_xml
from pipeline.containers.zip_archive import open_archive
from pipeline.errors import FileError
from pipeline.sheets.file_type import sniff
from pipeline.source_file import SourceFile
from tests.bare_parts import write_zip

CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return held.getvalue()


def changed(data: bytes, at: int, layout: str, value: int) -> bytes:
    """The zip with one field of its first directory entry replaced."""
    place = data.index(CENTRAL) + at
    return data[:place] + struct.pack(layout, value) + data[place + struct.calcsize(layout) :]


def refusal(path: Path) -> str:
    """What is said when every part of the file is read."""
    with pytest.raises(FileError) as caught:
        archive = open_archive(SourceFile(path))
        for name in archive.entries:
            for _ in archive.stream(name):
                pass
    assert caught.value.where == path.name
    return caught.value.problem


def test_parts_come_back_as_they_were_packed(tmp_path: Path) -> None:
    parts = {"a.xml": b"<a/>", "folder/b.bin": bytes(range(256)) * 5000, "empty": b""}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        path = write_zip(tmp_path / "some.zip", parts, method)
        archive = open_archive(SourceFile(path))
        assert {name: archive.read(name) for name in archive.entries} == parts


@settings(deadline=None, max_examples=30)
@given(content=st.binary(max_size=100_000), times=st.integers(1, 50))
def test_a_part_of_any_length_is_unpacked_whole(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, times: int
) -> None:
    path = write_zip(tmp_path_factory.mktemp("zip") / "some.zip", {"part": content * times})
    assert b"".join(open_archive(SourceFile(path)).stream("part")) == content * times


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("xl/Workbook.xml", "xl/Workbook.xml"),
        ("XL/WORKBOOK.XML", "xl/Workbook.xml"),
        ("/xl/workbook.xml", "xl/Workbook.xml"),
        ("xl/worksheets/sheet1.xml", "xl\\worksheets\\sheet1.xml"),
        ("xl/other.xml", None),
    ],
)
def test_parts_are_found_in_any_letter_case(tmp_path: Path, asked: str, found: str | None) -> None:
    path = write_zip(tmp_path / "some.zip", {"xl/Workbook.xml": b"", "xl\\worksheets\\sheet1.xml": b""})
    assert open_archive(SourceFile(path)).find(asked) == found


GOOD = packed({"xl/workbook.xml": b"<workbook/>" * 2000, "second": b"2" * 50})

BAD = {
    "cut in the directory": (GOOD[:-30], "the end is missing"),
    "cut in the middle": (GOOD[:80], "the end is missing"),
    "no zip at all": (b"awb,status\n1,2\n" * 9, "the end is missing"),
    "nothing": (b"", "the end is missing"),
    "encrypted": (changed(GOOD, 8, "<H", 1), "protected with a password"),
    "an unknown method": (changed(GOOD, 10, "<H", 12), "packed in an unusual way"),
    "a wrong checksum": (changed(GOOD, 16, "<L", 1), "is not what it was"),
    "longer than it says": (changed(GOOD, 24, "<L", 100), "is larger than it says"),
    "shorter than it says": (changed(GOOD, 24, "<L", 30_000), "is not what it was"),
    "packed bytes beyond the file": (changed(GOOD, 20, "<L", 1 << 20), "its parts overlap, or one is cut short"),
    "packed bytes into the next part": (changed(GOOD, 20, "<L", 150), "its parts overlap, or one is cut short"),
    "a place in the middle of another part": (changed(GOOD, 42, "<L", 7), "the end is missing"),
    "a place beyond the file": (changed(GOOD, 42, "<L", 1 << 30), "the end is missing"),
    "damage in the packed bytes": (GOOD[:60] + bytes(8) + GOOD[68:], "can't be unpacked"),
    "a part larger than anything": (changed(GOOD, 24, "<L", 0xFFFFFFF0), "would unpack to 4.3 GB"),
    "entries without end": (
        GOOD[: GOOD.index(END)] + struct.pack("<4s4H2LH", END, 0, 0, 60000, 60000, 92, 0, 0),
        "parts",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_damaged_or_hostile_zip_is_one_clear_message(tmp_path: Path, name: str) -> None:
    data, words = BAD[name]
    path = tmp_path / "orders.xlsx"
    path.write_bytes(data)
    assert words in refusal(path)


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("part1", b"one")
        archive.writestr("part2", b"two")
    path = tmp_path / "orders.xlsx"
    path.write_bytes(held.getvalue().replace(b"part2", b"part1"))
    assert "it has two parts called part1" in refusal(path)


def test_two_entries_in_one_place_are_refused(tmp_path: Path) -> None:
    """The bomb whose parts share their packed bytes (David Fifield, "A better zip bomb", 2019)."""
    data = packed({"a": b"x" * 100, "b": b"y" * 100})
    second = data.index(CENTRAL, data.index(CENTRAL) + 4)
    path = tmp_path / "orders.xlsx"
    path.write_bytes(data[: second + 42] + struct.pack("<L", 0) + data[second + 46 :])
    assert "its parts overlap, or one is cut short" in refusal(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb", "w") as part:
        for _ in range(60):
            part.write(bytes(1 << 20))
    with pytest.raises(FileError, match="would unpack to"):
        open_archive(SourceFile(path))


def test_a_full_sheet_of_empty_rows_is_no_bomb(tmp_path: Path) -> None:
    """LibreOffice writes every attribute of every row: the most repetitive sheet there is."""
    others = 'customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false"'
    row = f'<row r="%d" {others}/>'
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("sheet", "w") as part:
        for start in range(0, 1_048_576, 1 << 16):
            part.write("".join(row % number for number in range(start, start + (1 << 16))).encode())
    archive_ = open_archive(SourceFile(path))
    assert archive_.entries["sheet"].file_size > 100_000_000


def test_more_parts_than_any_workbook_has_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "orders.xlsx", {str(number): b"" for number in range(20_001)})
    assert "20,001 parts" in refusal(path)


def test_a_small_part_that_is_not_small_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive, archive.open("styles", "w") as part:
        for _ in range(65):
            part.write(bytes(1_000_000))
    with pytest.raises(FileError, match="too large to be true"):
        open_archive(SourceFile(path)).read("styles")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no such file"):
        sniff(tmp_path / "orders.xlsx")


LAUGHS = '<!DOCTYPE a [<!ENTITY x "ha">' + "".join(
    f'<!ENTITY x{n} "{f"&x{n - 1 if n else str()};" * 10}">' for n in range(10)
)

REFUSED_XML = {
    "billion laughs": LAUGHS + "]><a>&x9;</a>",
    "an outside entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "an outside DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "the same in UTF-16": '<!DOCTYPE a [<!ENTITY x "ha">]><a>&x;</a>',
    "endless depth": "<a>" * 300 + "</a>" * 300,
}


@pytest.mark.parametrize("name", REFUSED_XML)
def test_xml_that_could_hurt_is_refused(name: str) -> None:
    text = REFUSED_XML[name]
    with pytest.raises(ForbiddenXmlError):
        parse_xml(text.encode("utf-16" if "UTF-16" in name else "utf-8"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'<a xmlns="u" xmlns:p="v"><p:b p:c="1">x&amp;y</p:b></a>', "x&y"),
        ('<?xml version="1.0" encoding="UTF-16"?><a xmlns:p="v"><p:b>é</p:b></a>'.encode("utf-16"), "é"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a xmlns:p="v"><p:b>é</p:b></a>'.encode("latin-1"), "é"),
        (b'\xef\xbb\xbf<a xmlns:p="v"><p:b><![CDATA[<]]>&#65;</p:b></a>', "<A"),
    ],
)
def test_xml_is_read_in_the_encoding_that_it_declares(data: bytes, expected: str) -> None:
    found = parse_xml(data).find("{v}b")
    assert found is not None
    assert found.text == expected


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a></b>", b"plain", b"<a>\xff</a>", b"<a/><b/>"])
def test_what_is_no_xml_is_said_by_expat(data: bytes) -> None:
    with pytest.raises(expat.ExpatError):
        parse_xml(data)
