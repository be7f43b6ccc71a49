"""Makes ``ledger_1_0_0.db`` and what version 1.0.0 said of it (``ledger_1_0_0.json``): run it with the code of 1.0.0.

Kept to show how the file came about; it can't run with a newer version, and never has to again. Everything is made up.

    git archive df366f8 pipeline schemas | tar -x -C FOLDER
    PYTHONPATH=FOLDER python tests/data/make_ledger_1_0_0.py
"""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from pipeline import __version__
from pipeline.ledger import Ledger, RunStart  # type: ignore[attr-defined]
from pipeline.model import Batch, Item, Outcome
from schemas.annotated import Status

HERE = Path(__file__).parent
ELSEWHERE = "staging http://127.0.0.1:9/c"
ENVIRONMENTS = ("sandbox", "production", ELSEWHERE)


def start(ledger, environment, command="cancel"):
    told = RunStart(environment, command, "/orders/May.xlsx", "Orders", "d" * 64, "account", "ann", '{"all": true}')
    return ledger.start_run(told)


def send(ledger, run, outcomes, **options):
    call = ledger.begin(run, Batch(tuple(Item(awb) for awb in outcomes)), **options)
    ledger.settle(call, [Outcome(awb, *said) for awb, said in outcomes.items()], note="said", elapsed=0.25)


def fill(ledger):
    first = start(ledger, "production")
    send(
        ledger,
        first,
        {
            "sf1": (Status.SUCCESS, "Cancel Request Received", "SO-1"),
            "SF2": (Status.FAILED, "picked up", ""),
            "SF3": (Status.UNKNOWN, "the connection was cut", ""),
            "SF4": (Status.NOT_SENT, "429", ""),
            "SF5": (Status.UNKNOWN, "the connection was cut", "SO-5"),
        },
    )
    ledger.confirm(first, "production", [Outcome("SF5", Status.SUCCESS, "tracking says Cancelled")])
    rows = {7: ("sf1", "SO-1", "Success", "Cancel Request Received", "SO-1"), 9: ("SF4", "", "Not sent", "429", "")}
    names = ["awb", "order_ref", "status", "remark", "refnum"]
    fates = pd.DataFrame.from_dict(rows, orient="index", columns=names).astype("str").rename_axis("row")
    ledger.record_rows(first, fates)
    ledger.finish(first, exit_code=3, stopped="service down", output="/orders/May.annotated.xlsx")
    ledger.wrote({Path("/orders/May.annotated.xlsx"): "1" * 64})
    ledger.wrote({Path("/orders/May.annotated.xlsx"): "2" * 64})
    lost = start(ledger, "production")
    ledger.begin(lost, Batch((Item("SF6"),)))
    second = start(ledger, "production")  # finds that SF6 has no answer
    send(ledger, second, {"SF3": (Status.UNKNOWN, "said no, which proves nothing", "")}, resend=True)
    send(ledger, second, {"SF2": (Status.SUCCESS, "", "SO-2")})
    other = start(ledger, ELSEWHERE)
    send(ledger, other, {"SF1": (Status.FAILED, "not found", "")})
    ledger.begin(other, Batch((Item("SF7"), Item("SF8"))))  # killed: open
    start(ledger, "sandbox", "verify")


def said(ledger):
    """Everything that 1.0.0 answers of this ledger."""
    keys = pd.Series([f"SF{number}" for number in range(1, 10)], dtype="str")
    runs = [run.run for run in ledger.runs()]
    frames = {f"known {one}": ledger.known(one, keys).reset_index() for one in ENVIRONMENTS}
    frames |= {f"calls {run}": ledger.calls(run) for run in runs}
    frames |= {f"rows {run}": ledger.rows(run).reset_index() for run in runs}
    frames |= {f"audit {run}": ledger.audit(run) for run in runs}
    return {
        "version": __version__,
        "runs": [{name: str(value) for name, value in asdict(run).items()} for run in ledger.runs()],
        "written": ledger.last_written(Path("/orders/May.annotated.xlsx")),
        **{name: frame.astype("str").fillna("").to_dict("records") for name, frame in frames.items()},
    }


if __name__ == "__main__":
    path = HERE / "ledger_1_0_0.db"
    path.unlink(missing_ok=True)
    with Ledger.open(str(path)) as opened:
        fill(opened)
        told = said(opened)
    path.with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
