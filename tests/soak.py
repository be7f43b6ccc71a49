"""The soak test: the whole program against a service that misbehaves at random, killed at random moments, until done.

    make soak                    a long one
    make soak ARGS="--seed 7 --awbs 2000 --kills 30"

The service's own log is the judge. It cancels whatever it is asked to, as often as it is asked: an AWB that was sent
twice stands in its log twice.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.misbehaving import (
    SECRET,
    TOKEN,
    TRACK_PATH,
    Asked,
    Behaviour,
    Ending,
    MisbehavingService,
    entry,
    envelope,
    refusal,
)

NEVER = "9"
"""An AWB that ends so is refused, in an entry or with its whole call; the service never cancels it."""

MOST_RUNS = 400
"""Runs after which a soak that does not come to an end has failed."""

WEIGHTS = {
    "by_awb": 30,
    "in_order": 12,
    "permuted": 10,
    "short": 8,
    "nothing_to_read": 5,
    "server_error": 4,
    "cut_before": 3,
    "cut_after": 5,
    "cut_in_body": 4,
    "busy": 2,
    "refused": 8,
    "odd_words": 3,
    "wrong_names": 4,
}
"""How often the service answers how."""


@dataclass
class Mischief:
    """Answers at random, and kills the program at random calls."""

    rng: random.Random
    refs: dict[str, str]
    kills_left: int
    pid: int = 0
    kills: int = 0
    next_kill: int = 0
    calls: int = 0

    def arm(self, pid: int) -> None:
        """The next run is killed a few calls from now, while kills are left."""
        self.pid = pid
        self.next_kill = self.calls + self.rng.randint(1, 12) if self.kills_left else 0

    def behave(self, asked: Asked) -> Behaviour:
        """What to do with a request."""
        self.calls += 1
        kill = self.next_kill and self.calls >= self.next_kill
        if kill and self.rng.random() < 0.5:
            self._kill()
            return Behaviour(ending=Ending.CUT_BEFORE_READING)
        behaviour = self._track(asked) if asked.path == TRACK_PATH else self._cancel(asked)
        if kill and self.next_kill:
            self._kill()
        return behaviour

    def _kill(self) -> None:
        self.next_kill = 0
        self.kills_left -= 1
        self.kills += 1
        os.kill(self.pid, signal.SIGKILL)

    def _cancel(self, asked: Asked) -> Behaviour:
        how = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        good = [awb for awb in asked.awbs if not awb.endswith(NEVER)]
        entries = [(awb, self._entry(awb)) for awb in asked.awbs]
        match how:
            case "by_awb":
                return Behaviour(envelope(dict(entries)), processed=good)
            case "in_order":
                return Behaviour(envelope(_numbered([one for _, one in entries])), processed=good)
            case "permuted":
                self.rng.shuffle(entries)
                return Behaviour(envelope(_numbered([one for _, one in entries])), processed=good)
            case "short":
                kept = [one for _, one in entries if self.rng.random() < 0.7]
                return Behaviour(envelope(_numbered(kept)), processed=good)
            case "nothing_to_read":
                body = self.rng.choice((b"<html><h1>It works</h1></html>", b"null", b"", b"[]", envelope([])))
                return Behaviour(body, processed=good if self.rng.random() < 0.5 else ())
            case "server_error":
                return Behaviour(b"oops", status=500, processed=good if self.rng.random() < 0.5 else ())
            case "cut_before":
                return Behaviour(ending=Ending.CUT_BEFORE_READING)
            case "cut_after":
                done = good if self.rng.random() < 0.5 else good[: len(good) // 2]
                return Behaviour(ending=Ending.CUT_AFTER_READING, processed=done)
            case "cut_in_body":
                return Behaviour(envelope(dict(entries)), ending=Ending.CUT_IN_BODY, processed=good)
            case "busy":
                return Behaviour(b"", status=429, headers={"Retry-After": "1"})
            case "refused" if len(good) < len(asked.awbs):
                return Behaviour(refusal("One of the AWB numbers is not valid"))
            case "odd_words":
                odd = {awb: entry("Pending", "queued", self.refs[awb]) for awb in asked.awbs}
                return Behaviour(envelope(odd), processed=good if self.rng.random() < 0.5 else ())
            case "wrong_names":
                strange = {f"ZZ{awb}": one for awb, one in entries}
                return Behaviour(envelope(strange), processed=good)
        return Behaviour(envelope(dict(entries)), processed=good)

    def _entry(self, awb: str) -> dict[str, object]:
        if awb.endswith(NEVER):
            return entry("Error", "AWB number not found", self.refs[awb])
        return entry("Success", "", self.refs[awb])

    def _track(self, asked: Asked) -> Behaviour:
        if self.rng.random() < 0.2:
            return Behaviour(b"<html>busy</html>", status=500)
        data = {awb: self._tracked(awb, done=awb in asked.before) for awb in asked.awbs if self.rng.random() < 0.8}
        return Behaviour(json.dumps({"status": "success", "status_code": 200, "data": data}).encode())

    def _tracked(self, awb: str, *, done: bool) -> dict[str, str]:
        if not done:
            return {"message": "success", "current_status": "Manifested", "cancel_status": "", "awb_no": awb}
        return {"message": "success", "current_status": "Cancelled", "cancel_status": "Approved", "awb_no": awb}


def _numbered(entries: Sequence[dict[str, object]]) -> dict[str, dict[str, object]]:
    return {str(number): one for number, one in enumerate(entries, 1)}


@dataclass
class Verdict:
    """What a soak came to; ``faults`` must be empty."""

    runs: int = 0
    kills: int = 0
    calls: int = 0
    rows: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {word}" for word, count in sorted(self.statuses.items()))
        return (
            f"{self.runs} runs, {self.kills} kills, {self.calls} calls, {self.rows} rows ({counts}): "
            f"{len(self.faults)} faults"
        )


def soak(seed: int, awbs: int, kills: int, workers: int, folder: Path) -> Verdict:
    """Runs the program until it comes to an end by itself, and judges its sheet by the service's log."""
    rng = random.Random(seed)
    refs = {f"SOAK{seed % 1000:03d}{number:06d}": f"SO-{number}" for number in range(awbs)}
    source = folder / "orders.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("Order ID", "AWB Code", "Cancel"), *((ref, awb, "yes") for awb, ref in refs.items())]
        )
    mischief = Mischief(rng, refs, kills)
    verdict = Verdict()
    with MisbehavingService(mischief.behave) as service:
        code = 3
        while code not in (0, 1) and verdict.runs < MOST_RUNS:
            code = _run(source, service, mischief, workers)
            verdict.runs += 1
    verdict.kills, verdict.calls = mischief.kills, mischief.calls
    _judge(verdict, folder, code, refs, Counter(service.processed))
    return verdict


def _run(source: Path, service: MisbehavingService, mischief: Mischief, workers: int) -> int:
    environment = {
        **os.environ,
        "ITHINK_ENV": "staging",
        "ITHINK_CANCEL_URL": service.service.cancel_url,
        "ITHINK_TRACK_URL": service.service.track_url,
        "ITHINK_ACCESS_TOKEN": TOKEN,
        "ITHINK_SECRET_KEY": SECRET,
        "ITHINK_TIMEOUT": "5",
        "BULK_CANCEL_LEDGER": str(source.parent / "ledger.db"),
    }
    command = [sys.executable, "-m", "pipeline", "cancel", str(source), "--yes", "-q", "--rate", "1000"]
    command += ["--batch-size", "10", "--workers", str(workers)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    mischief.arm(process.pid)
    _, said = process.communicate(timeout=300)
    if b"Traceback" in said:
        raise AssertionError(said.decode())
    return process.returncode


def _judge(verdict: Verdict, folder: Path, code: int, refs: dict[str, str], processed: Counter[str]) -> None:
    faults = verdict.faults
    if code not in (0, 1):
        faults.append(f"the last run ended with {code}")
        return
    with (folder / "orders.annotated.staging.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    verdict.rows = len(rows)
    verdict.statuses.update(row["status"] for row in rows)
    faults += [f"{awb} was cancelled {count} times" for awb, count in processed.items() if count > 1]
    faults += [f"{awb} is missing" for awb in refs.keys() - {row["AWB Code"] for row in rows}]
    for row in rows:
        done = processed[row["AWB Code"]] > 0
        if row["status"] == "Success" and not done:
            faults.append(f"{row['AWB Code']} is Success, and the service never cancelled it")
        if row["status"] in ("Failed", "Not sent") and done:
            faults.append(f"{row['AWB Code']} is {row['status']}, and the service cancelled it")
        if row["status"] not in ("Success", "Failed", "Unknown"):
            faults.append(f"{row['AWB Code']} is {row['status']!r} at the end")


def main() -> int:
    """``make soak``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--awbs", type=int, default=600)
    parser.add_argument("--kills", type=int, default=15)
    options = parser.parse_args()
    failed = 0
    for seed in range(options.seed, options.seed + options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            verdict = soak(seed, options.awbs, options.kills, workers=1 + seed % 4, folder=Path(folder))
        print(f"seed {seed}: {verdict}", *verdict.faults[:10], sep="\n  ", flush=True)
        failed += bool(verdict.faults)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
