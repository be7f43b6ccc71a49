"""A page that is really served, and a client that does what a browser does: follows, keeps cookies, sends forms."""

from __future__ import annotations

import html
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.test_job import environment

LINK = re.compile(r"http://127\.0\.0\.1:\d+/open\?token=\S+")
WAITED = 60.0
"""Seconds until a page must be there, or a run over, on a machine with other things to do."""


@dataclass
class ServedPage:
    """One start of the page."""

    process: subprocess.Popen[str]
    link: str
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.link.partition("/open")[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()
        for client in self.clients:
            client.close()

    def end(self) -> str:
        """Ctrl-C; what it said after its link."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=WAITED)[0]


def serve(
    folder: Path, settings: Mapping[str, str] | None = None, arguments: Sequence[str] = ("--no-browser",)
) -> ServedPage:
    command = [sys.executable, "-u", "-m", "pipeline", "page", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, env=environment(folder, **(settings or {})), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = ""
    for line in process.stdout or ():
        said += line
        if found := LINK.search(line):
            return ServedPage(process, found[0])
    process.communicate()
    raise AssertionError(f"the page did not start: {said}")


@dataclass
class PageClient:
    """A browser without a script: what it shows, and what its forms send."""

    address: str
    client: httpx.Client = field(init=False)
    text: str = field(default="", init=False)
    path: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.address, follow_redirects=True, timeout=WAITED, trust_env=False)

    def open(self, link: str) -> httpx.Response:
        return self._took(self.client.get(link))

    def get(self, path: str) -> httpx.Response:
        return self._took(self.client.get(path))

    def bring(self, path: Path, name: str | None = None) -> httpx.Response:
        self.get("/")
        data = {"form": self.token("/sheets")}
        with path.open("rb") as file:
            files = {"file": (name or path.name, file)}
            return self._took(self.client.post("/sheets", data=data, files=files, headers=self.own))

    def send(self, action: str, data: Mapping[str, str | list[str]] | None = None) -> httpx.Response:
        """Sends a form that stands on the screen."""
        said = {"form": self.token(action), **(data or {})}
        return self._took(self.client.post(action, data=said, headers=self.own))

    @property
    def own(self) -> dict[str, str]:
        return {"Origin": self.address}

    def token(self, action: str) -> str:
        found = re.search(rf'action="{re.escape(action)}".*?name="form" value="([0-9a-f]+)"', self.text, re.DOTALL)
        assert found, f"no form goes to {action}"
        return found[1]

    @property
    def words(self) -> str:
        """What a person reads."""
        plain = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", self.text, flags=re.DOTALL)
        return " ".join(html.unescape(plain).split())

    def wait_for(self, path: str, words: str) -> None:
        until = time.monotonic() + WAITED
        while words not in self.get(path).text:
            assert time.monotonic() < until, self.words
            time.sleep(0.1)

    def plan_of(self, sheet: Path, **choices: str | list[str]) -> str:
        """Brings a sheet, makes its plan, and returns the plan's path."""
        self.bring(sheet)
        self.send(self.path, {"make": "plan", **choices})
        assert self.path.startswith("/plans/P-"), self.words
        return self.path

    def _took(self, answer: httpx.Response) -> httpx.Response:
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.text, self.path = answer.text, answer.url.path
        return answer


def entered(page: ServedPage) -> PageClient:
    client = PageClient(page.address)
    page.clients.append(client.client)
    assert client.open(page.link).status_code == 200
    return client
