"""What the database itself refuses, whoever opens it: each rule once; ``databases`` makes its triggers of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from pipeline.ledger.databases import database_of
from pipeline.ledger.schema import APPEND_ONLY, MAY_BECOME, metadata


@dataclass(frozen=True, slots=True)
class Guard:
    """A change of a table that is refused: when ``condition`` (SQL of both databases; OLD, NEW) holds, in ``words``.

    ``locks``: what the condition looks at, as FROM … takes it, for a database that lets two transactions write at once.
    """

    name: str
    event: str  # INSERT, UPDATE or DELETE
    table: str
    words: str
    condition: str = "1 = 1"
    locks: str = ""


THE_PLAN = "plans WHERE plans.plan = NEW.plan FOR UPDATE"
PLAN_OF_RUN = "plans JOIN runs ON runs.plan = plans.plan WHERE runs.run = NEW.run FOR SHARE OF plans"
"""Of several calls of one plan none waits for another, but each for whoever says something of the plan."""


def install_guards(connection: Connection) -> None:
    """Replaces the triggers of the ledger by those of this version."""
    database = database_of(connection)
    for guard in all_guards():
        for statement in database.triggers(guard):
            connection.exec_driver_sql(statement)


def all_guards() -> Iterator[Guard]:
    """Every rule."""
    for table in metadata.sorted_tables:
        yield Guard(f"keep_{table.name}", "DELETE", table.name, "nothing is ever deleted from the ledger")
    for name in APPEND_ONLY:
        yield Guard(f"fixed_{name}", "UPDATE", name, "the history is only added to")
    for state, next_states in MAY_BECOME.items():
        allowed = f" AND NEW.state NOT IN ({_listed(next_states)})" if next_states else ""
        words = f"an AWB that is {state} can't become that"
        yield Guard(f"from_{state}", "UPDATE", "attempts", words, f"OLD.state = '{state}'{allowed}")
    yield Guard(
        "needs_lease",  # a version that knows no leases, and opened the ledger before it was migrated, sends nothing
        "INSERT",
        "calls",
        "a call goes out only under the lease of its run",
        "NOT EXISTS (SELECT 1 FROM leases WHERE leases.run = NEW.run AND leases.closed IS NULL)",
    )
    yield from _plan_guards()
    yield Guard("over_is_over", "UPDATE", "leases", "a run that is over stays so", "OLD.closed IS NOT NULL")


def _plan_guards() -> Iterator[Guard]:
    """What holds of plans, whoever asks: a plan is never changed, and a run of one sends nothing else."""
    yield Guard(
        "plan_is_whole",
        "INSERT",
        "plan_awbs",
        "nothing is ever added to a plan",
        "EXISTS (SELECT 1 FROM plans WHERE plans.plan = NEW.plan)",
    )
    yield Guard(
        "plan_of_account",
        "INSERT",
        "runs",
        "a plan is carried out in its own environment and account only",
        f"NEW.plan <> '' AND NOT EXISTS (SELECT 1 FROM plans WHERE plans.plan = NEW.plan AND {_same('plans', 'NEW')})",
    )
    yield Guard("run_keeps_plan", "UPDATE", "runs", "a run keeps its plan", "OLD.plan <> NEW.plan")
    yield Guard(
        "only_planned",
        "INSERT",
        "attempts",
        "an AWB that is not in the plan is never sent",
        "EXISTS (SELECT 1 FROM runs WHERE runs.run = NEW.run AND runs.plan <> '' AND NOT EXISTS (SELECT 1 FROM "
        "plan_awbs AS planned WHERE planned.plan = runs.plan AND planned.key = NEW.key AND planned.awb = NEW.awb))",
    )
    yield Guard(
        "plan_is_over",
        "INSERT",
        "plan_states",
        "a plan that is done or rejected stays so",
        _over("NEW.plan"),
        THE_PLAN,
    )
    yield Guard(
        "over_sends_nothing",
        "INSERT",
        "calls",
        "a plan that is done or rejected sends nothing more",
        f"EXISTS (SELECT 1 FROM runs WHERE runs.run = NEW.run AND {_over('runs.plan')})",
        PLAN_OF_RUN,
    )
    yield Guard(
        "one_run_of_a_plan",
        "INSERT",
        "plan_states",
        "the plan is running already",
        "NEW.state = 'started' AND EXISTS (SELECT 1 FROM runs JOIN leases ON leases.run = runs.run WHERE "
        "runs.plan = NEW.plan AND runs.run <> NEW.run AND leases.closed IS NULL AND leases.expires > NEW.at)",
        THE_PLAN,
    )
    yield Guard(
        "approved_by_another",
        "INSERT",
        "plan_states",
        "nobody can approve a plan of their own",
        "NEW.state = 'approved' AND EXISTS (SELECT 1 FROM plans WHERE plans.plan = NEW.plan "
        "AND lower(plans.person) = lower(NEW.person))",
    )
    yield Guard(
        "needs_approval",
        "INSERT",
        "calls",
        "the account's rule demands that another person approves the plan first",
        "EXISTS (SELECT 1 FROM runs LEFT JOIN plans ON plans.plan = runs.plan WHERE runs.run = NEW.run "
        f"AND {lacks_approval('runs')})",
    )


def lacks_approval(who_sends: str) -> str:
    """SQL: a rule demands an approval of the row of ``plans`` (none of its columns: a run without a plan) that is not
    there. A rule is taken back only by somebody else than the plan's maker: ``later`` is another person's word.

    Args:
        who_sends: the table whose row says the service, environment, action and account.
    """
    return (
        f"EXISTS (SELECT 1 FROM approval_rules AS demand WHERE {_same('demand', who_sends)} AND demand.at_least >= 0 "
        "AND demand.at_least <= COALESCE(plans.awbs, demand.at_least) "
        f"AND NOT EXISTS (SELECT 1 FROM approval_rules AS later WHERE {_same('later', 'demand')} "
        "AND later.entry > demand.entry AND lower(later.person) <> lower(COALESCE(plans.person, '')))) "
        "AND NOT EXISTS (SELECT 1 FROM plan_states AS word WHERE word.plan = plans.plan AND word.state = 'approved' "
        "AND lower(word.person) <> lower(plans.person))"
    )


def _same(one: str, other: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in ("service", "environment", "action", "account"))


def _over(plan: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM plan_states AS ended WHERE ended.plan = {plan} AND ended.state IN ('rejected', 'done'))"
    )


PLAN_WORDS = frozenset(guard.words for guard in _plan_guards())
"""What these guards say: sentences that a person may read."""


def _listed(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)
