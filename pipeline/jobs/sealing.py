"""Seals a prepared plan: names it, keeps it in the ledger, and finds out whether another person must approve it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd

from pipeline.errors import UsageError
from pipeline.jobs.prepare import Prepared, SealedAs
from pipeline.model.plans import PLAN_DAYS, PlanFacts, PlanInfo, PlanState
from pipeline.planning.sealing import awbs_to_seal, before_of
from pipeline.report.next_steps import where_said
from pipeline.report.summary import count_rows, sum_amounts
from pipeline.settings import Settings


def seal(prepared: Prepared) -> Prepared:
    """The same, sealed: from here on nothing is added to it. A plan that is sealed already stays as it is.

    Raises:
        LedgerError: the ledger can't be written.
    """
    if prepared.sealed is not None:
        return prepared
    before = prepared.decided.before
    known = prepared.known() if len(before) else pd.DataFrame({"status": [], "run": []}, dtype="str")
    again = known[known.index.isin(prepared.decided.rows.loc[before.index, "key"])]
    size = prepared.request.plan_options(prepared.settings.service.limits).batch_size
    awbs = awbs_to_seal(prepared.decided, size, again)
    plan = prepared.ledger.seal(facts_of(prepared), awbs)
    return replace(prepared, sealed=SealedAs(plan.name, plan.seal, before_of(awbs)))


def sealed_for_later(prepared: Prepared) -> tuple[Prepared, str]:
    """The same, sealed, so that it can be sent by its name; or as it was, and why it can't be."""
    if not prepared.settings.service.has_keys:
        stage = prepared.settings.environment
        return prepared, f"The plan is not sealed: without the keys of {stage} it is not known whose account it is for"
    try:
        prepared.check_may_send()
    except UsageError as trouble:
        return prepared, f"{trouble.problem}. `cancel` would stop here and send nothing"
    return seal(prepared), ""


def facts_of(prepared: Prepared) -> PlanFacts:
    """What a plan was decided from, and by whom."""
    request, gathered, rows = prepared.request, prepared.orders.gathered, prepared.decided.rows
    counts = count_rows(rows, len(gathered.left_out), gathered.blank)
    return PlanFacts(
        key=prepared.settings.ledger_key,
        account=prepared.settings.account,
        input=str(request.input.absolute()),
        digest=prepared.orders.place.digest,
        sheet=prepared.orders.place.sheet,
        options=request.selection.as_json(),
        batch_size=request.pace.batch_size,
        picked_by=prepared.orders.picked_by,
        rows=sum(counts.values()),
        counts=counts,
        amount=sum_amounts(rows, gathered.skipped_amount),
        awbs=prepared.awbs,
        calls=len(prepared.decided.plan.batches),
        who=request.who,
        made=prepared.ledger.now.astimezone(UTC).isoformat(timespec="milliseconds"),
    )


def approved(prepared: Prepared) -> Prepared:
    """The same, where it may be sent; one that another person has to approve first is sealed, so that they can.

    Raises:
        UsageError: it is of another environment or account, too old, done or rejected; or it is not approved, and the
            message says how that is done.
    """
    if prepared.sealed is None:
        if not prepared.awbs or not prepared.ledger.would_lack_approval(facts_of(prepared)):
            return prepared
        prepared = seal(prepared)
    name = prepared.sealed.name if prepared.sealed else ""
    info = next(plan for plan in prepared.ledger.plans() if plan.name == name)
    check_may_start(info, prepared.settings, prepared.ledger.now)
    if info.lacks_approval and prepared.awbs:
        where = where_said(info.facts.key.environment)
        raise UsageError(
            f"Plan {name} needs the approval of somebody other than {info.facts.person}, who made it",
            f"Nothing was sent. `bulk-cancel plans {name}` shows it and `bulk-cancel approve {name}` approves it; then "
            f"`bulk-cancel cancel --plan {name}{where}` sends it.",
        )
    return prepared


def check_may_start(info: PlanInfo, settings: Settings, now: datetime) -> None:
    """Raises UsageError where the plan must not be sent; whether somebody approved it is looked at later."""
    facts, name = info.facts, info.name
    environment = settings.ledger_key.environment
    if facts.key != settings.ledger_key:
        step = f"Say{where_said(facts.key.environment) or ' --env sandbox'}."
        raise _refused(f"Plan {name} is for {facts.key.environment}, and the environment is {environment}", step)
    if facts.account != settings.account:
        problem = f"Plan {name} is for account {facts.account}, and the keys are those of {settings.account}"
        raise _refused(problem, "Use the keys of that account.")
    if (rejected := info.last(PlanState.REJECTED)) is not None:
        raise _refused(f"Plan {name} was rejected by {rejected.who}: {rejected.because}", "Make a new plan.")
    if (done := info.last(PlanState.DONE)) is not None:
        raise _refused(f"Plan {name} is done already, by run {done.run}", f"`bulk-cancel history {done.run}` shows it.")
    if facts.too_old(now):
        problem = f"Plan {name} was made {facts.made[:10]}, and a plan is sent within {PLAN_DAYS} days only"
        raise _refused(problem, "Make a new plan; if it is not that old, set this computer's clock right.")


def _refused(problem: str, step: str) -> UsageError:
    return UsageError(problem, f"Nothing was sent. {step}")
