"""Makes the pictures of the README from a real run on the sample: the page, the annotated sheet, the terminal.

Needs Chromium, LibreOffice (soffice) and poppler (pdftoppm); says so where one is missing.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "img"
SAMPLE = ROOT / "sample_data" / "orders.xlsx"
COLUMNS = 108
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SOMEBODY = (
    "import platform; platform.node = lambda: 'desk-7'; from pipeline.cli import main; main(prog_name='bulk-cancel')"
)
"""The program itself, on a machine whose name may be shown."""

TO_PRINT = (
    (r"(<worksheet[^>]*>)", r'\1<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'),
    (
        r"(<pageMargins[^>]*/>)(<pageSetup[^>]*/>)?",
        r'\1<pageSetup paperSize="8" orientation="landscape" fitToHeight="0"/>',
    ),
)
"""What makes LibreOffice print all columns beside each other; nothing else of the sheet is touched."""


def main() -> int:
    """Makes all five; 1 where a tool is missing."""
    missing = [tool for tool in ("chromium", "soffice", "pdftoppm") if not shutil.which(tool)]
    if missing:
        print(f"Not made: {', '.join(missing)} is missing on this machine.")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        sample = folder / SAMPLE.relative_to(ROOT)
        sample.parent.mkdir()
        shutil.copy(SAMPLE, sample)
        said = run(folder, "cancel", str(SAMPLE.relative_to(ROOT)))
        terminal(browser, said)
        report(browser, sample.with_name("orders.annotated.sandbox.html"))
        sheet(sample.with_name("orders.annotated.sandbox.xlsx"), folder)
    for image in sorted(IMAGES.glob("*.png")):
        print(f"{image.relative_to(ROOT)}  {image.stat().st_size // 1000} kB")
    return 0


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that calls nobody."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        yield browser
        browser.close()


def run(folder: Path, *arguments: str) -> str:
    """What the command writes to a real terminal, colours and all."""
    parent, child = pty.openpty()
    environment = os.environ | {
        "BULK_CANCEL_LEDGER": str(folder / "ledger.db"), "LOGNAME": "ann", "COLUMNS": str(COLUMNS),
        "TERM": "xterm-256color", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-c", SOMEBODY, *arguments]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=child, stdout=child, stderr=child) as process:
        os.close(child)
        written = b"".join(until_closed(parent))
    if process.returncode not in (0, 1) or b"Traceback" in written:
        raise SystemExit(written.decode())
    return written.decode()


def until_closed(parent: int) -> Iterator[bytes]:
    """Everything that comes out of a terminal until its other end is closed."""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # Linux says so when the last writer is gone
            return
        if not piece:
            return
        yield piece


def screen(said: str) -> list[str]:
    """The lines as they stand in the end: a progress bar is written over itself."""
    lines, row = [""], 0
    for piece in re.findall(r"\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A|\r|\n|(?:[^\x1b\r\n]|\x1b\[[0-9;]*m)+", said):
        if piece == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif piece == "\x1b[1A":
            row -= 1
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif piece != "\r" and not piece.startswith("\x1b[?"):
            lines[row] += piece
    return lines if lines[-1] else lines[:-1]


def terminal(browser: Browser, said: str) -> None:
    """The terminal, as it stands when the command is done."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115, PTH123
    console.print(Text.assemble(("$ ", "bold green"), f"make cancel INPUT={SAMPLE.relative_to(ROOT)}"))
    for line in screen(said):
        console.print(Text.from_ansi(line), soft_wrap=True)
    svg = console.export_svg(title="bulk-cancel")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
    page = browser.new_page(viewport={"width": 1180, "height": 800})
    page.set_content(f'<body style="margin:0">{svg}</body>')
    page.locator("svg").first.screenshot(path=IMAGES / "terminal.png", omit_background=True)


def report(browser: Browser, file: Path) -> None:
    """The page: light and dark as on a desk, and on a phone."""
    for name, scheme, width, height in (
        ("report-light", "light", 1160, 1240),
        ("report-dark", "dark", 1160, 1240),
        ("report-phone", "light", 390, 844),
    ):
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.goto(file.as_uri())
        page.screenshot(path=IMAGES / f"{name}.png")


def sheet(file: Path, folder: Path) -> None:
    """The annotated sheet, as LibreOffice prints it."""
    printable = folder / "sheet.xlsx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(printable, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                text = data.decode()
                for pattern, better in TO_PRINT:
                    text = re.sub(pattern, better, text, count=1)
                data = text.encode()
            new.writestr(info, data)
    home = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    convert = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(printable)]
    subprocess.run(convert, check=True, capture_output=True)
    crop = ["-x", "70", "-y", "95", "-W", "1790", "-H", "560"]
    image = ["pdftoppm", "-png", "-singlefile", "-f", "1", "-l", "1", "-r", "155", *crop]
    subprocess.run([*image, str(folder / "sheet.pdf"), str(IMAGES / "sheet")], check=True)


if __name__ == "__main__":
    raise SystemExit(main())
