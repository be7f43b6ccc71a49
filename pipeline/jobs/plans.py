"""The sealed plans in the ledger: all of them, one with its AWBs, and what a second person says of one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from pipeline.config import Identity
from pipeline.errors import LedgerError, UsageError
from pipeline.jobs.prepare import keep_approval_rule
from pipeline.ledger import Ledger
from pipeline.model.plans import PLAN_DAYS, PlanInfo, PlanState, SealedPlan
from pipeline.model.runs import account_in
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """One plan with its AWBs, and what became of it."""

    info: PlanInfo
    plan: SealedPlan

    def as_json(self) -> str:
        """The plan, its entries, and each AWB with its call, references and rows."""
        lists = ("refs", "rows")
        awbs = self.plan.awbs.assign(**{name: self.plan.awbs[name].map(json.loads) for name in lists})
        said = {**_as_said(self.info), "plan_awbs": awbs[["call", "awb", *lists]].to_dict("records")}
        return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def all_plans(settings: Settings) -> list[PlanInfo]:
    """Every plan, the newest first; a ledger is not made for it."""
    ledger = Ledger.peek(settings.ledger)
    if ledger is None:
        return []
    with ledger:
        return ledger.plans()


def one_plan(settings: Settings, name: str) -> PlanRecord:
    """One plan, by its name or the beginning of it.

    Raises:
        LedgerError: there is no such plan, or its seal is broken.
    """
    ledger = Ledger.peek(settings.ledger)
    if ledger is None:
        raise LedgerError(f"The ledger has no plan {name!r}", "There were no plans yet.")
    with ledger:
        return record_of(ledger, name)


def record_of(ledger: Ledger, name: str) -> PlanRecord:
    """See ``one_plan``."""
    plan = ledger.plan(name)
    return PlanRecord(next(info for info in ledger.plans() if info.name == plan.name), plan)


def approve(settings: Settings, name: str, who: str) -> PlanRecord:
    """Writes down that a person approves a plan, and returns it as it stands then.

    Raises:
        LedgerError: there is no such plan, its seal is broken, it is over, or this person made it.
        UsageError: it is too old to be carried out.
    """
    with Ledger.open(settings.ledger) as ledger:
        record = record_of(ledger, name)
        _check_account(record, settings)
        if settings.identity is Identity.SIGNED_IN:
            problem = f"Account {settings.account_name} takes approvals only from somebody who is signed in"
            raise UsageError(problem, "Approve the plan on the team's page.")
        keep_approval_rule(ledger, settings, who)
        if record.plan.facts.too_old(ledger.now):
            problem = f"Plan {record.plan.name} is older than {PLAN_DAYS} days, and is never sent"
            raise UsageError(problem, "Make a new plan.")
        ledger.say_of_plan(record.plan.name, PlanState.APPROVED, who)
        return record_of(ledger, record.plan.name)


def reject(settings: Settings, name: str, who: str, because: str) -> PlanRecord:
    """Writes down that a person, who may be its maker, rejects a plan; it is never sent then.

    Raises:
        LedgerError: there is no such plan, or it is over.
        UsageError: it is running, or no reason is given.
    """
    if not because.strip():
        raise UsageError("Say why", 'In words: --because "two orders were paid today".')
    with Ledger.open(settings.ledger) as ledger:
        record = record_of(ledger, name)
        _check_account(record, settings)
        keep_approval_rule(ledger, settings, who)
        if record.info.running:
            raise UsageError(f"Plan {record.plan.name} is running", "Stop that run first, with Ctrl-C where it runs.")
        ledger.say_of_plan(record.plan.name, PlanState.REJECTED, who, " ".join(because.split()))
        return record_of(ledger, record.plan.name)


def _check_account(record: PlanRecord, settings: Settings) -> None:
    """Raises UsageError for a plan of another account: its own rules say who may speak of it."""
    account = account_in(record.plan.facts.key.environment)
    if account != settings.known_as:
        problem = f"Plan {record.plan.name} is one of account {account}, and not of {settings.account_name}"
        raise UsageError(problem, f"Say --account {account}.")


def _as_said(info: PlanInfo) -> dict[str, object]:
    facts = asdict(replace(info.facts))
    key, options = facts.pop("key"), json.loads(info.facts.options)
    said = {**facts, **key, "options": options, "stands": info.stands(datetime.now(UTC))}
    return {
        "version": 1,
        "plan": info.name,
        "seal": info.seal,
        **said,
        "entries": [asdict(one) for one in info.entries],
    }


def plans_as_json(plans: Sequence[PlanInfo]) -> str:
    """The plans for scripts, each with what became of it."""
    return json.dumps([_as_said(plan) for plan in plans], ensure_ascii=False, indent=2) + "\n"
