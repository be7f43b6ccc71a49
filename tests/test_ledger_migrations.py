"""A ledger of any version opens with everything in it still known; a migration is done, or not done at all."""

import json
import os
import shutil
import signal
import sqlite3
import stat
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, create_engine, event

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger, RunStart, run_lock
from pipeline.ledger.connect import lock_place
from pipeline.ledger.guards import all_guards
from pipeline.ledger.migrations import MIGRATIONS, VERSION
from pipeline.ledger.writes import NO_ANSWER
from pipeline.model.calls import Batch, Item, Outcome
from pipeline.model.runs import LedgerKey
from schemas.annotated import Status
from tests.test_ledger_opening import NOBODY, in_a_process, trouble_of

DATA = Path(__file__).parent / "data"
SAID = json.loads((DATA / "ledger_1_0_0.json").read_text(encoding="utf-8"))
"""What version 1.0.0 answered of the ledger that it wrote (``data/make_ledger_1_0_0.py``)."""

ELSEWHERE = LedgerKey("ithink", "staging http://127.0.0.1:9/c", "cancel")
PRODUCTION = LedgerKey("ithink", "production", "cancel")
KEYS = [LedgerKey("ithink", "sandbox", "cancel"), PRODUCTION, ELSEWHERE]


@pytest.fixture
def old(tmp_path):
    """A ledger that 1.0.0 wrote: Success, Failed, Unknown, released, confirmed and open attempts, rows, outputs."""
    shutil.copy(DATA / "ledger_1_0_0.db", tmp_path / "ledger.db")
    return tmp_path / "ledger.db"


@pytest.fixture
def plain_folder():
    """A folder that a user without rights can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o700)


def start(key):
    return RunStart(key, "cancel", "/orders/June.xlsx", "Orders", "e" * 64, "account", "ann")


def said_of(ledger):
    """The answers to the questions that 1.0.0 was asked, in its form."""
    keys = pd.Series([f"SF{number}" for number in range(1, 10)], dtype="str")
    names = [run.run for run in ledger.runs()]
    frames = {f"known {key.environment}": ledger.known(key, keys).reset_index() for key in KEYS}
    frames |= {f"calls {run}": ledger.calls(run) for run in names}
    frames |= {f"rows {run}": ledger.rows(run).reset_index() for run in names}
    frames |= {f"audit {run}": ledger.audit(run) for run in names}
    return {
        "version": "1.0.0",
        "runs": [{name: str(value) for name, value in asdict(run).items()} for run in ledger.runs()],
        "written": ledger.last_written(Path("/orders/May.annotated.xlsx")),
        **{name: frame.astype("str").fillna("").to_dict("records") for name, frame in frames.items()},
    }


def now_said(name, lines):
    """What 1.0.0 said, with what has a name since."""
    since = {
        "runs": {"service": "ithink", "action": "cancel", "plan": ""},
        "known": {"refused": "False"},
        "rows": {"amount": ""},
    }
    more = since.get(name.split()[0])
    return [line | more for line in lines] if more else lines


NOW_SAID = {name: now_said(name, lines) for name, lines in SAID.items()}


def tables(path):
    """Every row of every table, by the names of its columns."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")] for name in names
        }


def made_of(path):
    """The columns, keys, indexes and triggers of a ledger, wherever a column stands in its table."""
    with closing(sqlite3.connect(path)) as connection:
        found = {}
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            found[table] = sorted((name, kind, required, key) for _, name, kind, required, _, key in columns)
            for _, index, unique, _, partial in connection.execute(f"PRAGMA index_list({table})").fetchall():
                on = [column for _, _, column in connection.execute(f"PRAGMA index_info({index})")]
                found[index] = (table, on, unique, partial)
            found[f"keys of {table}"] = sorted(connection.execute(f"PRAGMA foreign_key_list({table})").fetchall())
        of_others = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
        return found | dict(connection.execute(of_others).fetchall())


def copies(path):
    return sorted(file.name for file in path.parent.iterdir() if "version-" in file.name or "copying" in file.name)


# --- everything is still known ----------------------------------------------------------------------------------------


def test_a_ledger_of_1_0_0_answers_every_question_as_before(old):
    with Ledger.open(str(old)) as ledger:
        assert said_of(ledger) == NOW_SAID


def test_every_row_of_every_table_is_as_it_was(old):
    before = tables(old)
    with Ledger.open(str(old)):
        pass
    after = tables(old)
    key = {"service": "ithink", "action": "cancel"}
    for name in ("runs", "attempts"):
        before[name] = [row | key for row in before[name]]
    before["runs"] = [row | {"plan": ""} for row in before["runs"]]
    before["rows"] = [row | {"amount": ""} for row in before["rows"]]
    before |= {name: [] for name in ("plans", "plan_awbs", "plan_states", "approval_rules")}
    (lost,) = {row["run"] for row in before["attempts"] if row["state"] == "open"}
    (began,) = (row["started"] for row in before["runs"] if row["run"] == lost)
    lease = {"run": lost, **asdict(ELSEWHERE), "locked": 1, "expires": began, "closed": None}
    assert after.pop("leases") == [lease]
    assert after.pop("refusals") == []
    assert after.pop("meta")[1] == {"name": "version", "value": str(VERSION)}
    before.pop("meta")
    assert after == before


def test_a_migrated_ledger_is_made_like_a_new_one(old, tmp_path):
    with Ledger.open(str(old)), Ledger.open(str(tmp_path / "new.db")):
        pass
    assert made_of(old) == made_of(tmp_path / "new.db")
    assert {guard.name for guard in all_guards()} <= set(made_of(old))
    assert "in_doubt" not in made_of(old)


def test_the_next_run_after_a_migration_declares_what_was_open_unknown_and_nothing_else(old):
    with Ledger.open(str(old)) as ledger:
        before = said_of(ledger)
        ledger.start_run(start(PRODUCTION))
        assert {name: said for name, said in said_of(ledger).items() if name in before} | {"runs": 0} == (
            before | {"runs": 0}
        )
        run = ledger.start_run(start(ELSEWHERE))
        assert ledger.audit(run)[["awb", "state", "remark"]].to_numpy().tolist() == [
            ["SF7", "unknown", NO_ANSWER],
            ["SF8", "unknown", NO_ANSWER],
        ]


@pytest.mark.parametrize(
    ("key", "awb", "resend", "allowed"),
    [
        (PRODUCTION, "SF1", True, False),  # Success
        (PRODUCTION, "SF2", True, False),  # Failed, then Success
        (PRODUCTION, "SF3", False, False),  # Unknown
        (PRODUCTION, "SF3", True, True),
        (PRODUCTION, "SF4", False, True),  # released
        (PRODUCTION, "SF5", True, False),  # Unknown, then confirmed
        (ELSEWHERE, "SF1", False, True),  # Failed
        (ELSEWHERE, "SF7", False, False),  # open
        (ELSEWHERE, "SF2", False, True),  # never sent there
    ],
)
def test_what_1_0_0_sent_is_never_sent_twice(old, key, awb, resend, allowed):
    with Ledger.open(str(old)) as ledger:
        run = ledger.start_run(start(key))
        batch = Batch((Item("SF90"), Item(awb)))
        if allowed:
            assert ledger.begin(run, batch, resend=resend)
        else:
            with pytest.raises(LedgerError):
                ledger.begin(run, batch, resend=resend)
            assert ledger.known(key, pd.Series(["SF90"])).empty


# --- a copy first, and one at a time ----------------------------------------------------------------------------------


def test_the_file_is_copied_before_as_it_was_and_for_its_owner_only(old):
    before = tables(old)
    with Ledger.open(str(old)):
        pass
    (name,) = copies(old)
    copy = old.with_name(name)
    assert name.startswith("ledger.db.version-1.2")
    assert tables(copy) == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with Ledger.open(str(old)) as ledger, Ledger.open(str(copy)) as restored:  # once; and a copy is a ledger too
        assert said_of(ledger) == said_of(restored) == NOW_SAID
    assert len([one for one in copies(old) if one.count("version") == 1]) == 1


def test_a_new_ledger_is_not_copied(tmp_path):
    with Ledger.open(str(tmp_path / "ledger.db")):
        pass
    assert copies(tmp_path / "ledger.db") == []


def test_nothing_is_migrated_while_a_run_of_1_0_0_is_at_work(old):
    before = old.read_bytes()
    with run_lock.hold(create_engine("sqlite://"), lock_place(str(old)), "production"):
        with pytest.raises(LedgerError, match="Another run is at work in production"):
            Ledger.open(str(old))
        assert (old.read_bytes(), copies(old)) == (before, [])
    with Ledger.open(str(old)) as ledger:
        assert said_of(ledger) == NOW_SAID


def test_a_1_0_0_that_opened_the_ledger_before_it_was_migrated_can_send_nothing_after(old):
    with closing(sqlite3.connect(old, isolation_level=None)) as before:
        run = before.execute("SELECT max(run) FROM runs").fetchone()[0]
        with Ledger.open(str(old)):
            pass
        with pytest.raises(sqlite3.IntegrityError, match="only under the lease of its run"):
            before.execute("INSERT INTO calls (run, began, awbs, sent, note) VALUES (?, '', 1, 1, '')", (run,))


def test_many_programs_may_meet_an_old_ledger_at_once(old):
    def look():
        with Ledger.open(str(old)) as ledger:
            return said_of(ledger)

    readers = []
    for _ in range(5):
        reader, writer = os.pipe()
        if not os.fork():
            found = b"as before" if look() == NOW_SAID else b"another"
            os.write(writer, found)
            os._exit(0)
        os.close(writer)
        readers.append(reader)
    assert [os.read(reader, 100) for reader in readers] == [b"as before"] * 5
    for reader in readers:
        os.close(reader)
        os.wait()
    assert len(copies(old)) == 1


# --- killed, or without room ------------------------------------------------------------------------------------------


def opened_until(path, moment):
    """Opens the ledger in a process that is killed at its ``moment``-th statement, commit or rename.

    Returns how the process ended; from one that outlives that, how many such moments there were.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        left = [moment]

        def step(*_):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", step)
        event.listen(Engine, "commit", step)
        sys.addaudithook(lambda name, _: name in ("os.rename", "os.remove", "sqlite3.connect") and step())
        Ledger.open(str(path))
        os.write(writer, str(moment - left[0]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        moments = told.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return ended, int(moments or 0)


def test_killed_at_any_moment_the_ledger_is_the_old_or_the_new_one_and_the_next_start_goes_on(tmp_path, old):
    ended, moments = opened_until(shutil.copy(old, tmp_path / "whole.db"), 10_000)
    new = made_of(tmp_path / "whole.db")
    assert ended == 0
    assert moments > 60  # of a migration's statements, copy and commits
    seen = set()
    for moment in range(1, moments + 1):
        folder = tmp_path / str(moment)
        folder.mkdir()
        path = Path(shutil.copy(old, folder / "ledger.db"))
        assert opened_until(path, moment) == (-signal.SIGKILL, 0)
        with closing(sqlite3.connect(path)) as connection:
            version = connection.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()[0]
        assert made_of(path) == (new if version == str(VERSION) else made_of(old))
        seen.add(version)
        with Ledger.open(str(path)) as ledger:
            assert said_of(ledger) == NOW_SAID
        assert made_of(path) == new
        assert not (folder / ".ledger.db.copying").exists()
    assert seen == {"1", str(VERSION)}


def test_without_room_for_the_copy_nothing_is_migrated(old):
    import resource

    before = old.read_bytes()

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        return trouble_of(lambda: Ledger.open(str(old)))

    assert "The ledger can't be written" in in_a_process(limited)
    assert (old.read_bytes(), copies(old)) == (before, [])


# --- looking, and what is refused -------------------------------------------------------------------------------------


def test_a_look_at_an_old_ledger_knows_everything_and_changes_nothing(old):
    before = old.read_bytes()
    with Ledger.peek(str(old)) as ledger:
        assert said_of(ledger) == NOW_SAID
        with pytest.raises(LedgerError, match="can't be written"):
            ledger.start_run(start(PRODUCTION))
    assert old.read_bytes() == before
    assert copies(old) == []


def test_an_old_ledger_on_a_read_only_disk_can_be_looked_at(old, plain_folder):
    path = Path(shutil.copy(old, plain_folder / "ledger.db"))
    path.chmod(0o444)
    plain_folder.chmod(0o555)

    def look():
        with Ledger.peek(str(path)) as ledger:
            return said_of(ledger) == NOW_SAID

    assert in_a_process(look, NOBODY) is True
    assert [file.name for file in plain_folder.iterdir()] == ["ledger.db"]


@pytest.mark.parametrize("version", [VERSION + 1, VERSION + 40])
@pytest.mark.parametrize("way", [Ledger.open, Ledger.peek])
def test_a_newer_ledger_is_refused_and_left_alone(old, version, way):
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'version'", (version,))
    before = old.read_bytes()
    with pytest.raises(LedgerError, match=f"newer bulk-cancel .its version is {version}, this one knows {VERSION}"):
        way(str(old))
    assert (old.read_bytes(), copies(old)) == (before, [])


@pytest.mark.parametrize("value", ["", "0", "one", "-1", None])
def test_a_ledger_without_a_version_is_damaged_and_left_alone(old, value):
    with closing(sqlite3.connect(old)) as connection, connection:
        if value is None:
            connection.execute("DROP TRIGGER keep_meta")
            connection.execute("DELETE FROM meta WHERE name = 'version'")
        else:
            connection.execute("UPDATE meta SET value = ? WHERE name = 'version'", (value,))
    before = old.read_bytes()
    with pytest.raises(LedgerError, match=r"is damaged \(its version is gone\)"):
        Ledger.open(str(old))
    assert old.read_bytes() == before


def test_an_old_ledger_that_lacks_a_table_of_its_own_version_is_damaged(old):
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript("PRAGMA foreign_keys=OFF; DROP TABLE history;")
    with pytest.raises(LedgerError, match=r"is damaged \(the table history is gone\)"):
        Ledger.open(str(old))


def test_the_migrations_are_numbered_without_a_gap_up_to_this_version():
    assert [migration.to for migration in MIGRATIONS] == list(range(2, VERSION + 1))


def test_a_new_run_can_go_on_where_1_0_0_ended(old):
    with Ledger.open(str(old)) as ledger, ledger.hold(PRODUCTION):
        run = ledger.start_run(start(PRODUCTION))
        call = ledger.begin(run, Batch((Item("SF4"), Item("SF91"))))
        ledger.settle(
            call, [Outcome("SF4", Status.SUCCESS, "done"), Outcome("SF91", Status.FAILED)], note="", elapsed=1
        )
        known = ledger.known(PRODUCTION, pd.Series(["SF4", "SF91"]))
    assert known[["status", "run"]].to_numpy().tolist() == [["Success", run], ["Failed", run]]
