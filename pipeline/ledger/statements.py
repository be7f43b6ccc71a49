"""What is said to the database between two calls: made once, as making a statement takes longer than its work."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Insert, Select, String, bindparam, exists, insert, select, update

from pipeline.ledger.schema import RELEASED, UNKNOWN, attempts, calls, history, outputs, rows, runs

HISTORY_COLUMNS = ["attempt", "run", "at", "state", "remark", "refnum"]


def _append(which: ColumnElement[bool]) -> Insert:
    """Adds the history's entry of each attempt ``which``, as it stands ``now``, found ``by`` a run."""
    columns = [attempts.c.attempt, bindparam("by", type_=String), bindparam("now", type_=String)]
    stands = select(*columns, attempts.c.state, attempts.c.remark, attempts.c.refnum).where(which)
    return insert(history).from_select(HISTORY_COLUMNS, stands)


def _left_in_doubt() -> Select[tuple[str]]:
    """An AWB of a call whose last attempt before it is Unknown."""
    mine, before, between = attempts.alias("mine"), attempts.alias("before"), attempts.alias("between")
    same = (before.c.environment == mine.c.environment) & (before.c.key == mine.c.key)
    since = (
        exists()
        .where(between.c.environment == mine.c.environment, between.c.key == mine.c.key)
        .where(between.c.state != RELEASED, between.c.attempt > before.c.attempt, between.c.attempt < mine.c.attempt)
    )
    earlier = select(before.c.awb).join(mine, same & (before.c.attempt < mine.c.attempt))
    return earlier.where(mine.c.call == bindparam("of_call"), before.c.state == UNKNOWN, ~since).limit(1)


ATTEMPT, ROW, OUTPUT, CALL = insert(attempts), insert(rows), insert(outputs), insert(calls)
ENVIRONMENT = select(runs.c.environment).where(runs.c.run == bindparam("of_run"))
CALLED = select(calls.c.run, calls.c.awbs, calls.c.settled).where(calls.c.call == bindparam("of_call"))
DOUBTFUL = _left_in_doubt()
CALL_ENDED = (
    update(calls)
    .where(calls.c.call == bindparam("of_call"))
    .values({name: bindparam(name) for name in ("settled", "elapsed", "note", "sent")})
)
APPEND_CALL = _append(attempts.c.call == bindparam("of_call"))
APPEND_ONE = _append(attempts.c.attempt == bindparam("of_attempt"))
SETTLE = (
    update(attempts)
    .where(attempts.c.call == bindparam("of_call"), attempts.c.key == bindparam("of_key"))
    .values({name: bindparam(name) for name in ("state", "remark", "refnum", "at")})
)
SETTLE_TOGETHER = (
    "UPDATE attempts SET state = said.column1, remark = said.column2, refnum = said.column3, at = said.column4 "
    "FROM (VALUES (?, ?, ?, ?, ?)) AS said WHERE attempts.call = ? AND attempts.key = said.column5"
)
"""The same for SQLite, and for many attempts at once: ``bulk`` repeats the values."""
