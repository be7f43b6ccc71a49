"""Reads a sheet, looks up what the ledger knows of it, and plans the calls: nothing is locked, nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from time import monotonic

import pandas as pd

from pipeline.errors import UsageError
from pipeline.jobs.read_orders import OrdersRead, read_orders
from pipeline.jobs.request import MOST_LISTED, ListedAwb, Preview, Request
from pipeline.jobs.reviewed import check_seal, read_reviewed
from pipeline.ledger import ApprovalRule, Ledger, RunStart
from pipeline.model.options import SelectionOptions
from pipeline.model.progress import Reporter
from pipeline.model.reasons import Finding
from pipeline.model.runs import Environment, account_in, without_account
from pipeline.planning.batches import is_planned
from pipeline.planning.plan import Decided, plan_calls
from pipeline.planning.row_collector import Gathered
from pipeline.planning.sealing import before_of, known_as
from pipeline.report.going import going_in_words, largest_in_words
from pipeline.report.next_steps import annotate_command
from pipeline.report.summary import count_rows
from pipeline.services import open_courier
from pipeline.services.contract import Courier, Listener, nobody
from pipeline.settings import Settings
from pipeline.sheets import (
    DELIMITED,
    PLAIN_SUFFIX,
    WORKBOOK_SUFFIX,
    check_as_workbook,
    open_book,
    why_not_patched,
)
from pipeline.sheets.plan_seal import read_seal
from pipeline.writing.target import Target, choose_list_target, choose_target
from schemas.annotated import Status


@dataclass(frozen=True, slots=True)
class SealedAs:
    """The sealed plan that is carried out; ``before``: what was known of AWBs that are asked again, index the key."""

    name: str
    seal: str
    before: pd.Series[str]

    def unchanged(self, known: pd.DataFrame) -> pd.Index[str]:
        """The AWBs of which the ledger knows what it knew when the plan was made: only they may be asked again."""
        before = self.before.reindex(known.index).fillna("")
        return known.index[before == known_as(known)]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One sheet, read and planned, with everything that is needed to carry the plan out and to write the sheet.

    ``decided``: the calls to make, and the fate of every picked row so far, from the sheet and the ledger as it was.
    """

    request: Request
    settings: Settings
    ledger: Ledger
    orders: OrdersRead
    target: Target
    decided: Decided
    decided_at: int  # the ledger's last entry when it was decided
    began: float = field(default_factory=monotonic)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    sealed: SealedAs | None = None

    @property
    def awbs(self) -> int:
        """How many AWBs would be sent."""
        return self.decided.plan.awbs

    @property
    def question(self) -> str:
        """Why `cancel` must ask before it sends; "" when it need not."""
        return self.orders.question

    def preview(self, *, groups: bool = False) -> Preview:
        """What would happen, for a person to look at; with ``groups``, by state, courier and so on, and the largest."""
        gathered = self.orders.gathered
        counts = count_rows(self.decided.rows, len(gathered.left_out), gathered.blank)
        return Preview(
            environment=self.settings.environment,
            account=self.settings.account_shown,
            host=self.settings.service.host,
            picked_by=self.orders.picked_by,
            notes=self.orders.notes,
            calls=len(self.decided.plan.batches),
            awbs=self.awbs,
            rows=sum(counts.values()),
            counts=counts,
            left_out=left_out(gathered),
            invalid=self.orders.problems,
            output=self.target.sheet,
            listed=listed_awbs(self.decided.rows) if self.awbs <= MOST_LISTED else (),
            going=going_in_words(self.decided.rows, datetime.now().astimezone().date()) if groups else (),
            largest=largest_in_words(self.decided.rows) if groups and self.awbs > MOST_LISTED else (),
        )

    def check_may_send(self) -> None:
        """Raises UsageError for what forbids sending although everything could be read."""
        invalid = int((self.decided.rows["status"] == str(Status.INVALID)).sum())
        if self.request.pace.strict and invalid:
            raise UsageError(
                f"{invalid:,} picked rows are Invalid and --strict is set, so nothing was sent",
                "`bulk-cancel plan` writes a sheet that says which and why.",
            )
        if self.question and (self.awbs or self.orders.rows_ask):
            raise UsageError(self.question, "Nothing was sent.", where=self.request.input.name)

    def decided_anew(self, free: pd.Index[str] | None = None) -> Prepared:
        """The same sheet, decided by what the ledger knows now; what was not planned before is not planned now.

        Args:
            free: the keys of which tracking knows nothing: no other one goes out again after its call was refused.
                None: tracking was not asked yet.
        """
        options, known = self.request.plan_options(self.settings.service.limits), self.known()
        again = self.sealed.unchanged(known) if self.sealed else None
        if free is not None:
            known = known.assign(refused=known["refused"] & known.index.isin(free))
        decided = plan_calls(self.orders.gathered, known, options, only=self.decided.planned, asked_again=again)
        return replace(self, decided=decided)

    def known(self) -> pd.DataFrame:
        """What the ledger knows of the picked AWBs; the frame is that of ``Ledger.known``."""
        return self.ledger.known(self.settings.ledger_key, self.orders.gathered.picked["key"])

    def in_doubt(self) -> pd.DataFrame:
        """The AWBs of valid picked rows that an earlier run left in doubt, index the key."""
        picked = self.orders.gathered.picked
        known = self.known()
        valid = picked.loc[picked["problems"] == "", "key"]
        return known[(known["status"] == str(Status.UNKNOWN)) & known.index.isin(valid)]

    def annotate_command(self, run: str) -> str:
        """What writes the sheet of a run of this again, as it is typed."""
        output = "" if self.request.output is None else str(self.request.output)
        return annotate_command(run, self.settings.ledger_key.environment, output)

    def run_start(self, command: str) -> RunStart:
        """What the ledger writes down of a run before its first call."""
        return RunStart(
            key=self.settings.ledger_key,
            command=command,
            input=str(self.request.input.absolute()),
            sheet=self.orders.place.sheet,
            digest=self.orders.place.digest,
            account=self.settings.account,
            who=self.request.who,
            options=self.request.selection.as_json(),
            plan=self.sealed.name if self.sealed and command == "cancel" else "",
        )


def prepare(
    request: Request, settings: Settings, ledger: Ledger, reporter: Reporter, *, infix: str = "annotated"
) -> Prepared:
    """Reads and plans; finds out where the output can go.

    Args:
        request: what was asked for.
        settings: environment, account, ledger.
        ledger: open; only read here.
        reporter: told of each step.
        infix: between the input's name and the output's ending: ``annotated`` or ``plan``.
    Raises:
        PipelineError: the file, a column, an option or the output can't be had.
    """
    book = open_book(request.input)
    seal = read_seal(book)
    if seal is not None:
        plan = ledger.plan(seal[0])
        check_seal(plan, seal[1], request.input.name)
        request = replace(request, selection=SelectionOptions.from_json(plan.facts.options))
        orders, sealed = read_reviewed(book, plan, reporter), SealedAs(plan.name, plan.seal, before_of(plan.awbs))
    else:
        orders, sealed = read_orders(request.input, request.selection, reporter, book), None
    orders = replace(orders, notes=(*request.notes, *orders.notes))
    if request.pace.fail_if_empty and orders.nothing:
        problem = f"Nothing is to be cancelled, and --fail-if-empty is set: {orders.nothing}"
        raise UsageError(problem, "Nothing was sent.")
    sandboxed = "" if infix == "plan" or settings.environment is Environment.PRODUCTION else f".{settings.environment}"
    plain = why_not_patched(orders.book, orders.place) if orders.book else ""
    if plain:
        reporter.warn(f"{plain} The result comes as CSV beside it.")
    kind = PLAIN_SUFFIX[1:] if plain else orders.place.format
    if request.as_workbook and kind in DELIMITED and not plain:
        check_as_workbook(orders.place)
        kind = WORKBOOK_SUFFIX[1:]
    target = choose_target(request.input, kind, infix + sandboxed, request.output, ledger.last_written)
    target = _with_list(target, orders, infix + sandboxed, ledger)
    decided_at = ledger.last_entry()
    known = ledger.known(settings.ledger_key, orders.gathered.picked["key"])
    again = sealed.unchanged(known) if sealed else None
    options = request.plan_options(settings.service.limits)
    decided = plan_calls(orders.gathered, known, options, asked_again=again)
    return Prepared(request, settings, ledger, orders, target, decided, decided_at, sealed=sealed)


def _with_list(target: Target, orders: OrdersRead, infix: str, ledger: Ledger) -> Target:
    """The same, with the place of the list that comes back, where there is one."""
    given = orders.list_given
    if given is None or given.book is None or given.place is None:
        return target
    kind = PLAIN_SUFFIX[1:] if why_not_patched(given.book, given.place) else given.book.format
    listed = choose_list_target(given.book.path, kind, infix, target.sheet, ledger.last_written)
    return replace(target, listed=listed)


@contextmanager
def opened(request: Request, settings: Settings, reporter: Reporter, *, infix: str = "annotated") -> Iterator[Prepared]:
    """``prepare`` with the ledger of the settings, which stays open until the block ends."""
    with Ledger.open(settings.ledger) as ledger:
        ready_ledger(ledger, settings, request.who)
        yield prepare(request, settings, ledger, reporter, infix=infix)


def ready_ledger(ledger: Ledger, settings: Settings, who: str) -> None:
    """Makes an opened ledger ready for a run or a plan of this account.

    Raises:
        UsageError: the ledger knows these keys under another account's name: what that one settled would go out again.
    """
    own = settings.ledger_key.environment
    if settings.environment is not Environment.SANDBOX and settings.service.has_keys:
        for other in ledger.environments_of(settings.ledger_key, settings.account):
            if other != own and without_account(other) == without_account(own):
                name = account_in(other)
                raise UsageError(
                    f"The ledger knows the keys of account {settings.account_name} as those of account {name}: what "
                    "was settled there would be sent again",
                    f'Use account {name}, or write known_as = "{name}" into [accounts.{settings.account_name}]. '
                    "Nothing was sent.",
                )
    keep_approval_rule(ledger, settings, who)


def keep_approval_rule(ledger: Ledger, settings: Settings, who: str) -> None:
    """Writes the rule of the settings into the ledger, which holds it whatever later settings leave out."""
    if settings.approval_from is not None and settings.service.has_keys:
        ledger.keep_rule(ApprovalRule(settings.ledger_key, settings.account, settings.approval_from, who))


def courier_for(prepared: Prepared, told: Listener = nobody) -> AbstractContextManager[Courier]:
    """The service of the environment, open until the block ends; the built-in one lives as long as that."""
    picked = prepared.orders.gathered.picked
    refs = dict(zip(picked["awb"].tolist(), picked["order_ref"].tolist(), strict=True))
    settings = prepared.settings
    return open_courier(settings.service, settings.network, refs, settings.action, told)


def left_out(gathered: Gathered) -> list[Finding]:
    """Why rows are not picked, the most frequent reason first."""
    return [Finding(str(words), int(count)) for words, count in gathered.reasons().items() if count]


def listed_awbs(rows: pd.DataFrame) -> list[ListedAwb]:
    """The AWBs that would be sent, in the order of the sheet; of several rows of one, each different word once.

    Args:
        rows: the picked rows with their fate; few of them are ``Planned``.
    """
    planned = rows[is_planned(rows)]
    said = {each.name: planned[each.name].str.strip() for each in fields(ListedAwb) if each.name in planned}
    by_key = pd.DataFrame(said).groupby(planned["key"], sort=False)
    return [ListedAwb(**{str(name): _each_once(of[name]) for name in of}) for _, of in by_key]


def _each_once(texts: pd.Series[str]) -> str:
    return " + ".join(dict.fromkeys(text for text in texts if text))
