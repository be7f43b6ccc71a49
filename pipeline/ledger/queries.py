"""What the ledger is asked: the latest state of AWBs, the runs, what auditors want to see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from pipeline.ledger.databases import texts
from pipeline.ledger.schema import (  # fmt: skip
    FAILED,
    OPEN,
    RELEASED,
    SUCCESS,
    UNKNOWN,
    approval_rules,
    attempts,
    calls,
    history,
    plans,
    rows,
    runs,
)
from pipeline.ledger.statements import was_refused
from pipeline.model.runs import LedgerKey, RunInfo
from schemas.annotated import ADDED_COLUMNS, TEXTS, Status

CHUNK = 200_000
"""Keys in one question: it is held in memory as text."""

STATUS_OF = {SUCCESS: Status.SUCCESS, FAILED: Status.FAILED, UNKNOWN: Status.UNKNOWN, OPEN: Status.UNKNOWN}
KNOWN_COLUMNS = ["awb", *ADDED_COLUMNS, "run", "at"]

NOT_YET = "Sent by a run that has no answer yet."
"""The remark of an AWB whose call is under way."""


def frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """A query's rows as columns."""
    result = connection.execute(query)
    return pd.DataFrame(list(map(tuple, result.all())), columns=list(result.keys()))


def row_fates(connection: Connection, names: Sequence[str]) -> pd.DataFrame:
    """How many rows of some runs have each status: run, status, count."""
    counted = select(rows.c.run, rows.c.status, func.count().label("count")).where(rows.c.run.in_(names))
    return frame(connection, counted.group_by(rows.c.run, rows.c.status))


def cancelled_amounts(connection: Connection, names: Sequence[str]) -> pd.DataFrame:
    """The rows of some runs that are cancelled and have an amount: run, awb, order_ref, amount."""
    columns = [rows.c[name] for name in ("run", "awb", "order_ref", "amount")]
    found = select(*columns).where(rows.c.run.in_(names), rows.c.status == str(Status.SUCCESS), rows.c.amount != "")
    return frame(connection, found.order_by(rows.c.run, rows.c.row)).astype("str")


def _attempts(key: LedgerKey, *which: ColumnElement[bool]) -> Select[Any]:
    """The attempts that count: what was released was never processed."""
    names = ("key", "state", "awb", *TEXTS, "run", "at", "attempt")
    query = select(*(attempts.c[name] for name in names), was_refused(attempts).label("refused"))
    of_key = [attempts.c[name] == value for name, value in asdict(key).items()]
    return query.where(*of_key, attempts.c.state != RELEASED, *which)


def _chunks(connection: Connection, keys: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    for start in range(0, len(keys), CHUNK):
        yield attempts.c.key.in_(texts(connection, keys[start : start + CHUNK]))


def known(connection: Connection, key: LedgerKey, keys: pd.Series[str]) -> pd.DataFrame:
    """See ``Ledger.known``."""
    wanted = keys.drop_duplicates().tolist()
    return _states([frame(connection, _attempts(key, part)) for part in _chunks(connection, wanted)])


def _states(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The newest attempt of each AWB, as callers see it; no AWB stands in two parts."""
    newest = [part.sort_values("attempt").drop_duplicates("key", keep="last") for part in parts if len(part)]
    found = pd.concat(newest) if newest else pd.DataFrame(columns=["key", "state", *KNOWN_COLUMNS])
    found["status"] = found["state"].map({state: str(status) for state, status in STATUS_OF.items()})
    found.loc[found["state"] == OPEN, "remark"] = NOT_YET
    unanswered = [part.loc[(part["state"] == UNKNOWN) & (part["refused"] == 0), "key"] for part in parts]
    refused = (found["state"] == UNKNOWN) & ~found["key"].isin(pd.concat([pd.Series(dtype="str"), *unanswered]))
    return found[KNOWN_COLUMNS].astype("str").assign(refused=refused).set_index(found["key"].astype("str"))


def latest(connection: Connection, key: LedgerKey, keys: Sequence[str]) -> dict[str, Row[Any]]:
    """The newest attempt of each of these AWBs: key, state, awb, remark, refnum, run, at, attempt."""
    found: dict[str, Row[Any]] = {}
    for part in _chunks(connection, keys):
        query = _attempts(key, part).order_by(attempts.c.attempt)
        found |= {line.key: line for line in connection.execute(query)}
    return found


def all_runs(connection: Connection) -> list[RunInfo]:
    """See ``Ledger.runs``."""
    sums = (
        select(calls.c.run, func.count().label("calls"), func.sum(calls.c.sent).label("sent"))
        .group_by(calls.c.run)
        .subquery()
    )
    query = (
        select(runs, sums.c.calls, sums.c.sent)
        .outerjoin(sums, sums.c.run == runs.c.run)
        .order_by(runs.c.started.desc(), runs.c.run.desc())
    )
    return [_run_info(line._mapping) for line in connection.execute(query)]


def _run_info(line: Any) -> RunInfo:
    finished = line["finished"]
    return RunInfo(
        run=line["run"],
        service=line["service"],
        environment=line["environment"],
        action=line["action"],
        command=line["command"],
        started=datetime.fromisoformat(line["started"]),
        finished=datetime.fromisoformat(finished) if finished else None,
        input=line["input"],
        output=line["output"],
        sheet=line["sheet"],
        digest=line["digest"],
        account=line["account"],
        who=line["who"],
        exit_code=line["exit_code"],
        stopped=line["stopped"],
        calls=line["calls"] or 0,
        sent=line["sent"] or 0,
        options=line["options"],
        plan=line["plan"],
    )


def environments_of(connection: Connection, key: LedgerKey, account: str) -> list[str]:
    """See ``Ledger.environments_of``."""
    found: set[str] = set()
    for table in (runs, plans, approval_rules):
        same = (table.c.service == key.service, table.c.action == key.action, table.c.account == account)
        found.update(connection.execute(select(table.c.environment).distinct().where(*same)).scalars())
    return sorted(found)


def nearest(found: Sequence[RunInfo], name: str) -> list[RunInfo]:
    """The runs whose names look like a mistyped one; the newest ones where none does."""
    names = get_close_matches(name, [run.run for run in found], n=3)
    return [run for run in found if run.run in names] or list(found)


def find_rows(connection: Connection, text: str, most: int) -> pd.DataFrame:
    """See ``Ledger.find_rows``."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    fits = [rows.c[name].ilike(f"%{escaped}%", escape="\\") for name in ("awb", "order_ref")]
    shown = (rows.c.awb, rows.c.order_ref, rows.c.status, rows.c.remark, runs.c.run, runs.c.plan, runs.c.who)
    query = select(*shown, runs.c.started, runs.c.environment).join(runs, runs.c.run == rows.c.run)
    return frame(connection, query.where(or_(*fits)).order_by(runs.c.started.desc(), rows.c.row).limit(most))


def count_calls(connection: Connection, run: str) -> int:
    """See ``Ledger.count_calls``."""
    return int(connection.execute(select(func.count()).select_from(calls).where(calls.c.run == run)).scalar_one())


FOUND = (
    attempts.c.awb,
    history.c.at,
    history.c.state,
    *(history.c[name] for name in TEXTS),
    attempts.c.call,
    calls.c.began.label("sent_at"),
    attempts.c.run.label("sent_by_run"),
)
FROM_FILE = (runs.c.input.label("file"), runs.c.digest.label("file_sha256"))
"""What an entry of the history says: of its AWB and call; and the file of the run that wrote it down."""


def history_entries(columns: Sequence[ColumnElement[Any]], *which: ColumnElement[bool]) -> Select[Any]:
    """The entries of the history, in their order, with their attempt, its call, and the run that found each."""
    return (
        select(*columns)
        .join(attempts, attempts.c.attempt == history.c.attempt)
        .join(calls, calls.c.call == attempts.c.call)
        .join(runs, runs.c.run == history.c.run)
        .where(*which)
        .order_by(history.c.entry)
    )


def audit(connection: Connection, run: str) -> pd.DataFrame:
    """See ``Ledger.audit``: an entry for each thing that this run wrote down about an AWB."""
    columns = (*FOUND, runs.c.who, runs.c.environment, runs.c.account, *FROM_FILE)
    entries = frame(connection, history_entries(columns, history.c.run == run))
    places = frame(connection, select(rows.c.awb, rows.c.row).where(rows.c.run == run).order_by(rows.c.row))
    where = places["row"].astype("str").groupby(places["awb"]).agg(" ".join)
    entries["rows"] = where.reindex(entries["awb"]).astype("str").fillna("").to_numpy()
    return entries
