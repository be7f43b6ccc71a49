"""The queue of plans: DBOS on SQLite, in this process; it opens no port and calls nobody."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from pipeline.settings import Settings
from pipeline.worker.live import LiveFigures, LiveRun
from pipeline.worker.work import Came, done

QUEUE = "cancel"
APPLICATION = "1"
"""Of the steps below: a queue that a newer one with other steps finds is not gone on with."""

LOOKED_AT_EVERY = 0.2
"""Seconds between two looks into the queue."""

OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass(frozen=True, slots=True)
class TaskState:
    """How one task stands: waiting, running, or over with what came of it."""

    kind: str  # send, look up, write
    waiting: bool
    running: bool
    figures: LiveFigures | None = None
    came: Came | None = None


class PlanQueue:
    """Tasks of one environment and account, one after the other; one queue a process.

    Args:
        folder: where the queue's file lies; the folder is its owner's alone.
        settings: whose plans these are; a queue of other ones is left alone.
        who: the person, for the ledger.
    """

    def __init__(self, folder: Path, settings: Settings, who: str) -> None:
        self._settings, self._who = settings, who
        self._runs: dict[str, LiveRun] = {}
        self._lock = Lock()
        self._partition = self._name()
        self._file = folder / "queue.db"

    def start(self) -> None:
        """Starts; what an earlier process left is gone on with at once."""
        from dbos import DBOS

        old = os.umask(0o077)
        try:
            DBOS(
                config={
                    "name": "bulk-cancel",
                    "system_database_url": f"sqlite:///{self._file}",
                    "executor_id": f"page-{self._partition}",
                    "application_version": APPLICATION,
                    "enable_otlp": False,
                    "console_log_level": "CRITICAL",
                    "log_level": "CRITICAL",
                }
            )

            def step(task: str, kind: str, of: str) -> Came:
                return self._work(task, kind, of)  # a method can't be a step: DBOS writes into the function

            work = DBOS.step(name="work")(step)

            def run(task: str, kind: str, of: str) -> Came:
                came: Came = work(task, kind, of)  # one step, which is safe to repeat
                return came

            self._workflow = DBOS.workflow(name="task")(run)
            DBOS.launch()
        finally:
            os.umask(old)
        DBOS.register_queue(QUEUE, partition_concurrency=1, polling_interval_sec=LOOKED_AT_EVERY)

    def close(self, patience: float) -> None:
        """Ends after the call in flight; waits for that so many seconds at most."""
        from dbos import DBOS

        with self._lock:
            for live in self._runs.values():
                live.stop.set()
        DBOS.destroy(workflow_completion_timeout_sec=int(patience))

    def add(self, task: str, kind: str, of: str) -> None:
        """Puts a task into the queue, unless it is there already.

        Args:
            task: its name, by which it is known again; ``PLAN`` or ``PLAN.2``.
            kind: one of ``work.JOBS``.
            of: the plan, file or run.
        """
        from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

        with SetWorkflowID(task), SetEnqueueOptions(queue_partition_key=self._partition):
            DBOS.enqueue_workflow(QUEUE, self._workflow, task, kind, of)

    def stop(self, task: str) -> bool:
        """Ends a task after the call in flight; whether there was one at work."""
        with self._lock:
            live = self._runs.get(task)
        if live is not None:
            live.stop.set()
        return live is not None

    def state(self, task: str) -> TaskState | None:
        """How a task stands; None where there is none of that name."""
        from dbos import DBOS

        found = DBOS.list_workflows(workflow_ids=[task], load_input=True, load_output=True)
        if not found:
            return None
        said = found[0]
        kind = str(said.input["args"][1]) if said.input else ""
        if said.status in OVER:
            came: Came = said.output if isinstance(said.output, dict) else {"trouble": str(said.error or said.status)}
            return TaskState(kind, waiting=False, running=False, came=came)
        with self._lock:
            live = self._runs.get(task)
        return TaskState(kind, waiting=live is None, running=live is not None, figures=live.figures() if live else None)

    def newest(self, name: str) -> tuple[str, TaskState] | None:
        """The newest task of a plan, with its name; None where it has none."""
        from dbos import DBOS

        found = DBOS.list_workflows(workflow_id_prefix=name, sort_desc=True, load_input=False, load_output=False)
        mine = [one.workflow_id for one in found if one.workflow_id.partition(".")[0] == name]
        state = self.state(mine[0]) if mine else None
        return (mine[0], state) if state is not None else None

    def _work(self, task: str, kind: str, of: str) -> Came:
        live = LiveRun()
        with self._lock:
            self._runs[task] = live
        try:
            return done(kind, of, self._settings, self._who, live)
        finally:
            with self._lock:
                self._runs.pop(task, None)

    def _name(self) -> str:
        """Of the environment and account, in a form that is no path and no address."""
        said = repr((asdict(self._settings.ledger_key), self._settings.account))
        return hashlib.sha256(said.encode()).hexdigest()[:12]
