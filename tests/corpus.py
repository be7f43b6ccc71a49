"""Makes the same ten made-up orders with every writer that can be had, and checks what is read and given back.

    make corpus                        needs npm and the package registries; the others where they are installed
    make corpus ARGS="--tools FOLDER"  keeps the writers in a folder, for the next time

Debian has LibreOffice, gnumeric, libspreadsheet-writeexcel-perl, libexcel-writer-xlsx-perl, libapache-poi-java,
libjexcelapi-java, ruby-spreadsheet and r-cran-openxlsx. Prints a table of Markdown: docs/foreign-writers.md holds that
of one run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.jobs.deliver import deliver_plan
from pipeline.jobs.prepare import opened
from pipeline.jobs.request import Request
from pipeline.model.options import SelectionOptions
from pipeline.settings import read_settings
from tests.decided import TODAY, Decided, decided
from tests.silent import Silent

PYTHON = ["XlsxWriter", "openpyxl", "xlwt", "odfpy", "tablib", "pyexcelerate", "pyexcel", "pyexcel-xls"]
PYTHON += ["pyexcel-xlsx", "pyexcel-ods3"]
NODE = ["exceljs@4.4.0", "xlsx@0.18.5", "xlsx-js-style@1.2.0"]

HEADER = ["Order ID", "AWB", "Order Status", "Order Date"]

ORDERS: list[list[str | int]] = [
    ["SO-1", "86210010461", "To Cancel", "2026-11-20"],
    ["SO-2", 86210010462, "To Cancel", "2026-11-20"],
    ["SO-3", "0012345678", "To Cancel", "2026-11-20"],  # in writers with formats: 12345678 under 0000000000
    ["SO-4", "86210010464", "Delivered", "2026-11-20"],
    ["SO-5", "86210010465", "To Cancel", "2026-11-20"],  # in writers that hide rows: hidden
    ["SO-6", "86210010466", "To Cancel", "2026-11-20"],  # in writers with dates: a date
    ["SO-7", "86210010467", "Delivered", "2026-11-20"],  # in writers that merge: merged with the next one's
    ["SO-8", "86210010468", "Delivered", "2026-11-20"],
    ["SO-9", "", "To Cancel", "2026-11-20"],
    ["SO-10", 131900000001, "To Cancel", "2026-11-20"],
]

ALWAYS = {2: "86210010461", 3: "86210010462", 4: "0012345678", 7: "86210010466", 11: "131900000001"}
"""Rows and AWBs that ``plan --all`` sends; without a hidden row, row 6 too."""

HIDDEN = {6: "86210010465"}

PLAIN = """
import datetime, json, sys
from importlib.metadata import version
rows = json.load(open("orders.json"))
def wrote(package, name, full, make):
    try:
        make(name)
        print(json.dumps([package + " " + version(package), name, full]))
    except Exception as error:
        print(json.dumps([package, name, repr(error)]))
day = datetime.date(2026, 11, 20)
def xlsxwriter_(name):
    import xlsxwriter
    with xlsxwriter.Workbook(name) as book:
        sheet = book.add_worksheet("Orders")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        sheet.write_number(3, 1, 12345678, book.add_format({"num_format": "0000000000"}))
        sheet.write_datetime(6, 3, day, book.add_format({"num_format": "dd-mm-yyyy"}))
        sheet.set_row(5, None, None, {"hidden": True})
        sheet.merge_range(7, 2, 8, 2, "Delivered")
def openpyxl_(name):
    import openpyxl
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    sheet["B4"].value, sheet["B4"].number_format = 12345678, "0000000000"
    sheet["D7"].value = day
    sheet.row_dimensions[6].hidden = True
    sheet.merge_cells("C8:C9")
    book.save(name)
def xlwt_(name):
    import xlwt
    book = xlwt.Workbook()
    sheet = book.add_sheet("Orders", cell_overwrite_ok=True)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if (at, column) != (8, 2):
                sheet.write(at, column, cell)
    sheet.write(3, 1, 12345678, xlwt.easyxf(num_format_str="0000000000"))
    sheet.write(6, 3, day, xlwt.easyxf(num_format_str="dd-mm-yyyy"))
    sheet.row(5).hidden = True
    sheet.merge(7, 8, 2, 2)
    book.save(name)
def odfpy_(name):
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P
    book = OpenDocumentSpreadsheet()
    table = Table(name="Orders")
    for at, row in enumerate(rows):
        line = TableRow(visibility="collapse" if at == 5 else "visible")
        for cell in row:
            number = {"valuetype": "float", "value": cell} if isinstance(cell, int) else {"valuetype": "string"}
            one = TableCell(**number)
            one.addElement(P(text=str(cell)))
            line.addElement(one)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(name)
def tablib_(name):
    import tablib
    data = tablib.Dataset(*rows[1:], headers=rows[0], title="Orders")
    made = data.export(name.rpartition(".")[2])
    open(name, "wb").write(made if isinstance(made, bytes) else made.encode())
def pyexcelerate_(name):
    import pyexcelerate
    book = pyexcelerate.Workbook()
    book.new_sheet("Orders", data=rows)
    book.save(name)
def pyexcel_(name):
    import pyexcel
    pyexcel.save_as(array=rows, dest_file_name=name)
wrote("XlsxWriter", "xlsxwriter.xlsx", True, xlsxwriter_)
wrote("openpyxl", "openpyxl.xlsx", True, openpyxl_)
wrote("xlwt", "xlwt.xls", True, xlwt_)
wrote("odfpy", "odfpy.ods", True, odfpy_)
for ending in ("xlsx", "xls", "ods", "html", "csv", "tsv"):
    wrote("tablib", "tablib." + ending, False, tablib_)
wrote("pyexcelerate", "pyexcelerate.xlsx", False, pyexcelerate_)
for ending in ("xlsx", "xls", "ods", "csv"):
    wrote("pyexcel", "pyexcel." + ending, False, pyexcel_)
"""

JAVASCRIPT = """
const rows = JSON.parse(require('fs').readFileSync('orders.json'));
const said = (name, file, full) =>
  console.log(JSON.stringify([name + ' ' + require(name + '/package.json').version, file, full]));
for (const name of ['xlsx', 'xlsx-js-style']) {
  const X = require(name);
  for (const kind of ['xlsx', 'xlsb', 'biff8', 'ods', 'fods', 'html', 'xlml', 'csv']) {
    const sheet = X.utils.aoa_to_sheet(rows), book = X.utils.book_new();
    sheet.B4 = { t: 'n', v: 12345678, z: '0000000000' };
    sheet['!rows'] = []; sheet['!rows'][5] = { hidden: true };
    sheet['!merges'] = [{ s: { r: 7, c: 2 }, e: { r: 8, c: 2 } }];
    X.utils.book_append_sheet(book, sheet, 'Orders');
    const ending = { biff8: 'xls', xlml: 'xml' }[kind] || kind, file = name + '-' + kind + '.' + ending;
    X.writeFile(book, file, { bookType: kind });
    said(name, file, !['html', 'csv'].includes(kind));
  }
}
const E = require('exceljs'), book = new E.Workbook(), sheet = book.addWorksheet('Orders');
rows.forEach(row => sheet.addRow(row));
sheet.getCell('B4').value = 12345678; sheet.getCell('B4').numFmt = '0000000000';
sheet.getCell('D7').value = new Date(Date.UTC(2026, 10, 20));
sheet.getRow(6).hidden = true; sheet.mergeCells('C8:C9');
book.xlsx.writeFile('exceljs.xlsx').then(() => said('exceljs', 'exceljs.xlsx', true));
"""

PERL = """
use JSON::PP; local $/; open my $in, '<', 'orders.json'; my $rows = decode_json(<$in>);
my $book = MODULE->new('FILE'); my $sheet = $book->add_worksheet('Orders');
for my $at (0 .. $#$rows) { for my $c (0 .. 3) { my $v = $rows->[$at][$c];
  $v =~ /^[1-9]/ && $v !~ /-/ && ($at == 2 || $at == 10) ? $sheet->write_number($at, $c, $v)
    : $sheet->write_string($at, $c, $v) } }
my $zeros = $book->add_format(num_format => '0000000000'); $sheet->write_number(3, 1, 12345678, $zeros);
$sheet->set_row(5, undef, undef, 1); $sheet->merge_range(7, 2, 8, 2, 'Delivered', $book->add_format());
$book->close(); print encode_json(["MODULE $MODULE::VERSION", 'FILE', JSON::PP::true]), "\n";
"""


JAVA = """
import java.io.*; import java.nio.file.*; import java.util.*;
import org.apache.poi.ss.usermodel.*; import org.apache.poi.ss.util.CellRangeAddress;
public class Made {
  static String[][] rows;
  static boolean number(int at, int c) { return c == 1 && (at == 2 || at == 10); }
  static void poi(Workbook book, String name) throws Exception {
    Sheet sheet = book.createSheet("Orders");
    for (int at = 0; at < rows.length; at++) { Row row = sheet.createRow(at);
      for (int c = 0; c < 4; c++) if (number(at, c)) row.createCell(c).setCellValue(Double.parseDouble(rows[at][c]));
        else row.createCell(c).setCellValue(rows[at][c]); }
    CellStyle zeros = book.createCellStyle(); zeros.setDataFormat(book.createDataFormat().getFormat("0000000000"));
    Cell padded = sheet.getRow(3).createCell(1); padded.setCellValue(12345678); padded.setCellStyle(zeros);
    CellStyle day = book.createCellStyle(); day.setDataFormat(book.createDataFormat().getFormat("dd-mm-yyyy"));
    Cell date = sheet.getRow(6).createCell(3); date.setCellValue(46346); date.setCellStyle(day);
    sheet.getRow(5).setZeroHeight(true); sheet.addMergedRegion(new CellRangeAddress(7, 8, 2, 2));
    try (OutputStream out = new FileOutputStream(name)) { book.write(out); }
    System.out.println("[\\"Apache POI " + org.apache.poi.Version.getVersion() + "\\", \\"" + name + "\\", true]");
  }
  static void jxl(String name) throws Exception {
    jxl.write.WritableWorkbook book = jxl.Workbook.createWorkbook(new File(name));
    jxl.write.WritableSheet sheet = book.createSheet("Orders", 0);
    for (int at = 0; at < rows.length; at++) for (int c = 0; c < 4; c++)
      if (number(at, c)) sheet.addCell(new jxl.write.Number(c, at, Double.parseDouble(rows[at][c]),
        new jxl.write.WritableCellFormat(jxl.write.NumberFormats.INTEGER)));
      else sheet.addCell(new jxl.write.Label(c, at, rows[at][c]));
    sheet.addCell(new jxl.write.Number(1, 3, 12345678,
      new jxl.write.WritableCellFormat(new jxl.write.NumberFormat("0000000000"))));
    sheet.addCell(new jxl.write.DateTime(3, 6, new Date(1795132800000L), jxl.write.DateTime.GMT));
    sheet.setRowView(5, true); sheet.mergeCells(2, 7, 2, 8);
    book.write(); book.close();
    System.out.println("[\\"JExcelApi " + jxl.Workbook.getVersion() + "\\", \\"" + name + "\\", true]");
  }
  public static void main(String[] named) throws Exception {
    List<String> lines = Files.readAllLines(Paths.get("orders.tsv"));
    rows = lines.stream().map(line -> line.split("\\t", -1)).toArray(String[][]::new);
    if (named[0].equals("xlsx")) poi(new org.apache.poi.xssf.usermodel.XSSFWorkbook(), "poi.xlsx");
    if (named[0].equals("streamed")) poi(new org.apache.poi.xssf.streaming.SXSSFWorkbook(), "poi-streamed.xlsx");
    if (named[0].equals("xls")) poi(new org.apache.poi.hssf.usermodel.HSSFWorkbook(), "poi.xls");
    if (named[0].equals("jxl")) jxl("jexcelapi.xls");
  }
}
"""
JARS = "/usr/share/java/*"

RUBY = """
require 'spreadsheet'
rows = File.readlines('orders.tsv', chomp: true).map { |line| line.split("\\t", -1) }
book = Spreadsheet::Workbook.new; sheet = book.create_worksheet(name: 'Orders')
rows.each_with_index { |row, at| row.each_with_index { |cell, c|
  sheet[at, c] = c == 1 && [2, 10].include?(at) ? cell.to_i : cell } }
sheet[3, 1] = 12345678; sheet.row(3).set_format(1, Spreadsheet::Format.new(number_format: '0000000000'))
sheet[6, 3] = Date.new(2026, 11, 20); sheet.row(6).set_format(3, Spreadsheet::Format.new(number_format: 'DD-MM-YYYY'))
sheet.row(5).hidden = true; sheet.merge_cells(7, 2, 8, 2)
book.write('ruby.xls')
puts '["ruby spreadsheet ' + Spreadsheet::VERSION + '", "ruby.xls", true]'
"""

R = """
library(openxlsx)
rows <- read.delim('orders.tsv', colClasses = 'character', check.names = FALSE, na.strings = character())
book <- createWorkbook(); addWorksheet(book, 'Orders'); writeData(book, 1, rows)
for (at in c(2, 10)) writeData(book, 1, as.numeric(rows[at, 2]), startCol = 2, startRow = at + 1)
writeData(book, 1, 12345678, startCol = 2, startRow = 4)
addStyle(book, 1, createStyle(numFmt = '0'), rows = c(3, 11), cols = 2)
addStyle(book, 1, createStyle(numFmt = '0000000000'), rows = 4, cols = 2)
writeData(book, 1, as.Date('2026-11-20'), startCol = 4, startRow = 7)
setRowHeights(book, 1, rows = 6, heights = 0); mergeCells(book, 1, cols = 3, rows = 8:9)
saveWorkbook(book, 'openxlsx.xlsx')
cat(sprintf('["R openxlsx %s", "openxlsx.xlsx", true]\\n', packageVersion('openxlsx')))
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A file; ``full``: with a format, a hidden row and a merged cell; a text says why there is none."""

    writer: str
    name: str
    full: bool | str


def run(command: list[str], folder: Path) -> str:
    """The output of a program; nothing where it fails or is not there."""
    try:
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300).stdout
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return ""


def fetch(tools: Path) -> None:
    """The writers of PyPI and npm, unless they are there."""
    if not (tools / "venv").exists():
        subprocess.run([sys.executable, "-m", "venv", "venv"], cwd=tools, check=True)
        run(["venv/bin/python", "-m", "pip", "install", "--quiet", *PYTHON], tools)
    if not (tools / "node_modules").exists():
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", *NODE], tools)


def make(folder: Path, tools: Path) -> list[Made]:
    """Every file that can be made."""
    (folder / "orders.json").write_text(json.dumps([HEADER, *ORDERS]), encoding="utf-8")
    (folder / "node_modules").symlink_to(tools / "node_modules")
    told = run([str(tools / "venv/bin/python"), "-c", PLAIN], folder) + run(["node", "-e", JAVASCRIPT], folder)
    for module, name in (("Spreadsheet::WriteExcel", "writeexcel.xls"), ("Excel::Writer::XLSX", "perl.xlsx")):
        told += run(["perl", f"-M{module}", "-e", PERL.replace("MODULE", module).replace("FILE", name)], folder)
    told += by_others(folder)
    made = [Made(*json.loads(line)) for line in told.splitlines()]
    return made + list(filter(None, [*by_libreoffice(folder), *by_gnumeric(folder)]))


def by_others(folder: Path) -> str:
    """What Java, Ruby and R make; each tells of its files as the others do."""
    lines = ("\t".join(str(cell) for cell in row) for row in [HEADER, *ORDERS])
    (folder / "orders.tsv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / "Made.java").write_text(JAVA, encoding="utf-8")
    told = run(["javac", "-cp", JARS, "Made.java"], folder)
    for kind in ("xlsx", "streamed", "xls", "jxl"):
        told += run(["java", "-cp", f"{JARS}:.", "Made", kind], folder)
    return told + run(["ruby", "-e", RUBY], folder) + run(["Rscript", "-e", R], folder)


def by_libreoffice(folder: Path) -> list[Made]:
    """What LibreOffice makes of XlsxWriter's workbook."""
    profile, out = f"-env:UserInstallation={(folder / 'profile').as_uri()}", folder / "libreoffice"
    for ending in ("xlsx", "xls", "ods", "fods", "html"):
        run(["soffice", profile, "--headless", "--convert-to", ending, "--outdir", str(out), "xlsxwriter.xlsx"], folder)
    version = " ".join(run(["soffice", "--version"], folder).split()[:2])
    return [Made(version, f"libreoffice/{path.name}", full=True) for path in sorted(out.glob("xlsxwriter.*"))]


def by_gnumeric(folder: Path) -> list[Made]:
    """What Gnumeric makes of it."""
    made = []
    for ending in ("xlsx", "xls", "ods", "html"):
        run(["ssconvert", "xlsxwriter.xlsx", f"gnumeric.{ending}"], folder)
        if (folder / f"gnumeric.{ending}").exists():
            made.append(Made("Gnumeric (ssconvert)", f"gnumeric.{ending}", full=True))
    return made


def read_right(found: Decided, *, full: bool) -> str:
    """ "yes", or what is otherwise."""
    if found.refused:
        return f"refused: {found.refused}"
    wanted = ALWAYS if full else ALWAYS | HIDDEN
    if found.sent == wanted:
        return f"yes, and it asks: {found.question}" if found.question else "yes"
    more = {row: awb for row, awb in found.sent.items() if wanted.get(row) != awb}
    less = sorted(set(wanted) - set(found.sent))
    return f"sent otherwise: {more}; not sent: rows {less} {[found.invalid.get(row, '') for row in less]}"


def given_back(path: Path, before: Decided) -> str:
    """Plans, and reads the sheet that is written once more."""
    options = SelectionOptions(everything=True, today=TODAY)
    ledger = path.parent / "ledger.db"
    settings = read_settings({}, path.parent / "none", env=None, default_ledger=ledger, version="0", need_service=False)
    try:
        with opened(Request(input=path, selection=options), settings, Silent(), infix="plan") as prepared:
            written = Path(deliver_plan(prepared).summary.output)
    except PipelineError as error:
        return f"refused: {error}"
    again = decided(written, everything=True)
    return f"yes ({written.suffix})" if again.sent == before.sent else f"otherwise: {again.sent} {again.refused}"


def main() -> None:
    """Makes, reads, gives back, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path)
    tools = parser.parse_args().tools
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = (tools or folder).absolute()
        fetch(tools)
        print("| Writer | File | Read right? | Given back right? |\n| --- | --- | --- | --- |")
        for made in make(folder, tools):
            if isinstance(made.full, str):
                print(f"| {made.writer} | {made.name} | not made: {made.full} | |")
                continue
            alone = folder / "alone"
            alone.mkdir()
            path = Path(shutil.copy(folder / made.name, alone))
            found = decided(path, everything=True)
            back = "" if found.refused else given_back(path, found)
            print(f"| {made.writer} | {made.name} | {read_right(found, full=made.full)} | {back} |", flush=True)
            shutil.rmtree(alone)


if __name__ == "__main__":
    main()
