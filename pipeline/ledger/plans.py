"""Sealed plans in the ledger: kept whole when they are made, never changed, and what is said of them is only added."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import takewhile

import pandas as pd
from sqlalchemy import Connection, insert, select, text

from pipeline.errors import LedgerError
from pipeline.ledger.bulk import insert_each
from pipeline.ledger.guards import lacks_approval
from pipeline.ledger.leases import stamp
from pipeline.ledger.queries import frame
from pipeline.ledger.schema import approval_rules, leases, plan_awbs, plan_states, plans, runs
from pipeline.model.plans import (
    SEALED_COLUMNS,
    PlanEntry,
    PlanFacts,
    PlanInfo,
    PlanState,
    SealedLine,
    SealedPlan,
    person_of,
    seal_of,
    sealed_lines,
)
from pipeline.model.runs import LedgerKey

LACKING = text(f"SELECT plans.plan FROM plans WHERE {lacks_approval('plans')}")
"""The plans that a rule holds back."""

WOULD_LACK = text(
    "SELECT 1 FROM (SELECT :service AS service, :environment AS environment, :action AS action, :account AS account, "
    f":awbs AS awbs, :person AS person, '' AS plan) AS plans WHERE {lacks_approval('plans')}"
)
"""Whether a plan that is not made yet would be held back."""


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """From how many AWBs on a plan of an account needs another person's word; -1: none does."""

    key: LedgerKey
    account: str
    at_least: int
    who: str


def seal(connection: Connection, facts: PlanFacts, awbs: pd.DataFrame) -> SealedPlan:
    """Names a plan, seals it and writes it down, its AWBs first: once it has its line nothing can be added."""
    name = _free_name(connection, facts.made)
    sealed = seal_of(name, facts, _written(connection, name, awbs))
    line = {"plan": name, **asdict(facts.key), "account": facts.account, "person": facts.person, "made": facts.made}
    connection.execute(insert(plans).values(**line, awbs=facts.awbs, facts=facts.as_json(), seal=sealed))
    return SealedPlan(name, facts, awbs, sealed)


def _written(connection: Connection, name: str, awbs: pd.DataFrame) -> Iterator[list[SealedLine]]:
    """The lines of a plan, each written down when it is taken."""
    written = 0
    for lines in sealed_lines(awbs):
        numbered = [(name, position, *line) for position, line in enumerate(lines, start=written)]
        insert_each(connection, plan_awbs, ("plan", "position", *SEALED_COLUMNS), numbered)
        written += len(lines)
        yield lines


def _free_name(connection: Connection, made: str) -> str:
    """``P-20261127-4f2a``; longer where many names of a day are taken."""
    for tries in range(100):
        name = f"P-{made[:10].replace('-', '')}-{secrets.token_hex(2 + tries // 10)}"
        if connection.execute(select(plans.c.plan).where(plans.c.plan == name)).first() is None:
            return name
    raise AssertionError("a hundred random names are taken")


def add_state(connection: Connection, plan: str, entry: PlanEntry) -> None:
    """Adds what is said of a plan; the guards refuse what can't be."""
    said = {"state": str(entry.state), "who": entry.who, "person": person_of(entry.who), "at": entry.at}
    connection.execute(insert(plan_states).values(plan=plan, because=entry.because, run=entry.run, **said))


def end(connection: Connection, run: str, now: str) -> None:
    """The run has carried out all of its plan: the plan is done, unless it has been rejected meanwhile."""
    found = connection.execute(select(runs.c.plan, runs.c.who).where(runs.c.run == run)).one_or_none()
    if found is None or not found.plan:
        return
    over = select(plan_states.c.entry).where(plan_states.c.plan == found.plan, plan_states.c.state == "rejected")
    if connection.execute(over).first() is None:
        add_state(connection, found.plan, PlanEntry(PlanState.DONE, found.who, now, run=run))


def find(connection: Connection, name: str) -> str:
    """The whole name of a plan, from its beginning.

    Raises:
        LedgerError: there is none, or several begin so.
    """
    names: list[str] = list(connection.execute(select(plans.c.plan).order_by(plans.c.made.desc())).scalars())
    found = [one for one in names if one == name] or [one for one in names if one.startswith(name)]
    if len(found) == 1:
        return found[0]
    problem = f"Several plans begin with {name!r}" if found else f"The ledger has no plan {name!r}"
    newest = ", ".join((found or names)[:3]) or "none yet"
    raise LedgerError(problem, f"There is: {newest}; `bulk-cancel plans` lists them all.")


def all_infos(connection: Connection, now: datetime) -> list[PlanInfo]:
    """Every plan without its AWBs, the newest first."""
    said: dict[str, list[PlanEntry]] = {}
    for line in connection.execute(select(plan_states).order_by(plan_states.c.entry)):
        entry = PlanEntry(PlanState(line.state), line.who, line.at, line.because, line.run)
        said.setdefault(line.plan, []).append(entry)
    lacking = set(connection.execute(LACKING).scalars())
    live = select(runs.c.plan).join(leases, leases.c.run == runs.c.run)
    live = live.where(leases.c.closed.is_(None), leases.c.expires > stamp(now))
    running = set(connection.execute(live).scalars())
    found = connection.execute(select(plans.c.plan, plans.c.facts, plans.c.seal).order_by(plans.c.made.desc()))
    return [
        PlanInfo(
            line.plan,
            _facts(line.plan, line.facts),
            line.seal,
            tuple(said.get(line.plan, ())),
            line.plan in running,
            line.plan in lacking,
        )
        for line in found
    ]


def load(connection: Connection, name: str) -> SealedPlan:
    """A plan with its AWBs.

    Raises:
        LedgerError: its seal is broken: something of it has been changed since it was made.
    """
    line = connection.execute(select(plans).where(plans.c.plan == name)).one()
    columns = [plan_awbs.c[column] for column in SEALED_COLUMNS]
    query = select(*columns).where(plan_awbs.c.plan == name).order_by(plan_awbs.c.position)
    awbs = frame(connection, query).astype({"call": "int64"} | dict.fromkeys(SEALED_COLUMNS[1:], "str"))
    facts = _facts(name, line.facts)
    beside = (*asdict(facts.key).values(), facts.account, facts.person, facts.made, facts.awbs, len(awbs))
    stored = (line.service, line.environment, line.action, line.account, line.person, line.made, line.awbs, line.awbs)
    if beside != stored or seal_of(name, facts, sealed_lines(awbs)) != line.seal:
        raise broken(name)
    return SealedPlan(name, facts, awbs, line.seal)


def _facts(name: str, said: str) -> PlanFacts:
    try:
        return PlanFacts.from_json(said)
    except (ValueError, TypeError, KeyError) as error:
        raise broken(name) from error


def broken(name: str) -> LedgerError:
    """What is said of a plan that is not as it was sealed."""
    return LedgerError(
        f"The seal of plan {name} is broken: something of it was changed since it was made",
        "Nothing was sent. Make a new plan, and find out who can write into the ledger.",
    )


def keep_rule(connection: Connection, rule: ApprovalRule, now: str) -> None:
    """Writes a rule of approvals down, unless it stands there as this person's newest word already."""
    of_account = [approval_rules.c[name] == value for name, value in asdict(rule.key).items()]
    of_account.append(approval_rules.c.account == rule.account)
    entries = select(approval_rules).where(*of_account).order_by(approval_rules.c.entry.desc())
    found = connection.execute(entries).all()
    same = list(takewhile(lambda line: line.at_least == rule.at_least, found))
    person = person_of(rule.who)
    if person in {line.person for line in same} or (rule.at_least < 0 and not found):
        return
    said = {**asdict(rule.key), "account": rule.account, "at_least": rule.at_least, "person": person, "who": rule.who}
    connection.execute(insert(approval_rules).values(**said, at=now))


def would_lack_approval(connection: Connection, facts: PlanFacts) -> bool:
    """Whether a rule demands another person's word for such a plan."""
    said = {**asdict(facts.key), "account": facts.account, "awbs": facts.awbs, "person": facts.person}
    return connection.execute(WOULD_LACK, said).first() is not None
