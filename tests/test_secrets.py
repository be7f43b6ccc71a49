"""Token and key show nowhere: not in the process list, not in a traceback, not in the libraries' own debug logs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.misbehaving import SECRET, TOKEN, Asked, Behaviour, Ending, MisbehavingService, all_cancelled, refusal
from tests.test_job import environment, orders, staging

LOUD = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from pipeline.cli import main

def trip(event, arguments):
    if event == {event!r} and {sign!r} in str(arguments):
        raise KeyError(f"tripped over {{arguments}}")

sys.addaudithook(trip)
main({arguments!r})
"""
"""The program with every library's debug log on, and a fault of its own at one moment."""


@pytest.mark.parametrize(
    ("event", "sign", "words"),
    [
        ("http.client.send", "awb_numbers", "Unknown"),  # the fault's text holds the whole body: keys and all
        ("os.rename", "annotated.staging.csv", "by a fault of this program (KeyError)"),
        ("nothing", "", "urllib3.connectionpool"),
    ],
)
@pytest.mark.parametrize("ending", [Ending.ANSWERED, Ending.CUT_IN_BODY, Ending.CUT_AFTER_READING])
def test_no_debug_log_and_no_traceback_shows_a_key(
    tmp_path: Path, event: str, sign: str, words: str, ending: Ending
) -> None:
    source = orders(tmp_path / "orders.csv", 2)
    echo = refusal(f"bad request of {TOKEN} with {SECRET}", 500)
    with MisbehavingService(lambda asked: Behaviour(echo, 500, ending=ending)) as service:
        script = LOUD.format(event=event, sign=sign, arguments=["cancel", str(source), "-y", "-v"])
        settings = environment(tmp_path, **staging(service))
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, env=settings, capture_output=True, check=False, timeout=60
        )
    shown = done.stdout + done.stderr
    assert words.encode() in shown
    for secret in (TOKEN, SECRET):
        assert secret.encode() not in shown
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [path.name for path in files if secret.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("event", "sign", "words"),
    [
        ("http.client.send", "awb_numbers", "Unknown"),
        ("os.rename", "annotated.staging.csv", "by a fault of this program (KeyError)"),
        ("open", "token", "KeyError"),  # the fault comes while the key is being fetched
    ],
)
def test_no_debug_log_and_no_traceback_shows_a_key_of_an_account(
    tmp_path: Path, event: str, sign: str, words: str
) -> None:
    source = orders(tmp_path / "orders.csv", 2)
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    (tmp_path / "token").chmod(0o600)
    echo = refusal(f"bad request of {TOKEN} with {SECRET}", 500)
    notice = "slack://made-up-key-of-a-notice"
    with MisbehavingService(lambda asked: Behaviour(echo, 500)) as service:
        text = (
            '[accounts.north]\nenvironment = "staging"\naccess_token = "file:token"\nsecret_key = "env:NORTH_KEY"\n'
            f'cancel_url = "{service.service.cancel_url}"\ntrack_url = "{service.service.track_url}"\n'
            f'notify = ["{notice}"]\n'
        )
        (tmp_path / "bulk-cancel.toml").write_text(text, encoding="utf-8")
        command = ["cancel", str(source), "-y", "-v", "--account", "north"]
        script = LOUD.format(event=event, sign=sign, arguments=command)
        settings = environment(tmp_path, NORTH_KEY=SECRET)
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, env=settings, capture_output=True, check=False, timeout=60
        )
    shown = done.stdout + done.stderr
    assert words.encode() in shown
    for secret in (TOKEN, SECRET, notice):
        assert secret.encode() not in shown
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        holding = {path.name for path in files if secret.encode() in path.read_bytes()}
        assert holding <= {"token", "bulk-cancel.toml"}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the process list of Linux")
def test_the_process_list_shows_no_key_also_where_they_come_from_a_file(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 2)
    listed: list[bytes] = []
    process: list[subprocess.Popen[bytes]] = []

    def behave(asked: Asked) -> Behaviour:
        own = Path("/proc") / str(process[0].pid)
        listed.extend((own / name).read_bytes() for name in ("cmdline", "comm", "environ"))
        return all_cancelled(asked)

    with MisbehavingService(behave) as service:
        settings = staging(service)
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        (tmp_path / ".env").chmod(0o600)
        command = [sys.executable, "-m", "pipeline", "cancel", str(source), "-y", "-q"]
        process.append(subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path)))
        assert process[0].wait(timeout=60) == 0
    assert len(listed) == 3
    assert b"orders.csv" in listed[0]
    for secret in (TOKEN, SECRET):
        assert not any(secret.encode() in text for text in listed)
