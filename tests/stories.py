"""Made-up runs for the tests of the report page."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model.amount_sums import AmountSum
from pipeline.report.page import Story
from pipeline.report.summary import Summary, count_rows, exit_code, sum_amounts
from schemas.annotated import Status

HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    '=HYPERLINK("http://127.0.0.1:9/","click")',
    "+1+cmd|' /C calc'!A0",
    " \u200b@SUM(1)",
    "\u202eGNIKCART\u202c and \u2067right to left\u2069",
    "nul \x00 and bell \x07 and escape \x1b[31m",
    "{{ 7 * 7 }} {% raw %} ${7*7} javascript:alert(1) </bdi></td></table><h1>out</h1>",
    "l" * 10_000,
    "one line\r\nand =another",
    "\U0001d49c \u2702 é \u4e2d\u6587 \u202e",
)
"""Texts that a service, or a sheet, might hold: each must stay text."""

CALLS = pd.DataFrame(
    {
        "began": ["2026-11-23T10:55:01.123+00:00", "2026-11-23T10:55:02.500+00:00"],
        "elapsed": [1.25, None],
        "awbs": [6, 5],
        "note": ["", "<b>no answer</b> within 120 seconds"],
    }
)
NO_CALLS = CALLS.head(0)


def picked(*rows: tuple[str, str, str, str], **columns: list[str]) -> pd.DataFrame:
    """Picked rows with their fate, from (awb, order_ref, status, remark); row numbers from 5."""
    frame = pd.DataFrame(rows, columns=["awb", "order_ref", "status", "remark"], dtype="str")
    for name, values in columns.items():
        frame[name] = pd.Series(values, dtype="str")
    return frame.set_axis(pd.RangeIndex(5, 5 + len(frame)))


SMALL = picked(
    ("1319480001", "SO-1", "Success", ""),
    ("1319480002", "SO-2", "Success", "Cancel Request Received"),
    ("1319480003", "SO-3", "Failed", "AWB number not found"),
    ("1319480004", "SO-4", "Unknown", "no answer for this AWB: run verify"),
    ("", "SO-5", "Invalid", "Orders!F9: no AWB, nothing to cancel"),
    ("1319480006", "SO-6", "Failed", "AWB number not found"),
    courier=["Delhivery", "Xpressbees", "Delhivery", "", "Delhivery", "Xpressbees"],
    payment=["COD", "Prepaid", "COD", "Cash on Delivery", "COD", "Prepaid"],
    amount=["1,299.00", "500", "100.50", "200", "12 / 13", "99.50"],
)
"""Six rows, one of each fate that needs a person."""


def story(rows: pd.DataFrame = SMALL, /, **changes: object) -> Story:
    """A run over these rows; ``changes`` replace fields of the story or its summary."""
    left_out = {"order status 'Delivered' is not one to cancel": 20, "hidden in the sheet": 1}
    facts: dict[str, object] = {
        "picked": rows, "left_out": left_out, "calls": CALLS, "picked_by": "order status (column G)",
        "notes": ["the AWBs are column F"], "account": "sandbox", "who": "ann on desk-7",
        "started": "2026-11-23 10:55:00 UTC", "version": "1.0.0",
    }  # fmt: skip
    facts |= {name: changes.pop(name) for name in list(changes) if name in facts}
    skipped = sum(facts["left_out"].values())  # type: ignore[attr-defined]
    counts = count_rows(rows, skipped, 2)
    known: dict[str, object] = {
        "run": "20261123-105500-ab12", "environment": "sandbox", "input": "orders.xlsx",
        "output": "orders.annotated.sandbox.xlsx", "report": "orders.annotated.sandbox.html", "sheet": "Orders",
        "exit_code": exit_code(counts, stopped=False, interrupted=False), "rows": sum(counts.values()),
        "counts": counts, "awbs": {"picked": len(rows), "sent": 5, "already_cancelled": 0}, "calls": 2,
        "elapsed_s": 3.21, "amount": sum_amounts(rows, AmountSum()), "stopped": None,
    }  # fmt: skip
    return Story(summary=Summary(**{**known, **changes}), **facts)  # type: ignore[arg-type]


def hostile() -> Story:
    """A run in which every text that comes from elsewhere is hostile."""
    words = [str(word) for word in (Status.FAILED, Status.UNKNOWN, Status.INVALID)]
    texts = [text.replace("\x00", "") + " awb" for text in HOSTILE]
    rows = picked(
        *((awb, text, words[place % 3], text) for place, (awb, text) in enumerate(zip(texts, HOSTILE, strict=True))),
        courier=list(HOSTILE), amount=list(HOSTILE), payment=list(HOSTILE),
    )  # fmt: skip
    calls = pd.concat([CALLS] * 6, ignore_index=True).head(len(HOSTILE)).assign(note=list(HOSTILE))
    return story(
        rows, left_out=dict.fromkeys(HOSTILE, 1), calls=calls, picked_by=HOSTILE[1], notes=HOSTILE, who=HOSTILE[0],
        input=f"folder/{HOSTILE[1]}.xlsx", sheet=HOSTILE[0], stopped=HOSTILE[0],
    )  # fmt: skip


def many(count: int, kind: str) -> Story:
    """A run over very many rows: all of them refused with remarks of their own, or mixed as they come."""
    numbers = pd.Series(np.arange(count)).astype("str")
    awbs = "13194" + numbers.str.zfill(8)
    words = ["Success", "Success", "Failed", "Unknown", "Invalid"] if kind == "mixed" else ["Failed"]
    remarks = pd.Series(["", "Cancel Request Received", "AWB number not found", "no answer", "no AWB"])
    rows = pd.DataFrame(
        {
            "awb": awbs,
            "order_ref": "SO-" + numbers,
            "status": pd.Series(np.resize(words, count), dtype="str"),
            "remark": remarks.iloc[np.arange(count) % 5].reset_index(drop=True)
            if kind == "mixed"
            else "no parcel bears the AWB " + awbs,
            "courier": pd.Series(np.resize(["Delhivery", "Xpressbees", "Blue Dart"], count), dtype="str"),
            "payment": pd.Series(np.resize(["COD", "Prepaid"], count), dtype="str"),
            "amount": numbers + ".50",
        }
    ).set_axis(pd.RangeIndex(2, 2 + count))
    return story(rows)
