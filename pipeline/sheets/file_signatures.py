"""Recognises files that are no tables by their first bytes, and says what to do with them."""

from __future__ import annotations

import re
from typing import NamedTuple

EXPORT = "Export the orders as a table instead (.xlsx or .csv)."
UNPACK = "Unpack it, and give the table inside."
SAVE_AS_XLSX = "Open it in Excel or LibreOffice, save it as .xlsx, and give that."


class Signature(NamedTuple):
    """The first bytes of a kind of file, what such a file is, and the next step."""

    mark: bytes
    what: str
    step: str


SIGNATURES = (
    Signature(b"%PDF", "a PDF document", EXPORT),
    Signature(b"\x89PNG\r\n", "an image (PNG)", EXPORT),
    Signature(b"\xff\xd8\xff", "an image (JPEG)", EXPORT),
    Signature(b"GIF8", "an image (GIF)", EXPORT),
    Signature(b"II*\x00", "an image (TIFF)", EXPORT),
    Signature(b"MM\x00*", "an image (TIFF)", EXPORT),
    Signature(b"RIFF", "an image, sound or film", EXPORT),
    Signature(b"{\\rtf", "a text document (RTF)", EXPORT),
    Signature(b"%!PS", "a PostScript document", EXPORT),
    Signature(b"\x1f\x8b", "a gzip archive", UNPACK),
    Signature(b"BZh", "a bzip2 archive", UNPACK),
    Signature(b"\xfd7zXZ\x00", "an xz archive", UNPACK),
    Signature(b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    Signature(b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    Signature(b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    Signature(b"SQLite format 3\x00", "an SQLite database", EXPORT),
    Signature(b"\x00\x01\x00\x00Standard", "an Access database", EXPORT),
    Signature(b"PAR1", "a Parquet file", "Convert it to .csv or .xlsx first."),
    Signature(b"ARROW1", "an Arrow file", "Convert it to .csv or .xlsx first."),
    Signature(b"\x89HDF", "an HDF5 file", "Convert it to .csv or .xlsx first."),
    Signature(b"bplist00", "a property list", EXPORT),
    Signature(b"MZ", "a Windows program", EXPORT),
    Signature(b"\x7fELF", "a program", EXPORT),
)

PRINTABLE_TWINS = (b"MZ", b"RIFF", b"GIF8", b"BZh", b"PAR1", b"ARROW1")
"""First bytes that a header line could have as well (``MZ,AWB``): they count only with a NUL byte behind."""

XML_SPREADSHEET = b"urn:schemas-microsoft-com:office:spreadsheet"

OLD_TEXT_TABLES = (
    (
        re.compile(r"\ufeff?ID;P[^\r\n]*[\r\n]+(?:(?:B|C|F|P|O|W|E|NN|NU|NE|NL)(?:;[^\r\n]*)?[\r\n]+){2}"),
        "a table in the SYLK format (.slk)",
    ),
    (re.compile(r"\ufeff?TABLE\s*[\r\n]+0,1[\r\n]+"), "a table in the DIF format (.dif)"),
)
"""Tables that a CSV reader would take for text: SYLK's lines begin with the kind of a record (Microsoft, "SYmbolic LinK
file format"), DIF's come in pairs below the word TABLE."""

OLE_CONTENTS = (
    ("encryptedpackage", "a workbook protected with a password", "Open it in Excel, take the password off, save it."),
    ("workbook", "", ""),
    ("book", "", ""),
    ("worddocument", "a Word document (.doc)", EXPORT),
    ("powerpoint document", "a PowerPoint presentation (.ppt)", EXPORT),
    ("visiodocument", "a Visio drawing", EXPORT),
    ("__properties_version1.0", "an Outlook message (.msg)", "Save the table that is attached to it, and give that."),
)
"""Streams at the root of a compound file; the first one found says what it is, ``workbook`` and ``book`` are .xls."""

PACKAGE_TYPES = (
    ("application/vnd.ms-excel.sheet.binary.macroenabled.main", "xlsb"),
    ("application/vnd.ms-excel.sheet.macroenabled.main+xml", "xlsm"),
    ("application/vnd.ms-excel.template.macroenabled.main+xml", "xlsm"),
    ("application/vnd.ms-excel.addin.macroenabled.main+xml", "xlsm"),
    ("spreadsheetml.sheet.main+xml", "xlsx"),
    ("spreadsheetml.template.main+xml", "xlsx"),
)
"""Content types of the main part, in [Content_Types].xml (ECMA-376 part 2, and [MS-OFFDI] for the binary one)."""

PACKAGE_PARTS = (
    ("xl/workbook.bin", "xlsb"),
    ("xl/workbook.xml", "xlsx"),
)
"""The usual names of the main part, for a package whose content types don't tell."""

OTHER_PACKAGES = (
    ("word/document.xml", "a Word document (.docx)"),
    ("ppt/presentation.xml", "a PowerPoint presentation (.pptx)"),
    ("visio/document.xml", "a Visio drawing (.vsdx)"),
    ("index/document.iwa", "a document of Apple's Numbers, Pages or Keynote"),
    ("index.zip", "a document of Apple's Numbers, Pages or Keynote"),
    ("index.apxl", "a document of Apple's Numbers, Pages or Keynote"),
    ("androidmanifest.xml", "an Android app"),
    ("meta-inf/manifest.mf", "a Java program"),
)

ODF_SHEET = (
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.spreadsheet-template",
)

ODF_OTHERS = (
    ("application/vnd.oasis.opendocument.text", "a text document (.odt)"),
    ("application/vnd.oasis.opendocument.presentation", "a presentation (.odp)"),
    ("application/vnd.oasis.opendocument.graphics", "a drawing (.odg)"),
    ("application/vnd.oasis.opendocument.base", "a database (.odb)"),
    ("application/vnd.sun.xml.calc", "a spreadsheet of OpenOffice 1 (.sxc)"),
    ("application/epub+zip", "an e-book"),
)
