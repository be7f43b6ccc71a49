"""`bulk-cancel.toml`: accounts with keys that lie elsewhere, one apart from the other; and what a job says."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.errors import UsageError
from pipeline.jobs.cancel import pacer_for
from pipeline.jobs.prepare import opened
from pipeline.jobs.request import Request
from pipeline.model.runs import LedgerKey, account_in, with_account, without_account
from pipeline.settings import Settings, settings_here
from tests.misbehaving import SECRET, TOKEN, Asked, Behaviour, MisbehavingService, all_cancelled
from tests.silent import Silent
from tests.test_job import environment, orders, start

NORTH = """
[accounts.north]
environment = "staging"
access_token = "env:NORTH_TOKEN"
secret_key = "env:NORTH_KEY"
cancel_url = "{cancel}"
track_url = "{track}"
"""
NORTH_KEYS = {"NORTH_TOKEN": TOKEN, "NORTH_KEY": SECRET}


def account(service: MisbehavingService, name: str = "north", more: str = "") -> str:
    where = service.service
    text = NORTH.format(cancel=where.cancel_url, track=where.track_url) + more
    return text.replace("north", name)


def config(folder: Path, text: str) -> Path:
    path = folder / "bulk-cancel.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a ledger, a home and nothing set."""
    for name in [name for name in os.environ if name.startswith(("ITHINK_", "BULK_CANCEL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BULK_CANCEL_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def service() -> Iterator[MisbehavingService]:
    with MisbehavingService() as made:
        yield made


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_a_run_of_an_account_calls_its_address_with_its_keys_and_is_kept_under_its_name(
    tmp_path: Path, service: MisbehavingService
) -> None:
    source = orders(tmp_path / "orders.csv", 2)
    config(tmp_path, account(service))
    other = {"ITHINK_ENV": "production", "ITHINK_ACCESS_TOKEN": "another", "ITHINK_SECRET_KEY": "another"}
    done = start(["cancel", str(source), "--account", "north", "-y", "--json"], tmp_path, **NORTH_KEYS, **other)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert len(service.processed) == 2
    assert summary["environment"] == f"staging {service.service.cancel_url} account north"
    assert (tmp_path / "orders.annotated.staging.csv").is_file()
    page = (tmp_path / "orders.annotated.staging.html").read_text(encoding="utf-8")
    assert "north" in page
    again = start(["annotate", summary["run"], "--account", "north", "--json"], tmp_path, **NORTH_KEYS)
    assert json.loads(again.stdout)["counts"]["Success"] == 2
    mine = json.loads(start(["history", "--account", "north", "--json"], tmp_path).stdout)
    default = json.loads(start(["history", "--account", "default", "--json"], tmp_path).stdout)
    assert ([run["run"] for run in mine], default) == ([summary["run"]], [])


def test_what_one_account_was_told_of_an_awb_says_nothing_of_another_account(
    tmp_path: Path, service: MisbehavingService
) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    text = account(service) + account(service, "south").replace("SOUTH", "SOUTH").replace("NORTH", "SOUTH")
    config(tmp_path, text)
    keys = {**NORTH_KEYS, "SOUTH_TOKEN": "tok-of-the-south", "SOUTH_KEY": "sec-of-the-south"}
    sent = [
        start(["cancel", str(source), "--account", name, "-y", "--json"], tmp_path, **keys)
        for name in ("north", "south")
    ]
    assert [json.loads(one.stdout)["awbs"]["sent"] for one in sent] == [1, 1]
    both, south, none = (
        start(["evidence", str(source), "--csv", *of], tmp_path).stdout.splitlines()[1:]
        for of in ([], ["--account", "south"], ["--account", "default"])
    )
    assert (len(both), len(south), none) == (2, 1, [])
    assert "account south" in south[0]


def test_one_run_an_account_at_a_time_and_accounts_side_by_side(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    asked, go_on = threading.Event(), threading.Event()

    def hold(one: Asked) -> Behaviour:
        asked.set()
        assert go_on.wait(60)
        return all_cancelled(one)

    with ExitStack() as stack:
        slow, quick = stack.enter_context(MisbehavingService(hold)), stack.enter_context(MisbehavingService())
        config(tmp_path, account(slow) + account(quick, "south").replace("NORTH", "SOUTH"))
        keys = {**NORTH_KEYS, "SOUTH_TOKEN": "tok-of-the-south", "SOUTH_KEY": "sec-of-the-south"}
        settings = environment(tmp_path, **keys)
        command = [sys.executable, "-m", "pipeline", "cancel", str(source), "-y", "-q", "--account", "north"]
        first = subprocess.Popen(command, cwd=tmp_path, env=settings, stdout=subprocess.DEVNULL)
        assert asked.wait(60)
        again = start(["cancel", str(source), "-y", "-q", "--account", "north"], tmp_path, **keys)
        beside = start(["cancel", str(source), "-y", "-q", "--account", "south"], tmp_path, **keys)
        go_on.set()
        assert first.wait(60) == 0
    assert (again.returncode, "Another run is at work" in again.stderr) == (2, True)
    assert beside.returncode == 0, beside.stderr


def test_the_account_of_env_is_not_asked_for_and_stays_as_it_was(here: Path) -> None:
    config(here, '[accounts.north]\nenvironment = "production"\naccess_token = "env:A"\nsecret_key = "env:B"\n')
    for name in (None, "default"):
        assert settings_here(None, account=name).ledger_key == LedgerKey("ithink", "sandbox", "cancel")


def test_no_environment_and_no_address_is_taken_from_another_account(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "ITHINK_ENV": "production", "ITHINK_CANCEL_URL": "http://127.0.0.1:9/c", "ITHINK_TRACK_URL": "http://127.0.0.1:9/t",
        "ITHINK_TRUST_ORDER": "1", "BULK_CANCEL_APPROVAL": "another person", "T": "token-made-up", "K": "key-made-up",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    config(here, '[accounts.north]\nenvironment = "staging"\naccess_token = "env:T"\nsecret_key = "env:K"\n')
    found = settings_here(None, account="north")
    assert found.service.environment == "staging"
    assert found.service.host == "pre-alpha.ithinklogistics.com"
    assert (found.service.trust_order, found.approval_from) == (False, None)  # type: ignore[attr-defined]
    assert settings_here("sandbox", account="north").ledger_key.environment == "sandbox account north"
    with pytest.raises(UsageError, match="Account north is one of staging, and --env says production"):
        settings_here("production", account="north")


def test_everything_of_an_account_is_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", "token-made-up")
    monkeypatch.setenv("K", "key-made-up")
    config(
        here,
        '[accounts.north]\nenvironment = "production"\naccess_token = "env:T"\nsecret_key = "env:K"\n'
        'calls_per_second = 2.5\napproval = "another person"\napproval_from = 50\nidentity = "signed in"\n'
        'notify = ["slack://made-up-notice-key"]\ntrust_order = true\n',
    )
    found = settings_here(None, account="north")
    assert (found.calls_per_second, found.approval_from, found.identity) == (2.5, 50, "signed in")
    assert found.notify == ("slack://made-up-notice-key",)
    assert "made-up" not in repr(found) + repr(load_config(here))


def test_the_pace_of_an_account_is_kept_and_the_command_line_wins(
    here: Path, service: MisbehavingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NORTH_KEYS.items():
        monkeypatch.setenv(name, value)
    config(here, account(service, more="calls_per_second = 4.0\n"))
    request = Request(input=orders(here / "orders.csv", 1), who="ann on pc")
    with opened(request, settings_here(None, account="north"), Silent()) as found:
        pacer = pacer_for(found)
        pacer.take(100.0)
        assert pacer.wait(100.0) == 0.25


def test_an_approval_of_an_account_comes_from_another_person_who_names_the_account(
    tmp_path: Path, service: MisbehavingService
) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    path = config(tmp_path, account(service, more='approval = "another person"\n'))

    def run(*arguments: str, by: str = "ann") -> subprocess.CompletedProcess[str]:
        return start(list(arguments), tmp_path, LOGNAME=by, USER=by, **NORTH_KEYS)

    refused = run("cancel", str(source), "--account", "north", "-y")
    plan = refused.stderr.partition("--plan ")[2].split()[0]
    assert (refused.returncode, f"--plan {plan} --account north" in refused.stderr) == (2, True)
    assert service.processed == []
    assert "Say --account north" in run("approve", plan, by="bob").stderr
    assert run("approve", plan, "--account", "north").returncode == 2  # its maker
    path.write_text(account(service, more='approval = "another person"\nidentity = "signed in"\n'), encoding="utf-8")
    assert "only from somebody who is signed in" in run("approve", plan, "--account", "north", by="bob").stderr
    path.write_text(account(service, more='approval = "another person"\n'), encoding="utf-8")
    assert run("approve", plan, "--account", "north", by="bob").returncode == 0
    assert run("cancel", "--plan", plan, "-y").returncode == 2  # the account default
    done = run("cancel", "--plan", plan, "--account", "north", "-y")
    assert (done.returncode, len(service.processed)) == (0, 1), done.stderr


def test_keys_that_the_ledger_knows_under_another_name_send_nothing(
    tmp_path: Path, service: MisbehavingService
) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    path = config(tmp_path, account(service))
    assert start(["cancel", str(source), "--account", "north", "-y"], tmp_path, **NORTH_KEYS).returncode == 0
    path.write_text(account(service, "nord"), encoding="utf-8")
    keys = {"NORTH_TOKEN": TOKEN, "NORTH_KEY": SECRET}
    refused = start(["cancel", str(source), "--account", "nord", "-y"], tmp_path, **keys)
    assert (refused.returncode, 'known_as = "north"' in refused.stderr) == (2, True)
    path.write_text(account(service, "nord", 'known_as = "xorth"\n').replace("xorth", "north"), encoding="utf-8")
    done = start(["cancel", str(source), "--account", "nord", "-y", "--json"], tmp_path, **keys)
    assert json.loads(done.stdout)["awbs"]["already_cancelled"] == 1
    assert len(service.processed) == 1


@pytest.mark.parametrize("where", ["sandbox", "staging", "staging https://x.example/c"])
def test_the_ledgers_key_names_the_account_and_gives_it_back(where: str) -> None:
    for name in ("north", "a.b-c_1"):
        assert (account_in(with_account(where, name)), without_account(with_account(where, name))) == (name, where)
    assert (with_account(where, "default"), account_in(where), without_account(where)) == (where, "default", where)


# --- where keys lie ---------------------------------------------------------------------------------------------------

KEYRING = """
import keyring.backend, keyring.errors

class Backend(keyring.backend.KeyringBackend):
    priority = 1
    def get_password(self, service, name):
        {body}
    def set_password(self, service, name, password): ...
    def delete_password(self, service, name): ...
"""


def keyed(folder: Path, place: str) -> Settings:
    config(folder, f'[accounts.north]\nenvironment = "production"\naccess_token = "{place}"\nsecret_key = "env:K"\n')
    return settings_here(None, account="north")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_is_read_from_a_file_beside_the_configuration(
    here: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("K", "key-made-up")
    (here / "token").write_text("token-made-up\n", encoding="utf-8")
    (here / "token").chmod(mode)
    monkeypatch.setenv("T", "token-made-up")
    assert keyed(here, "file:token").account == keyed(here, "env:T").account


def through_keyring(folder: Path, body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, whose keyring is a backend that does so."""
    (folder / "made_up_keyring.py").write_text(KEYRING.format(body=body), encoding="utf-8")
    root = str(Path(__file__).parent.parent)
    ring = {"PYTHONPATH": os.pathsep.join([root, str(folder)]), "PYTHON_KEYRING_BACKEND": "made_up_keyring.Backend"}
    return start(arguments, folder, K=SECRET, **ring)


def test_a_key_is_read_from_the_keyring_of_the_system(tmp_path: Path, service: MisbehavingService) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    text = account(service).replace("env:NORTH_TOKEN", "keyring:north-token").replace("NORTH_KEY", "K")
    config(tmp_path, text)
    body = f"return {{('bulk-cancel', 'north-token'): {TOKEN!r}}}.get((service, name))"
    done = through_keyring(tmp_path, body, "cancel", str(source), "--account", "north", "-y")
    assert (done.returncode, len(service.processed)) == (0, 1), done.stderr
    assert TOKEN.encode() in service.log[0].asked.body


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise keyring.errors.KeyringLocked('tok-0123456789abcdef')", "the keyring is locked"),
        ("raise keyring.errors.NoKeyringError('none')", "this system has no keyring"),
        ("raise ValueError('tok-0123456789abcdef')", "the keyring failed (ValueError)"),
        ("return None", "keyring set bulk-cancel north-token"),
    ],
)
def test_a_keyring_that_gives_no_key_stops_the_run_before_anything_is_sent(
    tmp_path: Path, service: MisbehavingService, body: str, words: str
) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    text = account(service).replace("env:NORTH_TOKEN", "keyring:north-token").replace("NORTH_KEY", "K")
    config(tmp_path, text)
    done = through_keyring(tmp_path, body, "cancel", str(source), "--account", "north", "-y", "-v")
    assert (done.returncode, words in done.stderr, service.log) == (2, True, []), done.stderr
    assert "line 4, [accounts.north]: access_token lies in the keyring" in done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_without_the_library_the_keyring_is_said_to_be_missing(tmp_path: Path) -> None:
    config(tmp_path, '[accounts.north]\nenvironment = "production"\naccess_token = "keyring:t"\nsecret_key = "env:K"\n')
    block = "import sys; sys.modules['keyring'] = None; from pipeline.cli import main; main(sys.argv[1:])"
    orders(tmp_path / "orders.csv", 1)
    done = subprocess.run(
        [sys.executable, "-c", block, "cancel", "orders.csv", "--account", "north", "-y"],
        cwd=tmp_path, env=environment(tmp_path, K="k"), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, 'pip install "ithink-bulk-cancel[keyring]"' in done.stderr) == (2, True), done.stderr


def other_place(here: Path, name: str) -> None:
    match name:
        case "readable":
            (here / name).write_text("token-made-up", encoding="utf-8")
            (here / name).chmod(stat.S_IRUSR | stat.S_IRGRP)
        case "empty":
            (here / name).touch(0o600)
        case "binary":
            (here / name).write_bytes(b"\xff\xfe\xff\xff")
            (here / name).chmod(0o600)
        case "large":
            (here / name).write_text("x" * 10_001, encoding="utf-8")
            (here / name).chmod(0o600)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("file:absent", "which can't be read (No such file or directory)"),
        ("file:readable", "which other users of this machine can read. Run  chmod 600"),
        ("file:empty", "which is empty"),
        ("file:large", "which is too large"),
        ("file:binary", "which is no text"),
        ("env:ABSENT", "the environment variable ABSENT, which is not set"),
        ("token-made-up", "access_token holds a key itself"),
        ("keyring:", "access_token holds a key itself"),
        ("vault:token-made-up", "access_token holds a key itself"),
    ],
)
def test_a_key_that_can_not_be_had_is_named_with_its_line_and_never_shown(
    here: Path, monkeypatch: pytest.MonkeyPatch, place: str, words: str
) -> None:
    monkeypatch.setenv("K", "key-made-up")
    other_place(here, place.partition(":")[2])
    with pytest.raises(UsageError) as trouble:
        keyed(here, place)
    assert words in str(trouble.value)
    assert "bulk-cancel.toml, line 3, [accounts.north]: access_token" in str(trouble.value)
    assert "Nothing was sent" in str(trouble.value)
    assert "made-up" not in str(trouble.value)


def test_a_key_in_the_file_stops_every_command_whatever_its_account(tmp_path: Path) -> None:
    config(tmp_path, f'[accounts.north]\nenvironment = "sandbox"\nsecret_key = "{SECRET}"\n')
    done = start(["cancel", str(orders(tmp_path / "orders.csv", 1))], tmp_path)
    assert (done.returncode, "secret_key holds a key itself" in done.stderr) == (2, True)
    assert SECRET not in done.stderr + done.stdout
    assert list(tmp_path.glob("orders.annotated*")) == []


def test_a_command_that_sends_nothing_goes_on_without_the_keys_and_says_so(tmp_path: Path) -> None:
    config(tmp_path, '[accounts.north]\nenvironment = "production"\naccess_token = "env:T"\nsecret_key = "env:K"\n')
    made = start(["plan", str(orders(tmp_path / "orders.csv", 1)), "--account", "north"], tmp_path)
    assert made.returncode == 0, made.stderr
    assert "access_token lies in the environment variable T, which is not set" in made.stderr
    assert "The plan is not sealed" in made.stderr


# --- a file that can't be read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[accounts.north\n", "line 1: This line is not valid TOML, at [accounts.north"),
        ('[accounts.north]\nsecret_key = "made-up\n', "line 2: This line is not valid TOML, at secret_key"),
        ("[accounts.north]\nsecret_key = made-up\n", "line 2: This line is not valid TOML, at secret_key"),
        ('[accounts.north]\nsecret_key = """\nmade-up\n', "line 3: This line is not valid TOML. A text"),
        ('[account.north]\nenvironment = "staging"\n', "account is not known. Did you mean accounts?"),
        ("accounts = 3\n", "accounts is no table"),
        ("[accounts]\nnorth = 3\n", "north is no table"),
        ('[accounts.north]\nenviroment = "staging"\n', "enviroment is not known. Did you mean environment?"),
        ('[accounts.nort]\nenvironment = "staging"\n', "There is no account 'north'. Did you mean nort?"),
        ('[accounts.north]\nenvironment = "live"\n', "line 2, [accounts.north]: environment is 'live'"),
        ("[accounts.north]\n", "[accounts.north]: environment is not set"),
        ('[accounts.north]\nenvironment = "staging"\ncalls_per_second = 0\n', "calls_per_second is no number above 0"),
        ('[accounts.north]\nenvironment = "staging"\ncalls_per_second = true\n', "calls_per_second is no number"),
        ('[accounts.north]\nenvironment = "staging"\ncalls_per_second = nan\n', "calls_per_second is no number"),
        ('[accounts.north]\nenvironment = "staging"\nidentity = "face"\n', "identity is 'face'"),
        ('[accounts.north]\nenvironment = "staging"\nnotify = "slack://x"\n', "notify is no list"),
        ('[accounts.north]\nenvironment = "staging"\napproval_from = "many"\n', "approval_from is no number"),
        ('[accounts.north]\nenvironment = "staging"\ntrust_order = 1\n', "trust_order is neither"),
        ('[accounts.north]\nenvironment = "staging"\nknown_as = "a b"\n', "known_as is no name"),
        ('[accounts.north]\nenvironment = "staging"\n', "access_token is not set"),
        ('[accounts.north]\nenvironment = "staging"\napproval = "somebody"\n', "[accounts.north]: approval and"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_named_with_line_and_key(here: Path, text: str, words: str) -> None:
    config(here, text)
    with pytest.raises(UsageError) as trouble:
        settings_here(None, account="north")
    assert words in str(trouble.value)
    assert "made-up" not in str(trouble.value)


def test_a_file_that_is_no_text_stops_every_command(tmp_path: Path) -> None:
    (tmp_path / "bulk-cancel.toml").write_bytes(b"\xff\xfe\x00")
    done = start(["history"], tmp_path)
    assert (done.returncode, "This file is no text" in done.stderr) == (2, True)


def test_the_file_of_the_working_folder_wins_over_the_one_of_the_user(here: Path) -> None:
    own = here / "config" / "bulk-cancel"
    own.mkdir(parents=True)
    config(own, '[accounts.theirs]\nenvironment = "sandbox"\n')
    assert load_config(here).names("accounts") == ["theirs"]
    config(here, '[accounts.ours]\nenvironment = "sandbox"\n')
    assert load_config(here).names("accounts") == ["ours"]


# --- jobs and defaults ------------------------------------------------------------------------------------------------

MONTH_END = """
[defaults]
limit = 9
older-than = 1

[jobs.month-end]
all = true
limit = 2
"""


def test_the_command_line_wins_over_the_job_and_the_job_over_the_defaults(tmp_path: Path) -> None:
    source = str(orders(tmp_path / "orders.csv", 12))
    config(tmp_path, "[defaults]\nlimit = 9\n[jobs.month-end]\nlimit = 2\nworkers = 3\n")

    def picked(*arguments: str) -> tuple[int, str]:
        made = start(["plan", source, *arguments], tmp_path)
        assert made.returncode == 0, made.stderr
        summary = json.loads((tmp_path / "orders.plan.json").read_text(encoding="utf-8"))
        return summary["counts"]["Planned"], made.stderr

    assert picked()[0] == 9
    by_job, shown = picked("--job", "month-end")
    assert by_job == 2
    assert "From bulk-cancel.toml, [jobs.month-end]: --limit 2, --workers 3" in shown
    typed, shown = picked("--job", "month-end", "--limit", "5")
    assert (typed, "--limit 2 (typed otherwise)" in shown) == (5, True)
    page = (tmp_path / "orders.plan.html").read_text(encoding="utf-8")
    assert "[jobs.month-end]" in page


def test_the_options_of_a_job_are_those_of_the_command(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_text(
        "Order ID,AWB Code,Order Status\nSO-1,86210010461,New Order\nSO-2,86210010462,Cancel Requested\n"
        "SO-3,86210010463,Packed\n",
        encoding="utf-8",
    )
    config(tmp_path, '[jobs.a]\nstatus = ["New Order", "Packed"]\n[jobs.b]\nstatus = "Packed"\nenv = "staging"\n')
    for job, planned, environment_ in (("a", 2, "sandbox"), ("b", 1, "staging")):
        made = start(["plan", str(source), "--job", job, "--json"], tmp_path)
        found = json.loads(made.stdout)
        assert (found["counts"]["Planned"], found["environment"]) == (planned, environment_)


def test_defaults_do_not_forbid_a_sealed_plan_or_its_sheet(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    config(tmp_path, "[defaults]\nlimit = 2\n[jobs.one]\nlimit = 1\n")
    plan = json.loads(start(["plan", str(source), "--json"], tmp_path).stdout)["plan"]
    refused = start(["cancel", "orders.plan.csv", "--job", "one"], tmp_path)
    assert (refused.returncode, "--job was given" in refused.stderr) == (2, True), refused.stderr
    sent = json.loads(start(["cancel", "orders.plan.csv", "--json"], tmp_path).stdout)
    assert (sent["plan"], sent["awbs"]["sent"]) == (plan, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[jobs.month-end]\nolder_then = 3\n", "older_then is not known. Did you mean older_than?"),
        ("[jobs.month-end]\nolder_than = -3\n", "line 2, [jobs.month-end]: older_than has a value that can't be"),
        ("[jobs.month-end]\nolder_than = true\n", "older_than has a value of the wrong kind. Write a whole number."),
        ("[jobs.month-end]\nolder_than = 2.5\n", "older_than has a value of the wrong kind"),
        ('[jobs.month-end]\nall = "yes"\n', "all has a value of the wrong kind. Write true or false"),
        ("[jobs.month-end]\nlimit = [1, 2]\n", "limit has a value of the wrong kind"),
        ('[jobs.month-end]\ndate_order = "ydm"\n', "date_order has a value that can't be"),
        ("[jobs.month-end]\nyes = true\n", "yes can't stand in a file. A file can't confirm anything"),
        ("[jobs.month_end]\nlimit = 3\n", "There is no job 'month-end' in bulk-cancel.toml. Did you mean month_end?"),
        ("[defaults]\nyes = true\n[jobs.month-end]\n", "line 2, [defaults]: yes can't stand in a file"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_job_is_named_with_line_and_key(tmp_path: Path, text: str, words: str) -> None:
    config(tmp_path, text)
    done = start(["cancel", str(orders(tmp_path / "orders.csv", 1)), "--job", "month-end"], tmp_path)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert "Nothing was sent" in done.stderr
    assert not (tmp_path / "ledger.db").exists()


def test_help_reads_no_file(tmp_path: Path) -> None:
    config(tmp_path, "[[[")
    assert start(["cancel", "--help"], tmp_path).returncode == 0
