"""The statements that stand between two calls: made once, as making a statement takes longer than its work."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Exists,
    FromClause,
    Insert,
    Select,
    String,
    and_,
    bindparam,
    exists,
    insert,
    select,
    update,
)

from pipeline.ledger.schema import RELEASED, UNKNOWN, attempts, calls, history, refusals
from schemas.annotated import TEXTS

HISTORY_COLUMNS = ["attempt", "run", "at", "state", *TEXTS]


def _append(which: ColumnElement[bool]) -> Insert:
    """Adds the history's entry of each attempt ``which``, as it stands ``now``, found ``by`` a run."""
    columns = [attempts.c.attempt, bindparam("by", type_=String), bindparam("now", type_=String)]
    stands = select(*columns, attempts.c.state, *(attempts.c[name] for name in TEXTS)).where(which)
    return insert(history).from_select(HISTORY_COLUMNS, stands)


def _left_in_doubt() -> Select[tuple[str]]:
    """An AWB of a call whose last attempt before it is Unknown, but for one whose call was refused."""
    mine, before, between = attempts.alias("mine"), attempts.alias("before"), attempts.alias("between")
    since = (
        exists()
        .where(_same_awb(between, mine))
        .where(between.c.state != RELEASED, ~was_refused(between))
        .where(between.c.attempt > before.c.attempt, between.c.attempt < mine.c.attempt)
    )
    earlier = select(before.c.awb).join(mine, _same_awb(before, mine) & (before.c.attempt < mine.c.attempt))
    return earlier.where(
        mine.c.call == bindparam("of_call"), before.c.state == UNKNOWN, ~since, ~was_refused(before)
    ).limit(1)


def was_refused(one: FromClause) -> Exists:
    """Whether the call of an attempt was refused as a whole."""
    return exists().where(refusals.c.call == one.c.call)


def _same_awb(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in ("key", "service", "environment", "action")))


CALL = insert(calls)
REFUSAL = insert(refusals)
CALLED = select(calls.c.run, calls.c.awbs, calls.c.settled).where(calls.c.call == bindparam("of_call"))
DOUBTFUL = _left_in_doubt()
CALL_ENDED = (
    update(calls)
    .where(calls.c.call == bindparam("of_call"))
    .values({name: bindparam(name) for name in ("settled", "elapsed", "note", "sent")})
)
APPEND_CALL = _append(attempts.c.call == bindparam("of_call"))
APPEND_ONE = _append(attempts.c.attempt == bindparam("of_attempt"))
