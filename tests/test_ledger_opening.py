"""A ledger that can't be used is refused in a sentence that names the next step, and left as it is."""

import json
import os
import pwd
import resource
import sqlite3
import stat
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import filelock  # noqa: F401 - a process that changed its user may not be allowed to read it any more
import pandas as pd
import platformdirs
import pytest

from pipeline.config import load_config
from pipeline.config.config_file import own_folder
from pipeline.errors import LedgerError, UsageError
from pipeline.ledger import Ledger, RunStart, sqlite_file
from pipeline.ledger.migrations import VERSION
from pipeline.ledger.schema import metadata
from pipeline.model.calls import Batch, Item, Outcome
from pipeline.model.runs import LedgerKey
from schemas.annotated import Status

SANDBOX = LedgerKey("ithink", "sandbox", "cancel")
START = RunStart(SANDBOX, "cancel", "/orders.xlsx", "Orders", "d" * 64, "account", "clerk")
NOBODY = 65534
ROOT = Path(__file__).parent.parent


def batch(*awbs):
    return Batch(tuple(Item(awb) for awb in awbs))


def filled(path, awbs=300):
    """A ledger of one finished run, closed."""
    with Ledger.open(str(path)) as ledger:
        run = ledger.start_run(START)
        sent = batch(*(f"AWB{number:06d}" for number in range(awbs)))
        outcomes = [Outcome(awb, Status.SUCCESS, "done " * 20) for awb in sent.awbs]
        ledger.settle(ledger.begin(run, sent), outcomes, note="", elapsed=1)
    return path


def in_a_process(work, user=None):
    """What ``work`` returns in a process of its own, run as another user where this one may do everything."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            if user is not None and os.geteuid() == 0:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            found = work()
        except BaseException:
            found = traceback.format_exc()
        os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        found = json.loads(told.read())
    os.waitpid(child, 0)
    return found


def trouble_of(work):
    """The message with which ``work`` is refused."""
    try:
        work()
    except LedgerError as trouble:
        return str(trouble)
    return "no trouble"


@pytest.fixture
def plain_folder():
    """A folder that a user without rights owns and can reach."""
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        yield Path(folder)
        Path(folder).chmod(0o700)


# --- what is made -----------------------------------------------------------------------------------------------------


def test_a_new_ledger_is_its_owners_alone(tmp_path):
    path = tmp_path / "new" / "ledger.db"
    before = os.umask(0)
    try:
        with Ledger.open(str(path)) as ledger:
            ledger.start_run(START)
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}


@pytest.mark.parametrize("name", ["ledger.db", "mein Ledger.db", "100% ours?.db", "a#b&c=d.db"])
def test_any_path_will_do_and_so_will_its_url(tmp_path, name):
    path = filled(tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        assert len(ledger.runs()) == (name == "ledger.db")
    peeked = Ledger.peek(str(path))
    with peeked:
        assert len(peeked.runs()) == 1


def test_what_was_written_is_there_after_closing_and_opening(tmp_path):
    path = filled(tmp_path / "ledger.db", awbs=1)
    with Ledger.open(str(path)) as ledger:
        assert ledger.known(SANDBOX, pd.Series(["AWB000000"]))["status"].tolist() == ["Success"]


def test_a_commit_waits_for_the_disk(tmp_path):
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger, ledger._engine.connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        }
        assert asked == {"journal_mode": "wal", "synchronous": 2}
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_many_runs_may_open_a_new_ledger_at_once(tmp_path):
    path = str(tmp_path / "ledger.db")
    go, start = os.pipe()
    children = []
    for _ in range(6):
        child = os.fork()
        if not child:
            os.close(start)
            os.read(go, 1)  # returns when the parent closes the other end
            try:
                with Ledger.open(path) as ledger:
                    ledger.start_run(START)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        children.append(child)
    os.close(go)
    os.close(start)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 6
    with Ledger.open(path) as ledger:
        assert len(ledger.runs()) == 6


def test_a_new_ledger_appears_as_a_whole_and_for_its_owner_only(tmp_path):
    path = tmp_path / "ledger.db"
    sqlite_file._make_file(path)
    assert path.read_bytes()[18:20] == b"\x02\x02"  # WAL already (sqlite.org/fileformat2.html, bytes 18 and 19)
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.db"]
    assert path.stat().st_mode & 0o077 == 0


def test_a_run_that_was_faster_keeps_its_ledger(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path)) as ledger:
        run = ledger.start_run(START)
        sqlite_file._make_file(path)
        assert [one.run for one in ledger.runs()] == [run]
    with Ledger.open(str(path)) as ledger:
        assert [one.run for one in ledger.runs()] == [run]


def test_a_disk_without_hard_links_gets_a_ledger_too(tmp_path, monkeypatch):
    def unsupported(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr("os.link", unsupported)
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path)) as ledger:
        ledger.start_run(START)
    assert path.stat().st_mode & 0o077 == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ledger.db"]


# --- what is refused and left alone -----------------------------------------------------------------------------------


def newer(path):
    filled(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE name = 'version'")
    connection.close()


def damaged_inside(path):
    content = bytearray(filled(path).read_bytes())
    content[4096 * 6 :] = os.urandom(len(content) - 4096 * 6)
    path.write_bytes(content)


def cut_short(path):
    path.write_bytes(filled(path).read_bytes()[:-8192])


def a_header_and_nothing_more(path):
    path.write_bytes(filled(path).read_bytes()[:100])


def without_a_table(path):
    filled(path)
    with sqlite3.connect(path) as connection:
        connection.executescript("PRAGMA foreign_keys=OFF; DROP TABLE history;")
    connection.close()


def somebody_elses(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()


UNUSABLE = {
    newer: f"was written by a newer bulk-cancel (its version is 999, this one knows {VERSION})",
    damaged_inside: "damaged",
    cut_short: "damaged",
    a_header_and_nothing_more: "damaged",
    without_a_table: "is damaged (the table history is gone)",
    somebody_elses: "holds other tables than a ledger's",
    lambda path: path.write_bytes(b"AWB,status\n" * 900): "is no ledger, or it is damaged",
    lambda path: path.write_bytes(b"x"): "is no ledger, or it is damaged",
}


@pytest.mark.parametrize(
    ("make", "way"),
    [(make, Ledger.open) for make in UNUSABLE]
    + [(make, Ledger.peek) for make in UNUSABLE if make not in (damaged_inside, cut_short)],  # a look checks no page
)
def test_an_unusable_file_is_refused_and_left_as_it_is(tmp_path, make, way):
    path = tmp_path / "ledger.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(LedgerError) as trouble:
        way(str(path))
    assert UNUSABLE[make] in str(trouble.value)
    assert str(path) in str(trouble.value)
    assert path.read_bytes() == before


def test_reading_a_damaged_ledger_is_a_trouble_too_and_no_traceback(tmp_path):
    path = tmp_path / "ledger.db"
    damaged_inside(path)

    def look():
        with Ledger.peek(str(path)) as ledger:
            ledger.audit(ledger.runs()[0].run)

    assert "damaged" in trouble_of(look)


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("{folder}", "The ledger's path is a folder"),
        ("{folder}/file/ledger.db", "its folder's path leads through a file"),
        ("{folder}/loop", "links on its path lead in a circle"),
        ("{folder}/loop/ledger.db", "links on its path lead in a circle"),
        ("{folder}/pipe", "is no file, but a device or a pipe"),
        ("/dev/null", "is no file, but a device or a pipe"),
        ("/dev/full", "is no file, but a device or a pipe"),
        ("/proc/ledger.db", "its folder is gone, or can't be made"),
        ("{folder}/" + "x" * 300, "its path is too long"),
        ("~nosuchuser/ledger.db", "names the home of a user who has none"),
        ("sqlite://", "A ledger in memory forgets"),
        ("sqlite:///:memory:", "A ledger in memory forgets"),
        ("nodatabase://clerk:hunter2@host/ledger", "can't be kept in nodatabase"),
        ("postgresql+psycopg://clerk:hunter2@host:port/ledger", "is no usable database address"),
        ("postgresql+nodriver://clerk:hunter2@nowhere.invalid/ledger", "can't be reached"),
        ("://hunter2", "is no usable database address"),
    ],
)
def test_an_address_that_can_be_no_ledger_is_refused_without_showing_its_password(tmp_path, location, words):
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LedgerError) as trouble:
        Ledger.open(location.format(folder=tmp_path))
    assert words in str(trouble.value)
    assert "hunter2" not in "".join(traceback.format_exception(trouble.value))


@pytest.mark.parametrize("location", ["{folder}", "{folder}/file/ledger.db", "{folder}/loop", "{folder}/pipe"])
def test_what_can_be_no_ledger_is_no_ledger_without_runs(tmp_path, location):
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LedgerError):
        Ledger.peek(location.format(folder=tmp_path))
    assert Ledger.peek(str(tmp_path / "none" / "ledger.db")) is None


def ran(folder, *words, prepare=lambda: None, **environment):
    """The program itself, in a folder: its exit code, and what it said of trouble."""
    command = [sys.executable, "-m", "pipeline", *words]
    around = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    done = subprocess.run(
        command, cwd=folder, env=around, preexec_fn=prepare, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_in_a_folder_that_is_gone_the_program_starts_and_a_ledger_of_it_is_refused_in_words(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    sheet = tmp_path / "orders.csv"
    sheet.write_text("Order Number,AWB Number,Status\nSO-1,86210010463,Cancel Requested\n")
    around = {"HOME": str(tmp_path), "BULK_CANCEL_LEDGER": "ledger.db"}
    code, said = ran(gone, "plan", str(sheet), prepare=gone.rmdir, **around)
    assert (code, "Traceback" in said) == (2, False)
    assert "its folder is gone" in said


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch):
    def unknown(user):
        raise KeyError(user)

    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)  # as in a container whose user stands in no list
    for find in (platformdirs.user_config_path, platformdirs.user_data_path):
        with pytest.raises(UsageError, match=r"has no home folder.*Set HOME"):
            own_folder(find)


def test_settings_in_a_folder_that_cannot_be_looked_into_are_not_taken_for_none(plain_folder):
    def look():
        with pytest.raises(UsageError) as trouble:
            load_config(plain_folder / "closed")
        return str(trouble.value)

    (plain_folder / "closed").mkdir()
    (plain_folder / "closed").chmod(0o000)
    assert "This folder can't be looked into (Permission denied)" in in_a_process(look, NOBODY)


@pytest.mark.parametrize("read_only", ["file", "folder"])
def test_a_ledger_that_cannot_be_written_is_refused(plain_folder, read_only):
    path = filled(plain_folder / "ledger.db")
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    (path if read_only == "file" else plain_folder).chmod(0o444 if read_only == "file" else 0o555)
    before = path.read_bytes()
    said = in_a_process(lambda: trouble_of(lambda: Ledger.open(str(path))), NOBODY)
    assert "The ledger can't be" in said
    assert "Nothing was sent" in said
    assert path.read_bytes() == before


def test_a_folder_in_which_no_ledger_can_be_made_is_refused(plain_folder):
    plain_folder.chmod(0o555)
    said = in_a_process(lambda: trouble_of(lambda: Ledger.open(str(plain_folder / "ledger.db"))), NOBODY)
    assert "no permission" in said


def limited(path, room):
    """Opens the ledger and sends where files can't grow beyond ``room`` bytes more."""
    largest = max(file.stat().st_size for file in path.parent.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + room, largest + room))
    with Ledger.open(str(path)) as ledger:
        run = ledger.start_run(START)
        for number in range(10_000):
            sent = batch(*(f"X{number}Y{place}" for place in range(100)))
            call = ledger.begin(run, sent)
            ledger.settle(call, [Outcome(awb, Status.FAILED, "no") for awb in sent.awbs], note="", elapsed=1)


def test_a_ledger_on_a_full_disk_is_refused_before_anything_is_sent(tmp_path):
    filled(tmp_path / "ledger.db", awbs=1)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        size = (tmp_path / "ledger.db").stat().st_size
    connection.close()
    said = in_a_process(lambda: trouble_of(lambda: limited(tmp_path / "ledger.db", 1024 - size)))
    assert "The ledger can't be written" in said
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        assert len(ledger.runs()) == 1


def test_a_disk_that_fills_up_under_way_stops_the_run_with_the_ledger_right(tmp_path):
    path = filled(tmp_path / "ledger.db")
    said = in_a_process(lambda: trouble_of(lambda: limited(path, 500_000)))
    assert "The ledger can't be written" in said
    with Ledger.open(str(path)) as ledger:
        run = ledger.runs()[0]
        calls = ledger.calls(run.run)
        assert len(calls) > 1
        assert calls["settled"].notna().iloc[:-1].all()
        assert len(ledger.audit(run.run)) == 100 * (len(calls) + calls["settled"].notna().sum())


# --- looking without touching -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [False, True])
def test_where_there_is_no_ledger_a_look_makes_none(tmp_path, empty):
    path = tmp_path / "folder" / "ledger.db"
    if empty:
        path.parent.mkdir()
        path.touch()
    before = sorted(tmp_path.rglob("*"))
    assert Ledger.peek(str(path)) is None
    assert sorted(tmp_path.rglob("*")) == before


def test_a_look_changes_nothing_and_cannot_write(tmp_path):
    path = filled(tmp_path / "ledger.db")
    before = path.read_bytes()
    with Ledger.peek(str(path)) as ledger:
        assert len(ledger.runs()) == 1
        with pytest.raises(LedgerError, match="can't be written"):
            ledger.start_run(START)
    assert path.read_bytes() == before


def test_a_ledger_on_a_read_only_disk_can_be_looked_at(plain_folder):
    path = filled(plain_folder / "ledger.db", awbs=2)
    path.chmod(0o444)
    plain_folder.chmod(0o555)

    def look():
        with Ledger.peek(str(path)) as ledger:
            return ledger.known(SANDBOX, pd.Series(["AWB000001"]))["status"].to_dict()

    assert in_a_process(look, NOBODY) == {"AWB000001": "Success"}
    assert [file.name for file in plain_folder.iterdir()] == ["ledger.db"]


def test_a_look_and_a_question_wait_for_no_writer(tmp_path):
    path = filled(tmp_path / "ledger.db")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with Ledger.peek(str(path)) as ledger:
        assert len(ledger.runs()) == 1
    writer.execute("COMMIT")
    with Ledger.open(str(path)) as ledger:
        writer.execute("BEGIN IMMEDIATE")
        assert len(ledger.known(SANDBOX, pd.Series(["AWB000001"]))) == 1
        writer.execute("COMMIT")
    writer.close()


def test_every_table_is_known_to_the_check_for_lost_ones():
    assert sorted(metadata.tables) == [
        "approval_rules", "attempts", "calls", "history", "leases", "meta", "outputs", "plan_awbs", "plan_states",
        "plans", "refusals", "rows", "runs",
    ]  # fmt: skip
