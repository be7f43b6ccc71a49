"""What a worker does with one plan: go on with it, look up what is in doubt, write its sheet again. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline import __version__
from pipeline.errors import PipelineError
from pipeline.jobs.cancel import execute
from pipeline.jobs.deliver import Delivered, deliver, deliver_again
from pipeline.jobs.planned import opened_plan
from pipeline.jobs.prepare import courier_for
from pipeline.jobs.request import Request
from pipeline.jobs.rewrite import executed_before
from pipeline.jobs.sealing import approved
from pipeline.jobs.verify import opened_as_run, verify_orders
from pipeline.settings import Settings
from pipeline.worker.live import LiveRun

Came = dict[str, str]
"""What came of it: ``run`` and ``notes``, or ``trouble``; kept by the queue."""

Job = Callable[[str, Settings, str, LiveRun], Delivered]


def go_on(plan: str, settings: Settings, who: str, live: LiveRun) -> Delivered:
    """Sends what is left of a sealed plan; the ledger says what that is. Raises PipelineError."""
    request = Request(input=Path(), who=who, version=__version__)
    with opened_plan(plan, request, settings, live) as planned:
        prepared = approved(planned.prepared)
        with courier_for(prepared) as courier:
            executed = execute(prepared, courier, live, live.stop)
        return planned.delivered(executed)


def look_up(source: str, settings: Settings, who: str, live: LiveRun) -> Delivered:
    """Looks up the AWBs in doubt of a file's last run, and writes its sheet again. Raises PipelineError."""
    request = Request(input=Path(source), who=who, version=__version__)
    with opened_as_run(request, settings, live) as prepared, courier_for(prepared) as courier:
        return deliver(verify_orders(prepared, courier, live, live.stop, everything=False))


def write_again(run: str, settings: Settings, who: str, live: LiveRun) -> Delivered:
    """Writes the sheet of a run that is over. Raises PipelineError."""
    with executed_before(run, None, settings, live, who=who, version=__version__) as executed:
        return deliver_again(executed)


JOBS: dict[str, Job] = {"send": go_on, "look up": look_up, "write": write_again}


def done(job: str, of: str, settings: Settings, who: str, live: LiveRun) -> Came:
    """Does a job; a person's trouble is what came of it, and ours too, in words."""
    try:
        delivered = JOBS[job](of, settings, who, live)
    except PipelineError as trouble:
        return {"trouble": str(trouble)}
    except Exception as fault:  # the queue would keep it as a pickled traceback that nobody reads
        return {"trouble": f"A fault of this program ended it ({type(fault).__name__}: {fault}). Start it again."}
    return {"run": delivered.summary.run, "notes": "\n".join(delivered.notes)}
