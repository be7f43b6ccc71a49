"""Carries out a plan that was sealed earlier, here or by somebody else, with its input at hand or without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.files import file_digest
from pipeline.jobs.deliver import Delivered, close, deliver, needs_of, summarise
from pipeline.jobs.executed import Executed
from pipeline.jobs.plans import record_of
from pipeline.jobs.prepare import Prepared, SealedAs, prepare, ready_ledger
from pipeline.jobs.read_orders import OrdersRead
from pipeline.jobs.request import Request
from pipeline.jobs.sealing import check_may_start
from pipeline.ledger import Ledger
from pipeline.model.keys import by_key
from pipeline.model.options import SelectionOptions
from pipeline.model.plans import SealedPlan
from pipeline.model.progress import Reporter
from pipeline.model.sheet import Extent, Place
from pipeline.planning.plan import FATE, plan_calls, settle_rows
from pipeline.planning.sealing import before_of, gathered_again
from pipeline.report.next_steps import annotate_command, quoted
from pipeline.settings import Settings
from pipeline.writing.target import Target

NOT_PLANNED = "not in the plan; a new plan takes it in"
"""The remark of a row that could be sent and is not in the plan that was carried out."""


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A sealed plan that may be sent.

    ``prepared``: made of the plan alone; what goes out comes from it. ``sheet``: its input, read again, where it is at
    hand and unchanged; None: the sheet is written later.
    """

    prepared: Prepared
    sheet: Prepared | None

    def delivered(self, executed: Executed) -> Delivered:
        """Closes the run and writes its sheet, page and summary, where the input is at hand. Raises as ``deliver``."""
        if self.sheet is None:
            return _without_sheet(executed)
        rows = settle_rows(self.sheet.decided, by_key(()), NOT_PLANNED)
        sent = executed.rows[executed.rows.index.isin(rows.index)]
        for name in FATE:
            rows.loc[sent.index, name] = sent[name]
        sheet = replace(self.sheet, sealed=executed.prepared.sealed)
        return deliver(replace(executed, prepared=sheet, rows=rows))


@contextmanager
def opened_plan(name: str, request: Request, settings: Settings, reporter: Reporter) -> Iterator[PlannedRun]:
    """A sealed plan, checked and ready to be sent; the ledger stays open until the block ends.

    Args:
        name: the plan's, or the beginning of it.
        request: how it is sent; its ``input`` and ``selection`` are passed over: the plan has its own.
        settings: must name the environment and the account of the plan.
        reporter: told of each step.
    Raises:
        LedgerError: there is no such plan, or its seal is broken.
        UsageError: it is of another environment or account, too old, running, done or rejected.
    """
    with Ledger.open(settings.ledger) as ledger:
        ready_ledger(ledger, settings, request.who)
        record = record_of(ledger, name)
        check_may_start(record.info, settings, ledger.now)
        plan = record.plan
        selection = SelectionOptions.from_json(plan.facts.options)
        pace = replace(request.pace, batch_size=plan.facts.batch_size, strict=False)
        own = replace(request, input=Path(plan.facts.input), selection=selection, pace=pace)
        sheet = _sheet(own, plan, settings, ledger, reporter)
        yield PlannedRun(prepared_again(plan, own, settings, ledger, sheet), sheet)


def prepared_again(
    plan: SealedPlan, request: Request, settings: Settings, ledger: Ledger, sheet: Prepared | None = None
) -> Prepared:
    """The plan as it stands now: what was settled or left in doubt since it was made is not in it any more.

    The amounts of its rows, which evidence wants, are those of the sheet where it is at hand.
    """
    gathered = gathered_again(plan.awbs)
    if sheet is not None and "amount" in sheet.orders.gathered.picked:
        amounts = sheet.orders.gathered.picked["amount"].reindex(gathered.picked.index).fillna("")
        gathered = replace(gathered, picked=gathered.picked.assign(amount=amounts))
    sealed = SealedAs(plan.name, plan.seal, before_of(plan.awbs))
    decided_at = ledger.last_entry()
    known = ledger.known(settings.ledger_key, gathered.picked["key"])
    options = request.plan_options(settings.service.limits)
    decided = plan_calls(gathered, known, options, asked_again=sealed.unchanged(known))
    notes = [f"Plan {plan.name}, made by {plan.facts.who}, {plan.facts.made[:16].replace('T', ' ')} UTC"]
    gone = plan.facts.awbs - decided.plan.awbs
    if gone:
        notes.append(
            f"Left out of the plan, settled or in doubt since it was made: {gone:,} of {plan.facts.awbs:,} AWBs"
        )
    orders = OrdersRead(
        book=None,
        place=_place(plan, request.input),
        gathered=gathered,
        picked_by=plan.facts.picked_by,
        problems=(),
        notes=notes,
        question="",
    )
    target = Target(request.input, request.input, request.input)
    return Prepared(request, settings, ledger, orders, target, decided, decided_at, sealed=sealed)


def _place(plan: SealedPlan, source: Path) -> Place:
    return Place(source, "", plan.facts.sheet, 0, (), {}, (), None, Extent(0, -1), plan.facts.digest)


def _sheet(
    request: Request, plan: SealedPlan, settings: Settings, ledger: Ledger, reporter: Reporter
) -> Prepared | None:
    """The input of the plan, where it is at hand as it was; where its sheet can go is tried before anything is sent."""
    try:
        unchanged = request.input.is_file() and file_digest(request.input) == plan.facts.digest
    except OSError:
        unchanged = False
    if not unchanged:
        why = "is not here" if not request.input.exists() else "has changed since, so its rows may be others now"
        reporter.warn(f"{request.input.name} {why}: the plan is sent all the same, and no sheet is written.")
        return None
    try:
        sheet = prepare(request, settings, ledger, reporter)
    except PipelineError as trouble:
        if request.output is not None:
            raise
        reporter.warn(f"The plan is sent all the same, and no sheet is written: {trouble}")
        return None
    return sheet


def _without_sheet(executed: Executed) -> Delivered:
    """Closes the run; the sheet is for later."""
    executed = close(executed, output="")
    summary = replace(summarise(executed), output="", report="")
    prepared = executed.prepared
    command = annotate_command(executed.run, prepared.settings.ledger_key.environment)
    note = f"No sheet was written: `{command}` writes it where {quoted(prepared.request.input.name)} is."
    return Delivered(summary, needs_of(executed.rows), (note,))
