"""The whole job, stage by stage: load, check, pick, plan, confirm, send, look up, give back, report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import random
from threading import Event

import pandas as pd

from pipeline.client import Client
from pipeline.job import Job, Screen
from pipeline.ledger import Ledger
from pipeline.model.calls import Outcome, Tracked
from pipeline.model.keys import among, by_key
from pipeline.planning.plan import FATE, Decided, settle_rows
from pipeline.report.summary import Summary
from pipeline.sending.lookup import NOTHING_FOUND, Asker, settle, verify
from pipeline.sending.pacing import CALLS_PER_SECOND, Pacer, backoff
from pipeline.sending.send import Sender, Sent, cancel
from pipeline.services.sandbox import Sandbox
from pipeline.settings import Environment, Settings
from pipeline.sheets import PLAIN_SUFFIX, why_not_patched
from pipeline.sifting import sift
from pipeline.work import Ending, Work
from pipeline.writing.target import choose_target
from schemas.annotated import Status

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection (docs/contract-ithink.md)."""


def cancel_orders(job: Job, settings: Settings, screen: Screen, stop: Event) -> Summary:
    """Cancels what the sheet says must not go out, and gives the sheet back with what became of each row.

    Raises:
        PipelineError: it could not start, and nothing was sent; or the sheet could not be written at the end: the
            message says how to write it later.
    """
    with ExitStack() as things:
        work = open_work(job, settings, screen, things, infix="annotated", alone=True)
        decided = work.decide()
        screen.forecast(work.forecast(decided))
        work.check(decided)
        screen.confirm(settings, decided.plan.awbs)
        run = work.start_run("cancel")
        things.enter_context(work.under_way())
        client = things.enter_context(open_client(work))
        if look_up(work, client, run, work.in_doubt(decided), stop).settled:
            decided = work.decide()  # what tracking settled is not sent again
        sent = _send(work, client, run, decided, stop)
        rows = settle_rows(decided, sent.outcomes, _why_not(sent))
        rows = take_in(rows, look_up(work, client, run, doubts_among(rows, sent.keys), stop).settled)
        return work.give_back(rows, run, Ending(sent.stopped, sent.interrupted, sent.calls, sent.keys))


def plan_orders(job: Job, settings: Settings, screen: Screen) -> Summary:
    """The same job stopped before the first call: shows and writes what would happen; opens no socket."""
    with ExitStack() as things:
        work = open_work(job, settings, screen, things, infix="plan", alone=False)
        decided = work.decide()
        screen.forecast(work.forecast(decided, acts=False))
        if work.sifted.question:
            screen.warn(f"{work.sifted.question}. `cancel` would stop here and send nothing.")
        return work.give_back(decided.rows, "")


# --- the parts --------------------------------------------------------------------------------------------------------


def open_work(job: Job, settings: Settings, screen: Screen, things: ExitStack, *, infix: str, alone: bool) -> Work:
    """Reads the sheet, opens the ledger, and finds out where the output can go: all before anything is sent."""
    sifted = sift(job.input, job.said, screen.say)
    ledger = things.enter_context(Ledger.open(settings.ledger))
    if alone:
        things.enter_context(ledger.hold(settings.ledger_key))
    suffix = "" if infix == "plan" or settings.environment is Environment.PRODUCTION else f".{settings.environment}"
    plain = why_not_patched(sifted.place)
    if plain:
        screen.warn(f"{plain} The result comes as CSV beside it.")
    kind = PLAIN_SUFFIX[1:] if plain else sifted.place.format
    target = choose_target(job.input, kind, infix + suffix, job.output, ledger.last_written)
    return Work(job, settings, ledger, screen, sifted, target, _pacer(job, settings))


@contextmanager
def open_client(work: Work) -> Iterator[Client]:
    """The service of the environment; in the sandbox the built-in one, which lives as long as the run."""
    settings = work.settings
    with ExitStack() as things:
        service = settings.service
        if service is None:
            picked = work.sifted.gathered.picked
            refs = dict(zip(picked["awb"].tolist(), picked["order_ref"].tolist(), strict=True))
            service = things.enter_context(Sandbox(refs=refs)).service
        timeout = (CONNECT_TIMEOUT, settings.timeout)
        yield Client(service, timeout=timeout, trust_order=settings.trust_order, user_agent=settings.user_agent)


def _pacer(job: Job, settings: Settings) -> Pacer:
    default = math.inf if settings.environment is Environment.SANDBOX else CALLS_PER_SECOND
    return Pacer(default if job.rate is None else job.rate)


def _send(work: Work, client: Client, run: str, decided: Decided, stop: Event) -> Sent:
    sender = Sender(client.cancel, work.pacer, _wait_after, client.pause, work.job.workers)
    with work.screen.sending(decided.plan.awbs) as watcher:
        return cancel(decided.plan, run, work.ledger, sender, watcher, stop, decided.doubtful)


def _wait_after(tries: int) -> float:
    return backoff(tries, random())  # noqa: S311 - chance spreads the knocks, it hides nothing


def _why_not(sent: Sent) -> str:
    if sent.interrupted:
        return "interrupted before its turn; run the same command again to go on"
    return f"the run stopped first: {sent.stopped}; run the same command again to go on"


@dataclass(frozen=True, slots=True)
class Found:
    """What tracking said, and what of it was written down."""

    tracked: Sequence[Tracked] = ()
    settled: Sequence[Outcome] = ()

    def words(self, keys: pd.Series[str]) -> pd.Series[str]:
        """The ``verified`` column: what tracking says of each row's AWB."""
        said = {tracked.awb.upper(): tracked.words or NOTHING_FOUND for tracked in self.tracked}
        return keys.map(said).fillna("").astype("str")


def look_up(work: Work, client: Client, run: str, asked: pd.DataFrame, stop: Event) -> Found:
    """Asks tracking about AWBs (index the key; awb, status, remark, refnum); writes down what it settles."""
    if asked.empty or stop.is_set():
        return Found()
    with work.screen.looking_up(len(asked)) as looked_up:
        tracked = verify(asked["awb"].tolist(), Asker(client.track, work.pacer, client.pause, looked_up), stop)
    settled = settle(asked, tracked, f"{datetime.now(UTC):%Y-%m-%d}")
    work.ledger.confirm(run, work.settings.ledger_key, settled)
    return Found(tracked, settled)


def doubts_among(rows: pd.DataFrame, keys: pd.Index[str]) -> pd.DataFrame:
    """The Unknown AWBs that this run sent, each once, index the key."""
    unknown = rows[rows["status"] == str(Status.UNKNOWN)]
    return unknown[among(unknown["key"], keys)].drop_duplicates("key").set_index("key")


def take_in(rows: pd.DataFrame, settled: Sequence[Outcome]) -> pd.DataFrame:
    """The rows with what was found out of their AWBs afterwards."""
    if not settled:
        return rows
    found = by_key(settled).reindex(rows["key"].to_numpy()).set_axis(rows.index)
    return rows.assign(**{name: found[name].fillna(rows[name]) for name in FATE})
