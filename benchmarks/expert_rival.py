"""The rival of an expert: what a strong engineer writes in an afternoon, with the fastest libraries there are.

    python -m benchmarks.expert_rival INPUT OUTPUT CANCEL_URL     the whole job
    python -m benchmarks.expert_rival INPUT OUTPUT plan           reads, chooses and writes; sends nothing

polars reads and writes the CSV, fastexcel reads the workbook and polars writes it anew; one connection is kept open,
and the answers are put in once, at the end. It keeps no ledger, checks nothing, takes the entries of a reply by
position, and the sheet that comes back is a new one. It runs in a virtual environment of its own
(``expert-requirements.txt``).
"""

import sys

import polars as pl
import requests

TOKEN = SECRET = "bench"
PLANNED = {"status": "Planned", "remark": "", "refnum": ""}


def main(source: str, target: str, url: str) -> None:
    """Reads, cancels, writes."""
    excel = source.endswith(".xlsx")
    orders = (read_sheet(source) if excel else pl.read_csv(source, infer_schema=False)).with_row_index("#")
    wanted = orders.filter(pl.col("Order Status") == "Cancel Requested").select("#", "AWB No")
    awbs = wanted["AWB No"].to_list()
    answers = [PLANNED] * len(awbs) if url == "plan" else cancel(awbs, url)
    found = pl.DataFrame(answers, schema=dict.fromkeys(PLANNED, pl.String)).with_columns(wanted["#"])
    done = orders.join(found, on="#", how="left", maintain_order="left").drop("#")
    if excel:
        done.write_excel(target)
    else:
        done.write_csv(target)


def read_sheet(source: str) -> pl.DataFrame:
    """The first sheet, every cell a text."""
    import fastexcel

    return fastexcel.read_excel(source).load_sheet(0, dtypes="string").to_polars()


def cancel(awbs: list[str], url: str) -> list[dict[str, str]]:
    """The answers to all AWBs, in their order."""
    session, answers = requests.Session(), []
    for start in range(0, len(awbs), 100):
        some = awbs[start : start + 100]
        data = {"access_token": TOKEN, "secret_key": SECRET, "awb_numbers": ",".join(some)}
        reply = session.post(url, json={"data": data}, timeout=30).json()["data"]
        answers += [reply[str(number)] for number in range(1, len(some) + 1)]
    return answers


if __name__ == "__main__":
    main(*sys.argv[1:])
