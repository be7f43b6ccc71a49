"""What is written into the ledger, in the transaction of the fact: a run, a call, its answers, tracking's proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, insert, literal, select, update

from pipeline.errors import LedgerError
from pipeline.ledger import queries, statements
from pipeline.ledger.bulk import insert_each, insert_many, settle_many
from pipeline.ledger.schema import (
    FAILED,
    MAY_BECOME,
    OPEN,
    RELEASED,
    SUCCESS,
    UNKNOWN,
    attempts,
    calls,
    history,
    outputs,
    rows,
    runs,
)
from pipeline.model.amounts import exact_amounts
from pipeline.model.calls import Batch, Outcome
from pipeline.model.runs import LedgerKey
from schemas.annotated import ADDED_COLUMNS, TEXTS, Status

STATE_OF = {
    Status.SUCCESS: SUCCESS,
    Status.FAILED: FAILED,
    Status.UNKNOWN: UNKNOWN,
    Status.NOT_SENT: RELEASED,
}
"""How an outcome is kept."""

PROVEN_FROM = {SUCCESS: (UNKNOWN, FAILED), UNKNOWN: (UNKNOWN,)}
"""What tracking may find, and of AWBs in which states."""

NO_ANSWER = "The run that sent it ended before its answer came. The shipment may be cancelled."
"""The remark of an AWB whose call was under way when its run was killed."""

ATTEMPT = ("call", "run", "service", "environment", "action", "key", "awb", "state", "at")
"""What is known of an attempt when it goes out."""

_texts = attrgetter(*TEXTS)

ROWS_AT_ONCE = 50_000
"""Rows handed to the database at once; one transaction all the same."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """What is known of a run before its first call; ``account`` is a digest of the token, never the token."""

    key: LedgerKey
    command: str
    input: str
    sheet: str
    digest: str
    account: str
    who: str
    options: str = "{}"
    plan: str = ""


def start_run(connection: Connection, run: str, start: RunStart, now: str) -> None:
    """Writes the run down; the lease is written beside it (``leases.take``)."""
    connection.execute(
        insert(runs).values(
            run=run,
            started=now,
            **asdict(start.key),
            command=start.command,
            input=start.input,
            sheet=start.sheet,
            digest=start.digest,
            account=start.account,
            who=start.who,
            options=start.options,
            plan=start.plan,
        )
    )


def mark_lost(connection: Connection, run: str, over: Sequence[str], now: str) -> None:
    """Declares Unknown what earlier runs left without an answer.

    Args:
        connection: in a transaction.
        run: the run that found it out.
        over: the runs whose leases are over.
        now: the time.
    """
    unsettled = select(calls.c.call).where(calls.c.run.in_(over), calls.c.settled.is_(None))
    left = attempts.c.call.in_(unsettled) & (attempts.c.state == OPEN)
    found = select(
        attempts.c.attempt, *_constants(run, now, UNKNOWN, NO_ANSWER), *(attempts.c[name] for name in TEXTS[1:])
    ).where(left)
    connection.execute(insert(history).from_select(statements.HISTORY_COLUMNS, found))
    connection.execute(update(attempts).where(left).values(state=UNKNOWN, remark=NO_ANSWER, at=now))


def begin(connection: Connection, run: str, key: LedgerKey, batch: Batch, *, resend: bool, now: str) -> int:
    """See ``Ledger.begin``."""
    size = len(batch.items)
    made = connection.execute(statements.CALL, {"run": run, "began": now, "awbs": size, "sent": size})
    (call,) = made.inserted_primary_key or (0,)
    of_call = (call, run, key.service, key.environment, key.action)
    lines = [(*of_call, item.key, item.awb, OPEN, now) for item in batch.items]
    insert_many(connection, attempts, ATTEMPT, lines)
    connection.execute(statements.APPEND_CALL, {"of_call": call, "by": run, "now": now})
    if not resend:
        _refuse_doubtful(connection, call)
    return int(call)


def _refuse_doubtful(connection: Connection, call: int) -> None:
    """Raises where an AWB of the call is in doubt since its last attempt; what the call wrote is taken back then."""
    doubtful = connection.execute(statements.DOUBTFUL, {"of_call": call}).scalar()
    if doubtful is not None:
        raise LedgerError(
            f"AWB {doubtful} of the next call is in doubt",
            "Nothing of it was sent: only --resend-unknown does that.",
        )


def settle(
    connection: Connection,
    call: int,
    outcomes: Sequence[Outcome],
    *,
    note: str,
    elapsed: float,
    refused: bool,
    now: str,
) -> None:
    """See ``Ledger.settle``."""
    found = connection.execute(statements.CALLED, {"of_call": call}).one()
    if found.settled is not None:
        raise LedgerError(f"Call {call} is settled already", "What was found then stands.")
    states = [STATE_OF[outcome.status] for outcome in outcomes]
    lines = [
        (outcome.awb.upper(), state, *_texts(outcome), now) for state, outcome in zip(states, outcomes, strict=True)
    ]
    named = len({line[0] for line in lines})
    if not len(lines) == named == found.awbs or settle_many(connection, call, lines) != named:
        raise ValueError(f"call {call} carried {found.awbs} AWBs; the {len(lines)} outcomes are not theirs")
    connection.execute(statements.APPEND_CALL, {"of_call": call, "by": found.run, "now": now})
    sent = len(states) - states.count(RELEASED)
    ended = {"settled": now, "elapsed": round(elapsed, 4), "note": note, "sent": sent}
    connection.execute(statements.CALL_ENDED, {"of_call": call, **ended})
    if refused:
        connection.execute(statements.REFUSAL, {"call": call, "at": now})


def confirm(connection: Connection, run: str, key: LedgerKey, outcomes: Sequence[Outcome], now: str) -> None:
    """See ``Ledger.confirm``."""
    latest = queries.latest(connection, key, [outcome.awb.upper() for outcome in outcomes])
    for outcome in outcomes:
        state, before = STATE_OF[outcome.status], latest.get(outcome.awb.upper())
        if before is None or before.state not in PROVEN_FROM.get(state, ()):
            continue
        one = attempts.c.attempt == before.attempt
        kept = {name: getattr(outcome, name) or getattr(before, name) for name in TEXTS}
        found = {**kept, "state": state, "remark": outcome.remark, "at": now}
        connection.execute(update(attempts).where(one).values(**found))
        connection.execute(statements.APPEND_ONE, {"of_attempt": before.attempt, "by": run, "now": now})


def record_rows(connection: Connection, run: str, fates: pd.DataFrame) -> None:
    """See ``Ledger.record_rows``."""
    names = ("awb", "order_ref", *ADDED_COLUMNS, "amount")
    amounts = exact_amounts(fates["amount"]) if "amount" in fates else ""
    fates = fates[list(names[:-1])].assign(amount=amounts)
    for start in range(0, len(fates), ROWS_AT_ONCE):
        part = fates.iloc[start : start + ROWS_AT_ONCE]
        columns = [[run] * len(part), part.index.tolist(), *(part[name].tolist() for name in names)]
        insert_each(connection, rows, ("run", "row", *names), list(zip(*columns, strict=True)))


def finish(connection: Connection, run: str, ended: dict[str, Any], now: str) -> None:
    """See ``Ledger.finish``."""
    connection.execute(update(runs).where(runs.c.run == run).values(finished=now, **ended))


def wrote(connection: Connection, files: dict[Path, str], now: str) -> None:
    """See ``Ledger.wrote``."""
    lines = [(str(path.absolute()), digest, now) for path, digest in files.items()]
    insert_many(connection, outputs, ("path", "digest", "at"), lines)


def _constants(*texts: str) -> list[ColumnElement[str]]:
    return [literal(text) for text in texts]


assert all(after in MAY_BECOME[before] for after, states in PROVEN_FROM.items() for before in states)  # noqa: S101
