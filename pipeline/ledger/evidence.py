"""Brings together what the ledger holds of AWBs, whichever runs it stands in: one line an AWB, and each event."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import pandas as pd
from sqlalchemy import ColumnElement, Connection, func, or_, select

from pipeline.ledger.databases import texts
from pipeline.ledger.queries import CHUNK, FOUND, FROM_FILE, STATUS_OF, frame, history_entries
from pipeline.ledger.schema import (
    OPEN,
    RELEASED,
    attempts,
    calls,
    history,
    plan_awbs,
    plan_states,
    plans,
    rows,
    runs,
)
from pipeline.model.evidence import Evidence, EvidenceScope
from pipeline.model.plans import PlanState
from pipeline.model.runs import LedgerKey
from schemas.annotated import ADDED_COLUMNS, TEXTS, Status
from schemas.frames import EVENTS, EVIDENCE

KEY = ("service", "environment", "action")
"""What an AWB is kept under, beside itself."""

NO_ANSWER_YET = "sent, and there is no answer yet"


def collect(connection: Connection, scope: EvidenceScope) -> Evidence:
    """See ``Ledger.evidence``."""
    named = _named(connection, scope)
    parts = [_of_key(connection, key, keys.tolist(), scope.plans) for key, keys in _by_key(named)]
    found = pd.concat([part.lines for part in parts]) if parts else pd.DataFrame(columns=EVIDENCE.names)
    events = pd.concat([part.events for part in parts]) if parts else pd.DataFrame(columns=EVENTS.names)
    lines = found[list(EVIDENCE.names)].sort_values(["first_sent", "order_ref", "awb"], kind="stable")
    return Evidence(lines.reset_index(drop=True), events[list(EVENTS.names)].reset_index(drop=True))


# --- which AWBs -------------------------------------------------------------------------------------------------------


def _named(connection: Connection, scope: EvidenceScope) -> pd.DataFrame:
    """The AWBs that the scope is about: service, environment, action, key."""
    kept_under = [attempts.c[name] for name in KEY]
    sent = select(*kept_under, attempts.c.key).where(attempts.c.state != RELEASED)
    if scope.since:
        sent = sent.join(calls, calls.c.call == attempts.c.call)
        sent = sent.where(calls.c.began >= scope.since, calls.c.began < scope.until)
        return frame(connection, sent.distinct())
    of_runs = [runs.c[name] for name in KEY]
    picked = select(*of_runs, func.upper(rows.c.awb).label("key")).join(runs, runs.c.run == rows.c.run)
    planned = select(*(plans.c[name] for name in KEY), plan_awbs.c.key).join(plans, plans.c.plan == plan_awbs.c.plan)
    planned = planned.where(plan_awbs.c.plan.in_(scope.plans))
    queries = [
        sent.where(attempts.c.run.in_(scope.runs)),
        picked.where(rows.c.run.in_(scope.runs), rows.c.awb != ""),
        planned,
    ]
    queries = queries if scope.whole_file else [planned]  # a plan's AWBs, and no other of its file
    return pd.concat([frame(connection, query.distinct()) for query in queries]).drop_duplicates()


def _by_key(named: pd.DataFrame) -> Iterator[tuple[LedgerKey, pd.Series[str]]]:
    for key, lines in named.groupby(list(KEY), sort=True):
        yield LedgerKey(*map(str, key)), lines["key"].astype("str")


# --- what is known of them --------------------------------------------------------------------------------------------


def _of_key(connection: Connection, key: LedgerKey, keys: Sequence[str], named: Sequence[str]) -> Evidence:
    parts = [_chunk(connection, key, keys[start : start + CHUNK], named) for start in range(0, len(keys), CHUNK)]
    return Evidence(pd.concat([one.lines for one in parts]), pd.concat([one.events for one in parts]))


def _chunk(connection: Connection, key: LedgerKey, keys: Sequence[str], named: Sequence[str]) -> Evidence:
    sent = _attempts(connection, key, keys)
    events = _events(connection, key, keys)
    lines = pd.DataFrame(index=pd.Index(sorted(set(keys)), dtype="str", name="key"))
    lines = lines.join(_latest(sent)).join(_answers(events))
    involved = _involved(connection, key, keys, sent)
    planned = _planned(connection, [*named, *filter(None, involved["plan"])], keys)
    lines = _with_status(lines.join(_orders(connection, involved, keys)))
    lines["order_ref"] = lines["order_ref"].fillna(planned["refs"].reindex(lines.index))
    lines["plan"] = lines["run"].map(involved.set_index("run")["plan"]).fillna(planned["plan"].reindex(lines.index))
    lines = lines.join(_plans(connection), on="plan")
    facts = _runs(connection, key).add_prefix("run_")
    lines = lines.join(facts, on="run")
    lines["made_by"] = lines["made_by"].where(lines["made_by"].notna(), lines["run_who"])
    lines["account"] = lines["run_account"]
    lines["file"] = lines["run_input"]
    lines = lines.assign(environment=key.environment).fillna("")
    lines["awb"] = lines["awb"].where(lines["awb"] != "", lines.index.to_series())
    names = [name for name in EVIDENCE.names if name != "times_sent"]
    lines[names] = lines[names].astype("str")
    lines["times_sent"] = pd.to_numeric(lines["times_sent"], errors="coerce").fillna(0).astype("int64")
    return Evidence(lines[list(EVIDENCE.names)], events[list(EVENTS.names)])


def _under(key: LedgerKey, keys: Sequence[str], connection: Connection) -> list[ColumnElement[bool]]:
    of_key = [attempts.c[name] == value for name, value in asdict(key).items()]
    return [*of_key, attempts.c.key.in_(texts(connection, keys))]


def _attempts(connection: Connection, key: LedgerKey, keys: Sequence[str]) -> pd.DataFrame:
    """The attempts that count, the oldest first."""
    names = ("key", "awb", "state", *TEXTS, "run", "attempt")
    query = select(*(attempts.c[name] for name in names), calls.c.began).join(calls, calls.c.call == attempts.c.call)
    query = query.where(*_under(key, keys, connection), attempts.c.state != RELEASED).order_by(attempts.c.attempt)
    return frame(connection, query)


def _latest(sent: pd.DataFrame) -> pd.DataFrame:
    """Of each AWB its newest attempt, when it first went out, and how often."""
    newest = sent.drop_duplicates("key", keep="last").set_index("key")
    found = newest[["awb", "state", *TEXTS, "run"]].copy()
    found["first_sent"] = sent.groupby("key")["began"].min()
    found["times_sent"] = sent.groupby("key").size()
    found["status"] = found.pop("state").map({state: str(status) for state, status in STATUS_OF.items()})
    found.loc[newest["state"] == OPEN, "remark"] = NO_ANSWER_YET
    return found


def _events(connection: Connection, key: LedgerKey, keys: Sequence[str]) -> pd.DataFrame:
    """Everything that any run wrote down of these AWBs, in order."""
    columns = (
        attempts.c.key,
        *FOUND,
        history.c.run.label("found_by_run"),
        runs.c.command,
        runs.c.who,
        runs.c.environment,
        runs.c.account,
        runs.c.plan,
        *FROM_FILE,
    )
    return frame(connection, history_entries(columns, *_under(key, keys, connection)))


def _answers(events: pd.DataFrame) -> pd.DataFrame:
    """Of each AWB when the last answer came, and which run found it."""
    answered = events[events["state"] != OPEN].drop_duplicates("key", keep="last").set_index("key")
    return answered[["at", "found_by_run"]].rename(columns={"at": "last_answer"})


def _involved(connection: Connection, key: LedgerKey, keys: Sequence[str], sent: pd.DataFrame) -> pd.DataFrame:
    """The runs of this key that picked any of these AWBs, the newest first."""
    of_key = [runs.c[name] == value for name, value in asdict(key).items()]
    having = select(rows.c.run).where(func.upper(rows.c.awb).in_(texts(connection, keys))).distinct()
    found = or_(runs.c.run.in_(having), runs.c.run.in_(sent["run"].unique().tolist()))
    return frame(connection, select(runs.c.run, runs.c.plan).where(*of_key, found).order_by(runs.c.started.desc()))


def _orders(connection: Connection, involved: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Of each AWB its order, amount and last fate as the newest run that picked it kept them; else as planned."""
    names = (rows.c.run, func.upper(rows.c.awb).label("key"), rows.c.order_ref, rows.c.amount)
    fate = [rows.c[name].label(f"row_{name}") for name in ADDED_COLUMNS]
    query = select(*names, *fate, rows.c.row).where(rows.c.run.in_(involved["run"].tolist()), rows.c.awb != "")
    kept = frame(connection, query.order_by(rows.c.row))
    kept = kept[kept["key"].isin(set(keys))]
    newest = involved["run"].reset_index().set_index("run")["index"]
    kept = kept.assign(age=kept["run"].map(newest)).sort_values(["age", "row"], kind="stable")
    kept = kept[kept["age"] == kept.groupby("key")["age"].transform("min")]
    found = kept.drop_duplicates("key").set_index("key")[[f"row_{name}" for name in ADDED_COLUMNS]]
    found = found.assign(row_run=kept.drop_duplicates("key").set_index("key")["run"])
    once = kept.drop_duplicates(["key", "order_ref"]).groupby("key")["order_ref"]
    found["order_ref"] = once.agg(lambda refs: ", ".join(filter(None, refs)))
    once_each = kept[kept["amount"] != ""].drop_duplicates(["key", "order_ref", "amount"])
    found["amount"] = once_each.groupby("key")["amount"].agg(_summed)
    return found


def _summed(amounts: pd.Series[str]) -> str:
    from decimal import Decimal

    return str(sum(map(Decimal, amounts), Decimal(0)))


def _planned(connection: Connection, names: Sequence[str], keys: Sequence[str]) -> pd.DataFrame:
    """The plan and the orders of AWBs, as the newest plan has them: a run that was killed kept no rows."""
    query = select(plan_awbs.c.key, plan_awbs.c.plan, plan_awbs.c.refs).join(plans, plans.c.plan == plan_awbs.c.plan)
    query = query.where(plan_awbs.c.plan.in_(names), plan_awbs.c.key.in_(texts(connection, keys)))
    found = frame(connection, query.order_by(plans.c.made.desc())).drop_duplicates("key").set_index("key")
    refs = [", ".join(filter(None, dict.fromkeys(json.loads(refs)))) for refs in found["refs"]]
    return found.assign(refs=pd.Series(refs, index=found.index, dtype="str"))


def _with_status(lines: pd.DataFrame) -> pd.DataFrame:
    """What never went out has the fate of its row; what is planned and no more is Planned."""
    never = lines["status"].isna()
    for name in ADDED_COLUMNS:
        lines[name] = lines[name].where(~never, lines[f"row_{name}"])
    lines["run"] = lines["run"].where(~never, lines["row_run"])
    lines["status"] = lines["status"].fillna(str(Status.NOT_SENT))
    return lines


def _runs(connection: Connection, key: LedgerKey) -> pd.DataFrame:
    of_key = [runs.c[name] == value for name, value in asdict(key).items()]
    query = select(runs.c.run, runs.c.who, runs.c.account, runs.c.input).where(*of_key)
    return frame(connection, query).set_index("run")


def _plans(connection: Connection) -> pd.DataFrame:
    """Who made each plan and who approved it, and when."""
    query = select(plans.c.plan, plans.c.facts, plans.c.made.label("made_at"))
    made = frame(connection, query).set_index("plan")
    made["made_by"] = made.pop("facts").map(lambda facts: json.loads(facts)["who"]).astype("str")
    approved = plan_states.c.state == str(PlanState.APPROVED)
    said = frame(
        connection, select(plan_states.c.plan, plan_states.c.who, plan_states.c.at).where(approved).order_by("entry")
    )
    by = said.groupby("plan").agg(approved_by=("who", ", ".join), approved_at=("at", "max"))
    return made.join(by)
