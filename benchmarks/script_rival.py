"""The rival: what a user would write from the vendor's sample, written fairly.

    python -m benchmarks.script_rival INPUT OUTPUT CANCEL_URL [once]

pandas with openpyxl (or its C engine for CSV), chunks of 100, ``requests.post``, and the sheet written by pandas. It
keeps no ledger, flushes nothing, and takes the entries of a reply by position: it does less than we do.

Each chunk's answers are put into their rows as they come, as such scripts do: what was answered is in the table if it
stops. Each time pandas copies the whole columns, so that the time grows with the square of the rows. ``once`` is the
script of somebody who knows that: it collects the answers and puts them in at the end.
"""

from __future__ import annotations

import sys

import pandas as pd
import requests

TOKEN = SECRET = "bench"


def main(source: str, target: str, url: str, once: str = "") -> None:
    """Reads, cancels, writes."""
    excel = source.endswith(".xlsx")
    orders = pd.read_excel(source, dtype=str, engine="openpyxl") if excel else pd.read_csv(source, dtype=str)
    orders["status"] = orders["remark"] = orders["refnum"] = ""
    wanted = orders.index[orders["Order Status"] == "Cancel Requested"]
    answers: list[dict[str, str]] = []
    session = requests.Session()
    for start in range(0, len(wanted), 100):
        rows = wanted[start : start + 100]
        awbs = orders.loc[rows, "AWB No"].tolist()
        data = {"access_token": TOKEN, "secret_key": SECRET, "awb_numbers": ",".join(awbs)}
        reply = session.post(url, json={"data": data}, timeout=30).json()
        entries = [reply["data"][str(number)] for number in range(1, len(rows) + 1)]
        if once:
            answers += entries
        else:
            put_in(orders, rows, entries)
    if once:
        put_in(orders, wanted, answers)
    if excel:
        orders.to_excel(target, index=False, engine="openpyxl")
    else:
        orders.to_csv(target, index=False)


def put_in(orders: pd.DataFrame, rows: pd.Index, entries: list[dict[str, str]]) -> None:
    """The answers into their rows."""
    for column in ("status", "remark", "refnum"):
        orders.loc[rows, column] = [entry[column] for entry in entries]


if __name__ == "__main__":
    main(*sys.argv[1:])
