"""Seals a prepared plan: names it, keeps it in the ledger, and finds out whether another person must approve it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pandas as pd

from pipeline.errors import UsageTrouble
from pipeline.jobs.prepare import Prepared, SealedAs
from pipeline.model.plans import PlanFacts
from pipeline.planning.sealing import awbs_to_seal
from pipeline.report.next_steps import word_of
from pipeline.report.summary import count_rows, sum_amounts


def seal(prepared: Prepared) -> Prepared:
    """The same, sealed: from here on nothing is added to it. A plan that is sealed already stays as it is.

    Raises:
        LedgerTrouble: the ledger can't be written.
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
    except UsageTrouble as trouble:
        return prepared, f"{trouble.problem}. `cancel` would stop here and send nothing"
    return seal(prepared), ""


def before_of(awbs: pd.DataFrame) -> pd.Series[str]:
    """What was known of the AWBs of a plan that are asked again, index the key."""
    asked = awbs[awbs["before"] != ""]
    return pd.Series(asked["before"].array, index=pd.Index(asked["key"], dtype="str"), dtype="str")


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
        UsageTrouble: it is not approved; the message says how that is done.
    """
    if not prepared.awbs:
        return prepared
    if prepared.sealed is None:
        if not prepared.ledger.would_lack_approval(facts_of(prepared)):
            return prepared
        prepared = seal(prepared)
    name = prepared.sealed.name if prepared.sealed else ""
    info = next(plan for plan in prepared.ledger.plans() if plan.name == name)
    if info.lacks_approval:
        stage = word_of(info.facts.key.environment)
        env = "" if stage == "sandbox" else f" --env {stage}"
        raise UsageTrouble(
            f"Plan {name} needs the approval of somebody other than {info.facts.person}, who made it",
            f"Nothing was sent. `bulk-cancel plans {name}` shows it and `bulk-cancel approve {name}` approves it; then "
            f"`bulk-cancel cancel --plan {name}{env}` sends it.",
        )
    return prepared
