"""How the added columns look: a light fill for each status, the font's colour on it, the widths."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.annotated import Status

INK = "FF1F1F1F"
"""The font's colour on a filled cell: at least 11 to 1 against each fill below (WCAG 2.2 asks for 4.5)."""

FILLS: Mapping[Status, str] = {
    Status.SUCCESS: "FFE2F0D9",  # green: done
    Status.FAILED: "FFF8D7DA",  # red: the service said no
    Status.UNKNOWN: "FFFFE699",  # amber: look at these first
    Status.INVALID: "FFFCE4D6",  # orange: mend the sheet
    Status.NOT_SENT: "FFE7E6E6",  # grey: not reached
    Status.PLANNED: "FFDDEBF7",  # blue: would be sent
}
"""Light fills by status; ``Skipped`` has none, for most rows are. The word says the same without colour."""

WIDTHS = (13, 60, 22, 45)
"""Widths of status, remark, refnum and verified, in characters: a remark is a sentence, a refnum up to 20 digits."""
