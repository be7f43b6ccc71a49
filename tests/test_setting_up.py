"""`make` sets up its environment with the pip that is there, shows that it is at work, and says so where it can't."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SLOW = 6.0
"""Seconds that the index takes for an answer: longer than a log waits for a sign of life."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sh sets it up")


class SlowIndex(BaseHTTPRequestHandler):
    """A package index that has nothing, and takes its time to say so."""

    def do_GET(self) -> None:
        time.sleep(SLOW)
        with contextlib.suppress(OSError):  # a pip that was stopped no longer listens
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowIndex) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name, info = "tiny-1.0-py3-none-any.whl", "tiny-1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("tiny.pth", __file__.removesuffix("/backend.py"))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of one module, with our way of setting it up; it needs no other library to be built."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    (tmp_path / "pyproject.toml").write_text(f'{system}[project]\nname = "tiny"\nversion = "1.0"\n')
    (tmp_path / "backend.py").write_text(BACKEND)
    (tmp_path / "tiny.py").write_text("")
    return tmp_path


def environment(index: str) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    pip = {"PIP_INDEX_URL": index, "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    return {**ours, **pip, "PYTHON": sys.executable}


def set_up(folder: Path, index: str, lock: str) -> subprocess.CompletedProcess[str]:
    (folder / "some.lock").write_text(lock)
    command = ["sh", ".ci/venv", ".venv", "some.lock"]
    return subprocess.run(
        command, cwd=folder, env=environment(index), capture_output=True, text=True, timeout=120, check=False
    )


ABSENT = f"absent==1.0 \\\n    --hash=sha256:{'0' * 64}\n    # via nobody\n"


def test_while_pip_waits_a_line_says_what_for_and_a_failure_ends_in_one_sentence(folder: Path, index: str) -> None:
    done = set_up(folder, index, ABSENT)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    version = sys.version.split()[0]
    assert lines[:3] == [
        f"Setting up .venv with Python {version} (once; a minute or two) …",
        "Installing the 1 libraries of some.lock into .venv …",
        "  fetching libraries: 0 of about 1, 5 s …",
    ]
    assert lines[-1].startswith("The libraries could not be installed (see above): is the package index reachable?")
    assert any("No matching distribution found for absent==1.0" in line for line in lines)
    assert not any("WARNING" in line or "notice" in line for line in lines)
    assert sorted(path.name for path in folder.iterdir()) == [
        ".ci",
        ".venv",
        "backend.py",
        "pyproject.toml",
        "some.lock",
        "tiny.py",
    ]


def test_what_is_set_up_can_be_run_and_is_set_up_again_on_the_same_environment(folder: Path, index: str) -> None:
    python = folder / ".venv" / "bin" / "python"
    for _ in range(2):
        done = set_up(folder, index, "# nothing\n")
        assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "Ready: .venv.")
        assert subprocess.run([python, "-c", "import tiny"], cwd=folder.parent, check=False).returncode == 0
    assert not list(folder.glob(".venv.*"))


def pips_of(folder: Path) -> list[str]:
    """The pips that are at work in this folder."""
    table = subprocess.run(["ps", "-e", "-ww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in table.splitlines() if line.startswith(f"{folder}/.venv/bin/python -m pip install")]


def test_it_can_be_stopped_and_leaves_no_pip_behind(folder: Path, index: str) -> None:
    (folder / "some.lock").write_text(ABSENT)
    command = ["sh", ".ci/venv", str(folder / ".venv"), "some.lock"]
    with subprocess.Popen(
        command, cwd=folder, env=environment(index), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stderr is not None
        assert "fetching" in next(line for line in running.stderr if line.startswith("  "))
        assert len(pips_of(folder)) == 1
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 130
        assert pips_of(folder) == []
    assert not list(folder.glob(".venv.*"))
