"""Makes the small files of this folder, one for each mess of docs/order-exports.md and each named after it; all of
it is made up.

python -m tests.exports.make_exports            says which files would change, and changes none
python -m tests.exports.make_exports --write    writes them
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from tests.exports.systems import systems
from tests.exports.workbooks import HEADER, order, simple, workbooks, zipped

HERE = Path(__file__).parent

PLAIN = "Order No,AWB No,Status\nSO-1,86210010463,Cancel Requested\nSO-2,86210010464,Delivered\n"


def lines(*rows: str, end: str = "\r\n") -> str:
    """Lines with their ends."""
    return "".join(row + end for row in rows)


def texts() -> dict[str, bytes]:
    """The messes of delimited text."""
    header = "Order No,AWB No,Status"
    return {
        "awb_destroyed_by_a_resave.csv": lines(
            header, "SO-1,1.31948E+12,To Cancel", "SO-2,1.31948E+12,To Cancel", "SO-3,1319480000001,To Cancel"
        ).encode(),
        "awb_destroyed_with_decimal_comma.csv": lines(
            "Order No;AWB No;Status", "SO-1;3,60003E+14;To Cancel", "SO-2;360003123456789;To Cancel"
        ).encode(),
        "printed_with_point_zero.csv": lines(header, "SO-1,86210010463.0,To Cancel", "SO-2,86210010464.0,").encode(),
        "printed_with_point_zero_in_part.csv": lines(header, "SO-1,86210010463.0,", "SO-2,86210010464,").encode(),
        "wrappers.csv": lines(
            header, 'SO-1,"=""86210010463""",To Cancel', 'SO-2,"=""""",To Cancel', "SO-3,'80125793241',To Cancel",
            "SO-4,'80125793242,To Cancel", "SO-5,`80125793243,To Cancel", "SO-6, ,To Cancel", "SO-7,'N/A',To Cancel",
            "SO-8,\u00a080125793244\u200b,To Cancel",
        ).encode(),
        "missing_words_are_text.csv": lines(
            "Order No,AWB No", "NA,NULL", "None,nan", "TRUE,1E5", "null,86210010463"
        ).encode(),
        "several_awbs_in_one_cell.csv": lines(header, 'SO-1,"86210010463, 86210010464",To Cancel').encode(),
        "invisible_character_inside.csv": lines(header, "SO-1,8621\u200b0010463,To Cancel").encode(),
        "many_rows_one_awb.csv": lines(header, *["SO-1,86210010463,To Cancel"] * 3).encode(),
        "courier_and_number_in_one_cell.csv": lines(
            "Order ID,Carrier Name & Tracking Number,Order Status", "SO-1,Alpha Log 86210010463,Cancelled"
        ).encode(),
        "no_awbs_shopify.csv": lines("Name,Financial Status,Fulfillment Status", "#1001,paid,unfulfilled").encode(),
        "no_awbs_meesho.csv": lines("Sub Order No,Packet Id,Live Order Status", "1_1,PKT1,Cancelled").encode(),
        "no_awbs_tally.csv": lines("Date,Particulars,Voucher No.", "31-01-2026,Cash,17").encode(),
        "estado_means_two_things.csv": lines(
            "Número de rastreamento;Estado;Estado", "BR862100104AB;Cancelled;Bahia", "BR862100105AB;Delivered;Goa"
        ).encode(),
        "footer.csv": lines(header, "SO-1,86210010463,To Cancel", "37 record(s) downloaded").encode(),
        "pages_glued_together.csv": lines(header, "SO-1,86210010463,", header, "SO-2,86210010464,").encode(),
        "semicolons.csv": PLAIN.replace(",", ";").encode(),
        "tabs_in_a.csv": PLAIN.replace(",", "\t").encode(),
        "pipes.csv": PLAIN.replace(",", "|").encode(),
        "utf8_with_bom.csv": PLAIN.encode("utf-8-sig"),
        "utf16.csv": PLAIN.encode("utf-16"),
        "cp1252.csv": PLAIN.replace("SO-1", "Café-1").encode("cp1252"),
        "gbk.csv": lines(
            "订单编号,AWB No,状态,收件城市", *(f"订单{n},8621001046{n},已取消,北京市" for n in range(9))
        ).encode("gbk"),
        "shift_jis.csv": lines(
            "注文番号,AWB No,ステータス", *(f"注文{n},8621001046{n},キャンセル" for n in range(9))
        ).encode("shift-jis"),
        "line_breaks_in_quotes.csv": lines(
            header + ",Note", 'SO-1,86210010463,To Cancel,"two\nlines"', "SO-2,86210010464,To Cancel,one"
        ).encode(),
        "fewer_cells.csv": lines(header, "SO-1,86210010463", "SO-2,86210010464,To Cancel").encode(),
        "more_cells.csv": lines(header, "SO-1,x,86210010463,To Cancel", "SO-2,86210010464,To Cancel").encode(),
        "unbalanced_quote.csv": lines(header, 'SO-1,"86210010463,To Cancel', "SO-2,86210010464,To Cancel").encode(),
        "nul_bytes.csv": lines(header, "SO-1,8621\x000010463,To Cancel", "SO-2,86210010464,To Cancel").encode(),
        "sep_line.csv": lines("sep=;", header.replace(",", ";"), "SO-1;86210010463;To Cancel").encode(),
        "cr_only.csv": lines(header, "SO-1,86210010463,To Cancel", end="\r").encode(),
        "no_final_line_end.csv": PLAIN.encode().rstrip(),
        "header_alone.csv": lines(header).encode(),
        "zero_bytes.csv": b"",
        "a_byte_that_does_not_decode.csv": "Order No,AWB No,Città\n".encode() + b"SO-\xff\xfe\x811,86210010463,\x9d\n",
    }  # fmt: skip


def not_what_they_are_called() -> dict[str, bytes]:
    """Files whose name says something else, and files that are no table."""
    table = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADER, order(1, "86210010463"))
    )
    workbook = simple(HEADER, order(1, "86210010463"))
    types = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return {
        "html_called.xls": f"<html><body><table>{table}</table></body></html>".encode(),
        "csv_called.xls": PLAIN.encode(),
        "xlsx_called.xls": workbook,
        "~$orders.xlsx": b"\x07Example" + b" " * 46 + b"\x07\x00E\x00x\x00a\x00m\x00p\x00l\x00e\x00" + b" \x00" * 47,
        "truncated.xlsx": workbook[: len(workbook) * 2 // 3],
        "zip_bomb.xlsx": zipped([("[Content_Types].xml", types), ("xl/worksheets/sheet1.xml", bytes(60_000_000))]),
        "password_protected.xlsx": compound("EncryptedPackage", bytes(4096)),
        "picture_called.csv": b"\x89PNG\r\n\x1a\n" + bytes(64),
    }


def compound(name: str, data: bytes) -> bytes:
    """A compound file (what Excel wraps a protected workbook into) of one stream of 8 sectors."""
    free, end, fat_sector = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = struct.pack(
        "<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0
    )
    fat = [fat_sector, end, *range(3, 10), end, *[free] * 118]

    def entry(label: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = label.encode("utf-16-le")
        links = (free, free, child)
        return struct.pack("<64sHBB3I36xIQ", text, len(text) + 2 if label else 0, kind, 1, *links, start, size)

    folder = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(data)) + entry("", 0, free, 0, 0) * 2
    return header + struct.pack("<109I", 0, *[free] * 108) + struct.pack("<128I", *fat) + folder + data


def made() -> dict[str, bytes]:
    """Every file by its name."""
    profiles = {f"profiles/{name}": data for name, data in systems().items()}
    return texts() | workbooks() | not_what_they_are_called() | profiles


def main() -> int:
    """Compares, or writes with ``--write``; 1 when a file differs and was not written."""
    write = "--write" in sys.argv[1:]
    for name, data in made().items():
        path = HERE / name
        if path.exists() and path.read_bytes() == data:
            continue
        if not write:
            print(f"{name} would change; say --write")
            return 1
        path.write_bytes(data)
        print(f"{name}: written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
