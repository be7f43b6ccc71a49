"""Every option of every command reaches the rule that it changes: one that narrows what is cancelled can't vanish."""

from __future__ import annotations

import csv
import html
import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.cli.context import pace_of, selection_of
from pipeline.errors import UsageError
from pipeline.jobs.request import Pace, Request
from pipeline.ledger import Ledger, RunStart
from pipeline.model.calls import Batch, Item, Outcome
from pipeline.model.options import FLAGS, SelectionOptions
from pipeline.model.runs import LedgerKey
from pipeline.services.contract import Limits
from schemas.annotated import Status
from tests.page_client import entered, serve

HEADER = ["Order ID", "AWB Code", "Order Status", "Order Date", "Amount"]
OLD, NEW = "2020-01-31", datetime.now().astimezone().date().isoformat()
ROWS = [
    ["SO-1", "86210010461", "Cancel Requested", OLD, "100"],
    ["SO-2", "86210010462", "New Order", NEW, "900"],
    ["SO-3", "86210010463", "Delivered", OLD, "50"],
    ["SO-4", "86210010464", "Cancel Requested", NEW, "700"],
]
BY_DEFAULT = {"86210010461", "86210010464"}
KEY = LedgerKey("ithink", "sandbox", "cancel")


@dataclass
class Desk:
    """A folder with an export in it, and a ledger of its own."""

    folder: Path

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), catch_exceptions=False)

    def planned(self, *arguments: str, of: str = "orders.csv") -> set[str]:
        """The AWBs that `plan` would send."""
        made = self.run("plan", of, "-q", "-o", f"planned{Path(of).suffix}", *arguments)
        assert made.exit_code in (0, 1), made.output
        if of.endswith(".csv"):
            with (self.folder / "planned.csv").open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            return {row["AWB Code"] for row in rows if row["status"] == "Planned"}
        sheet = openpyxl.load_workbook(self.folder / "planned.xlsx").active
        assert sheet is not None
        names = next(sheet.iter_rows(min_row=1, max_row=1, values_only=True))
        lines = (dict(zip(names, line, strict=True)) for line in sheet.iter_rows(min_row=2, values_only=True))
        return {str(line["AWB Code"]) for line in lines if line["status"] == "Planned"}

    def write(self, name: str, rows: list[list[str]], header: list[str] | None = None) -> None:
        with (self.folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header or HEADER, *rows])

    def summary(self, *arguments: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.run(*arguments, "--json").stdout)
        return found

    def known(self, status: Status) -> None:
        """The ledger holds such an outcome of the first AWB."""
        with Ledger.open(str(self.folder / "ledger.db")) as ledger:
            run = ledger.start_run(RunStart(KEY, "cancel", "orders.csv", "", "0" * 64, "account", "somebody"))
            call = ledger.begin(run, Batch((Item("86210010461"),)))
            ledger.settle(call, [Outcome("86210010461", status, "said so")], note="", elapsed=0.1)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name in ("ITHINK_ENV", "ITHINK_ACCESS_TOKEN", "ITHINK_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BULK_CANCEL_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.chdir(tmp_path)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    made = Desk(tmp_path)
    made.write("orders.csv", ROWS)
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


# --- which rows -------------------------------------------------------------------------------------------------------


def two_sheets(desk: Desk) -> None:
    book = openpyxl.Workbook()
    for sheet, awb in (("October", "86210010471"), ("November", "86210010472")):
        page = book.create_sheet(sheet)
        page.append(HEADER)
        page.append(["SO-9", awb, "Cancel Requested", OLD, "1"])
        page.append(["SO-8", f"{awb[:-2]}9{awb[-1]}", "Cancel Requested", OLD, "1"])
    del book["Sheet"]
    book["November"].row_dimensions[3].hidden = True
    book.save(desk.folder / "two.xlsx")


def check_sheet(desk: Desk) -> None:
    two_sheets(desk)
    made = desk.run("plan", "two.xlsx", "--sheet", "November", "--json")
    assert (json.loads(made.stdout)["sheet"], json.loads(made.stdout)["counts"]["Planned"]) == ("November", 1)


def check_include_hidden(desk: Desk) -> None:
    two_sheets(desk)
    shown = desk.summary("plan", "two.xlsx", "--sheet", "November")
    both = desk.summary("plan", "two.xlsx", "--sheet", "November", "--include-hidden")
    assert [found["awbs"]["picked"] for found in (shown, both)] == [1, 2]  # type: ignore[index]


def check_header_row(desk: Desk) -> None:
    made = desk.run("plan", "orders.csv", "--header-row", "3")
    assert (made.exit_code, "row 3" in made.stderr) == (2, True)


def check_profile(desk: Desk) -> None:
    (desk.folder / "ours.toml").write_text('title = "Ours"\n[status]\ncancel = ["New Order"]\n', encoding="utf-8")
    assert desk.planned("--profile", "ours.toml") == {"86210010462"}


def check_column(desk: Desk) -> None:
    other = [[*row, awb] for row, awb in zip(ROWS, ("86210010481", "", "", "86210010484"), strict=True)]
    desk.write("orders.csv", other, [*HEADER, "RTO WayBill"])
    made = desk.run("plan", "orders.csv", "-q", "-o", "planned.csv", "--column", "awb_number=RTO WayBill")
    assert made.exit_code == 0, made.output
    with (desk.folder / "planned.csv").open(newline="", encoding="utf-8") as file:
        picked = [row["RTO WayBill"] for row in csv.DictReader(file) if row["status"] == "Planned"]
    assert picked == ["86210010481", "86210010484"]


def check_pick_from(desk: Desk) -> None:
    desk.write("list.csv", [["SO-2"]], ["Order ID"])
    assert desk.planned("--pick-from", "list.csv") == {"86210010462"}


def check_retry_failed(desk: Desk) -> None:
    desk.known(Status.FAILED)
    assert desk.planned() == {"86210010464"}
    assert desk.planned("--retry-failed") == BY_DEFAULT


def check_resend_unknown(desk: Desk) -> None:
    desk.known(Status.UNKNOWN)
    assert desk.planned() == {"86210010464"}
    assert desk.planned("--resend-unknown") == BY_DEFAULT


def plans(*arguments: str, awbs: set[str]) -> Callable[[Desk], None]:
    def check(desk: Desk) -> None:
        assert (desk.planned(), desk.planned(*arguments)) == (BY_DEFAULT, awbs)

    return check


def check_date_order(desk: Desk) -> None:
    other_way = f"{NEW[5:7]}-{NEW[8:]}-{NEW[:4]}"
    desk.write("dates.csv", [["SO-1", "86210010461", "Cancel Requested", "05-06-2020", "1"]])
    desk.write("new.csv", [["SO-1", "86210010461", "Cancel Requested", other_way, "1"]])
    assert desk.planned("--older-than", "30", "--date-order", "mdy", of="dates.csv") == {"86210010461"}
    assert desk.planned("--older-than", "30", "--date-order", "mdy", of="new.csv") == set()


SELECTING: dict[str, Callable[[Desk], None]] = {
    "sheet": check_sheet,
    "header_row": check_header_row,
    "profile": check_profile,
    "columns": check_column,
    "statuses": plans("--status", "New Order", awbs={"86210010462"}),
    "older_than": plans("--older-than", "30", awbs={"86210010461"}),
    "date_order": check_date_order,
    "where": plans("--where", "amount > 500", awbs={"86210010464"}),
    "everything": plans("--all", awbs={*BY_DEFAULT, "86210010462"}),
    "pick_from": check_pick_from,
    "awbs": plans("--awb", "86210010462", awbs={"86210010462"}),
    "allow_late": plans("--all", "--allow-late", "Delivered", awbs={*BY_DEFAULT, "86210010462", "86210010463"}),
    "too_late": plans("--all", "--too-late", "New Order", awbs=BY_DEFAULT),
    "include_hidden": check_include_hidden,
    "limit": plans("--limit", "1", awbs={"86210010461"}),
    "retry_failed": check_retry_failed,
    "resend_unknown": check_resend_unknown,
}
"""By the option's name in the program: what it changes."""


@pytest.mark.parametrize("option", SELECTING)
def test_an_option_changes_which_rows_are_planned(desk: Desk, option: str) -> None:
    SELECTING[option](desk)


# --- how a command runs -----------------------------------------------------------------------------------------------


def check_env(desk: Desk) -> None:
    assert desk.summary("plan", "orders.csv", "--env", "staging")["environment"] == "staging"


def check_output(desk: Desk) -> None:
    desk.run("cancel", "orders.csv", "-q", "-o", "there.csv")
    assert (desk.folder / "there.csv").is_file()


def check_strict(desk: Desk) -> None:
    desk.write("orders.csv", [*ROWS, ["SO-5", "1.31948E+12", "Cancel Requested", OLD, "1"]])
    made = desk.run("cancel", "orders.csv", "--strict")
    assert (made.exit_code, "--strict is set" in made.stderr) == (2, True)


def check_fail_if_empty(desk: Desk) -> None:
    desk.write("orders.csv", [])
    assert desk.run("plan", "orders.csv").exit_code == 0
    made = desk.run("plan", "orders.csv", "--fail-if-empty")
    assert (made.exit_code, "no rows below them" in made.stderr) == (2, True)


def check_batch_size(desk: Desk) -> None:
    assert desk.summary("cancel", "orders.csv", "--batch-size", "1")["calls"] == 2


def check_workers(desk: Desk) -> None:
    assert pace_of({"workers": 3}).workers == 3


def check_rate(desk: Desk) -> None:
    assert pace_of({"rate": 2.5}).rate == 2.5


def check_yes(desk: Desk) -> None:
    keys = {"ITHINK_ACCESS_TOKEN": "made-up", "ITHINK_SECRET_KEY": "made-up"}
    nowhere = {"ITHINK_CANCEL_URL": "http://127.0.0.1:9/c", "ITHINK_TRACK_URL": "http://127.0.0.1:9/t"}
    asked = CliRunner().invoke(main, ["cancel", "orders.csv", "--env", "staging"], env={**keys, **nowhere})
    assert (asked.exit_code, "no terminal to ask" in asked.stderr) == (2, True)
    desk.write("orders.csv", [])
    done = CliRunner().invoke(main, ["cancel", "orders.csv", "--env", "staging", "-y"], env={**keys, **nowhere})
    assert "no terminal to ask" not in done.stderr


def check_dry_run(desk: Desk) -> None:
    found = desk.summary("cancel", "orders.csv", "--dry-run")
    assert (found["run"], found["counts"]["Planned"]) == ("", 2)  # type: ignore[index]


def check_as_json(desk: Desk) -> None:
    assert json.loads(desk.run("cancel", "orders.csv", "--json").stdout)["rows"] == 4


def check_quiet(desk: Desk) -> None:
    assert desk.run("cancel", "orders.csv").stderr != ""
    assert desk.run("cancel", "orders.csv", "-q").stderr == ""


def check_verbose(desk: Desk) -> None:
    assert "the first 86210010461" in desk.run("cancel", "orders.csv", "-v").stderr


def check_verify_all(desk: Desk) -> None:
    desk.run("cancel", "orders.csv", "-q")
    desk.run("verify", "orders.csv", "--all", "-q")
    with (desk.folder / "orders.annotated.sandbox.csv").open(newline="", encoding="utf-8") as file:
        assert "verified" in next(csv.reader(file))


def check_history_csv(desk: Desk) -> None:
    run = str(desk.summary("cancel", "orders.csv")["run"])
    assert "86210010461" in desk.run("history", run, "--csv").stdout
    assert json.loads(desk.run("history", run, "--json").stdout)["run"]["run"] == run


def check_port(desk: Desk) -> None:
    from tests.misbehaving import MisbehavingService

    with MisbehavingService() as taken:
        made = desk.run("sandbox", "--port", str(taken.port))
    assert (made.exit_code, f"Port {taken.port} can't be used" in made.stderr) == (2, True)


def check_plan(desk: Desk) -> None:
    plan = str(desk.summary("plan", "orders.csv", "--limit", "1")["plan"])
    sent = desk.summary("cancel", "--plan", plan)
    assert (sent["plan"], sent["awbs"]["sent"]) == (plan, 1)  # type: ignore[index]


def check_no_browser(desk: Desk) -> None:
    opened = desk.folder / "opened.txt"
    browser = desk.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o700)
    for arguments in (["--no-browser"], []):
        page = serve(desk.folder, {"BROWSER": f"{browser} %s"}, arguments)
        page.end()
        assert opened.exists() is (not arguments)
    assert opened.read_text().strip() == page.link


def check_keep_days(desk: Desk) -> None:
    page = serve(desk.folder, arguments=["--no-browser", "--keep-days", "7"])
    assert "deleted after 7 days" in entered(page).words
    page.kill()


def check_largest(desk: Desk) -> None:
    page = serve(desk.folder, arguments=["--no-browser", "--largest", "3"])
    assert "up to 3 MB" in entered(page).words
    page.kill()


def check_because(desk: Desk) -> None:
    plan = str(desk.summary("plan", "orders.csv")["plan"])
    desk.run("reject", plan, "--because", "paid today")
    assert str(desk.summary("plans", plan)["stands"]).endswith(": paid today")


def check_account(desk: Desk) -> None:
    (desk.folder / "bulk-cancel.toml").write_text('[accounts.north]\nenvironment = "sandbox"\n', encoding="utf-8")
    assert desk.summary("plan", "orders.csv", "--account", "north")["environment"] == "sandbox account north"


def check_job(desk: Desk) -> None:
    (desk.folder / "bulk-cancel.toml").write_text("[jobs.few]\nlimit = 1\n", encoding="utf-8")
    assert desk.planned("--job", "few") == {"86210010461"}


def check_log(desk: Desk) -> None:
    desk.run("cancel", "orders.csv", "-q", "--log", "run.log")
    assert '"event": "call"' in (desk.folder / "run.log").read_text(encoding="utf-8")


def check_as_format(desk: Desk) -> None:
    desk.run("plan", "orders.csv", "--as", "xlsx")
    assert (desk.folder / "orders.plan.xlsx").exists()


def check_save(desk: Desk) -> None:
    desk.run("inspect", "orders.csv", "--save", "mine.toml")
    assert desk.planned("--profile", "mine.toml") == BY_DEFAULT


RUNNING: dict[str, Callable[[Desk], None]] = {
    "as_format": check_as_format,
    "env": check_env,
    "output": check_output,
    "strict": check_strict,
    "fail_if_empty": check_fail_if_empty,
    "batch_size": check_batch_size,
    "workers": check_workers,
    "rate": check_rate,
    "yes": check_yes,
    "dry_run": check_dry_run,
    "as_json": check_as_json,
    "quiet": check_quiet,
    "verbose": check_verbose,
    "check_all": check_verify_all,
    "as_csv": check_history_csv,
    "port": check_port,
    "plan": check_plan,
    "no_browser": check_no_browser,
    "keep_days": check_keep_days,
    "largest": check_largest,
    "because": check_because,
    "account": check_account,
    "job": check_job,
    "log": check_log,
    "save": check_save,
}


@pytest.mark.parametrize("option", RUNNING)
def test_an_option_changes_how_a_command_runs(desk: Desk, option: str) -> None:
    RUNNING[option](desk)


# --- none is forgotten ------------------------------------------------------------------------------------------------


def test_every_option_of_every_command_has_its_check() -> None:
    named = {
        parameter.name
        for command in main.commands.values()
        for parameter in command.params
        if isinstance(parameter, click.Option)
    }
    assert named == {*SELECTING, *RUNNING}


def test_an_option_that_picks_rows_and_is_not_known_is_an_error_and_never_dropped() -> None:
    with pytest.raises(TypeError, match="limits"):
        selection_of({"limits": 5, "older": 30})
    with pytest.raises(TypeError, match="limits"):
        SelectionOptions(limits=5)  # type: ignore[call-arg]


def test_the_options_of_a_run_are_stored_whole() -> None:
    options = SelectionOptions(
        sheet="Orders", header_row=2, profile="shiprocket", columns=("awb_number=AWB",), statuses=("a", "b"),
        older_than=7, where="amount > 5", everything=True, pick_from="erp.csv", allow_late=("Delivered",),
        include_hidden=True, limit=3, retry_failed=True, resend_unknown=True, today="2026-11-27",
    )  # fmt: skip
    assert SelectionOptions.from_json(options.as_json()) == options


def test_each_option_that_picks_rows_is_typed_as_the_command_line_has_it() -> None:
    typed = {
        parameter.name: parameter.opts[-1]
        for command in (main.commands["cancel"], main.commands["plan"])
        for parameter in command.params
        if parameter.name in SELECTING
    }
    assert typed == FLAGS
    assert {field.name for field in fields(SelectionOptions)} - {"today"} == set(FLAGS)


@pytest.mark.parametrize(("said", "taken", "size"), [(100, 100, 100), (7, 100, 7), (100, 25, 25)])
def test_no_call_is_planned_with_more_awbs_than_the_service_takes(said: int, taken: int, size: int) -> None:
    request = Request(input=Path("orders.csv"), pace=Pace(batch_size=said))
    assert request.plan_options(Limits(cancel=taken, track=1)).batch_size == size


def test_the_command_after_a_plan_picks_the_same_rows(desk: Desk) -> None:
    said = ["--status", "New Order", "--status", "Cancel Requested", "--older-than", "7", "--limit", "3"]
    desk.run("plan", "orders.csv", "-q", *said, "-o", "my plan.csv")
    page = (desk.folder / "my plan.html").read_text(encoding="utf-8")
    command = 'bulk-cancel cancel orders.csv --status "New Order" --status "Cancel Requested" --older-than 7 --limit 3'
    assert html.escape(command, quote=True).replace("&quot;", "&#34;") in page


def test_a_run_whose_options_this_version_does_not_know_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="another version, with options unknown to this one: date_shift, zone"):
        SelectionOptions.from_json('{"limit": 3, "zone": "IST", "date_shift": 1}')
