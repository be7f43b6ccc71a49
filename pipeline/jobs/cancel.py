"""Carries a prepared plan out: look up what is in doubt, send, look up again; every step is in the ledger first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import random
from threading import Event

import pandas as pd

from pipeline.errors import BrokenOffError, PipelineError, problem_of
from pipeline.jobs.executed import Executed
from pipeline.jobs.lookup import LookedUp, doubts_among, look_up, take_in
from pipeline.jobs.prepare import Prepared
from pipeline.jobs.sealing import approved, seal
from pipeline.model.progress import Reporter
from pipeline.model.runs import Environment
from pipeline.planning.plan import settle_rows
from pipeline.sending.pacing import CALLS_PER_SECOND, Pacer, backoff, pause
from pipeline.sending.send import Assignment, Sender, Sent, cancel
from pipeline.services.contract import Courier


def execute(prepared: Prepared, courier: Courier, reporter: Reporter, stop: Event) -> Executed:
    """Sends what was planned, and only that; what the ledger has settled since is left out.

    Args:
        prepared: the plan; the person has agreed to it.
        courier: the service.
        reporter: told of each call.
        stop: set by Ctrl-C: the call in flight is finished, nothing more goes out.
    Raises:
        LedgerError: another run is at work, or the ledger can't be written; nothing goes out after that.
        UsageError: another person has to approve the plan first.
    """
    prepared = seal(approved(prepared))
    with prepared.ledger.hold(prepared.settings.ledger_key):
        run = prepared.ledger.start_run(prepared.run_start(prepared.settings.action))
        with under_way(prepared, run):
            pacer = pacer_for(prepared)
            prepared = _without_settled(prepared, run, courier, pacer, reporter, stop)
            sent = _send(prepared, run, courier, pacer, reporter, stop)
            return _ended(prepared, run, sent, lambda it: look_up(prepared, run, it, courier, pacer, reporter, stop))


def _without_settled(
    prepared: Prepared, run: str, courier: Courier, pacer: Pacer, reporter: Reporter, stop: Event
) -> Prepared:
    """The plan without what is settled by now: since it was made, or by looking up what was in doubt."""
    latest = prepared.decided_anew() if prepared.ledger.last_entry() != prepared.decided_at else prepared
    if not latest.decided.any_in_doubt:
        return latest
    in_doubt = latest.in_doubt()
    found = look_up(latest, run, in_doubt, courier, pacer, reporter, stop)
    return latest.decided_anew(found.unknown_to_tracking) if found.settled or in_doubt["refused"].any() else latest


def _send(prepared: Prepared, run: str, courier: Courier, pacer: Pacer, reporter: Reporter, stop: Event) -> Sent:
    sender = Sender(courier, pacer, _wait_after, pause, prepared.request.pace.workers)
    with reporter.sending(prepared.awbs) as progress:
        decided = prepared.decided
        given = Assignment(decided.plan, run, prepared.settings.ledger_key, decided.doubtful)
        return cancel(given, prepared.ledger, sender, progress, stop)


def _ended(prepared: Prepared, run: str, sent: Sent, ask: Callable[[pd.DataFrame], LookedUp]) -> Executed:
    """What became of each row; a fault in looking up or writing that down stops the run, and what is known is told."""
    rows, stopped = settle_rows(prepared.decided, sent.outcomes, _why_not(sent)), sent.stopped
    try:
        if not sent.keys_refused:  # tracking takes the same keys
            rows = take_in(rows, ask(doubts_among(rows, sent.keys)).settled)
        prepared.ledger.record_rows(run, rows)
    except Exception as error:
        stopped = stopped or f"what was sent could not be looked up and written down whole: {problem_of(error)}"
    return Executed(prepared, run, rows, stopped, sent.interrupted, sent.calls, sent.keys)


def pacer_for(prepared: Prepared) -> Pacer:
    """The pace of all calls of a command."""
    sandboxed = prepared.settings.environment is Environment.SANDBOX
    default = math.inf if sandboxed else prepared.settings.calls_per_second or CALLS_PER_SECOND
    return Pacer(default if prepared.request.pace.rate is None else prepared.request.pace.rate)


def _wait_after(tries: int) -> float:
    return backoff(tries, random())  # noqa: S311 - chance spreads the tries of many runs, it hides nothing


def _why_not(sent: Sent) -> str:
    if sent.interrupted:
        return "interrupted before its turn; run the same command again to go on"
    return f"the run stopped first: {sent.stopped}; run the same command again to go on"


@contextmanager
def under_way(prepared: Prepared, run: str) -> Iterator[None]:
    """From here on something may have been sent, whatever the error says by itself.

    Another ledger would know nothing of this run: that is the one way to send twice, so none is offered.

    Raises:
        BrokenOffError: whatever else went wrong.
    """
    try:
        yield
    except PipelineError as error:
        raise BrokenOffError(
            error.problem,
            "The run ended there and sent nothing more. Mend this, keep the ledger where it is, and run the same "
            "command again: AWBs whose answer was not written down are Unknown, and are looked up first.",
            where=error.where,
        ) from error
    except Exception as error:  # ours; but a person must learn what was sent
        raise BrokenOffError(
            f"The run broke off, by {problem_of(error)}",
            f"What was done is in the ledger: `{prepared.annotate_command(run)}` writes the sheet. The same command "
            "goes on: AWBs whose answer was not written down are Unknown, and are looked up first.",
            where=prepared.request.input.name,
        ) from error
