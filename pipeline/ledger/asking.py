"""What the ledger is asked: the latest state of AWBs, the runs, what auditors want to see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, select

from pipeline.ledger.tables import FAILED, OPEN, RELEASED, SUCCESS, UNKNOWN, attempts, calls, history, rows, runs
from pipeline.model import RunInfo
from schemas.annotated import Status

CHUNK = 10_000
"""Keys in one question: below SQLite's limit of 32,766 variables (sqlite.org/limits.html, read 2026-11)."""

FEW = 50_000
"""Up to this many keys are asked for by name; above, everything of the environment is read once."""

STATUS_OF = {SUCCESS: Status.SUCCESS, FAILED: Status.FAILED, UNKNOWN: Status.UNKNOWN, OPEN: Status.UNKNOWN}
KNOWN_COLUMNS = ["awb", "status", "remark", "refnum", "run", "at"]


def frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """A query's rows as columns."""
    result = connection.execute(query)
    return pd.DataFrame(result.all(), columns=list(result.keys()))


def _latest(environment: str) -> Select[Any]:
    """The newest attempt of each AWB that was not released."""
    return (
        select(attempts.c.key, func.max(attempts.c.attempt).label("attempt"))
        .where(attempts.c.environment == environment, attempts.c.state != RELEASED)
        .group_by(attempts.c.key)
    )


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def known(connection: Connection, environment: str, keys: pd.Series[str]) -> pd.DataFrame:
    """See ``Ledger.known``."""
    wanted = keys.drop_duplicates()
    if len(wanted) <= FEW:
        names = [str(key) for key in wanted]
        parts = [_states(connection, _latest(environment).where(attempts.c.key.in_(part))) for part in _chunks(names)]
    else:
        everything = _states(connection, _latest(environment))
        parts = [everything[everything["key"].isin(wanted)]]
    found = pd.concat(parts) if parts else pd.DataFrame(columns=["key", "state", *KNOWN_COLUMNS])
    found["status"] = found["state"].map({state: str(status) for state, status in STATUS_OF.items()})
    found.loc[found["state"] == OPEN, "remark"] = "Sent by a run that has no answer yet."
    return found.set_index("key")[KNOWN_COLUMNS].astype("str")


def _states(connection: Connection, latest: Select[Any]) -> pd.DataFrame:
    newest = latest.subquery()
    columns = [getattr(attempts.c, name) for name in ("key", "state", "awb", "remark", "refnum", "run", "at")]
    return frame(connection, select(*columns).join(newest, attempts.c.attempt == newest.c.attempt))


def latest_states(connection: Connection, environment: str, keys: Sequence[str]) -> set[str]:
    """The states that these AWBs are in."""
    newest = _latest(environment).where(attempts.c.key.in_(keys)).subquery()
    query = select(attempts.c.state).join(newest, attempts.c.attempt == newest.c.attempt)
    return set(connection.execute(query).scalars())


def latest_attempts(connection: Connection, environment: str, keys: Iterable[str]) -> dict[str, int]:
    """The number of the newest attempt of each of these AWBs."""
    found: dict[str, int] = {}
    for part in _chunks(list(keys)):
        for key, attempt in connection.execute(_latest(environment).where(attempts.c.key.in_(part))):
            found[key] = attempt
    return found


def all_runs(connection: Connection) -> list[RunInfo]:
    """See ``Ledger.runs``."""
    sums = select(calls.c.run, func.count().label("calls")).group_by(calls.c.run).subquery()
    sent = (
        select(attempts.c.run, func.count(func.distinct(attempts.c.key)).label("sent"))
        .where(attempts.c.state != RELEASED)
        .group_by(attempts.c.run)
        .subquery()
    )
    query = (
        select(runs, sums.c.calls, sent.c.sent)
        .outerjoin(sums, sums.c.run == runs.c.run)
        .outerjoin(sent, sent.c.run == runs.c.run)
        .order_by(runs.c.started.desc())
    )
    return [_run_info(line._mapping) for line in connection.execute(query)]


def _run_info(line: Any) -> RunInfo:
    finished = line["finished"]
    return RunInfo(
        run=line["run"],
        environment=line["environment"],
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
    )


def audit(connection: Connection, run: str) -> pd.DataFrame:
    """See ``Ledger.audit``: an entry for each thing that this run wrote down about an AWB."""
    query = (
        select(
            attempts.c.awb,
            history.c.at,
            history.c.state,
            history.c.remark,
            history.c.refnum,
            attempts.c.call,
            calls.c.began.label("sent_at"),
            attempts.c.run.label("sent_by_run"),
            runs.c.who,
            runs.c.environment,
            runs.c.account,
            runs.c.input.label("file"),
            runs.c.digest.label("file_sha256"),
        )
        .join(attempts, attempts.c.attempt == history.c.attempt)
        .join(calls, calls.c.call == attempts.c.call)
        .join(runs, runs.c.run == history.c.run)
        .where(history.c.run == run)
        .order_by(history.c.entry)
    )
    entries = frame(connection, query)
    places = frame(connection, select(rows.c.awb, rows.c.row).where(rows.c.run == run))
    where = places.groupby("awb")["row"].agg(lambda found: " ".join(str(row) for row in sorted(found)))
    entries["rows"] = entries["awb"].map(where).fillna("")
    return entries
