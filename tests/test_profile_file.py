"""`inspect --save` writes a profile from what was understood and said; it never makes more go out than before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from schemas.columns import load_profile
from tests.test_job import start

HEADER = 'Ref "no", Docket,Docket two,State,Booked'
LINES = [
    "SO-1,86210010461,86210019991,Cancel Requested,2026-11-01",
    "SO-2,86210010462,86210019992,Ring the bell,2026-11-02",
]


def export(folder: Path, *lines: str) -> Path:
    path = folder / "orders.csv"
    path.write_text("\n".join([HEADER, *(lines or LINES)]) + "\n", encoding="utf-8")
    return path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return start(arguments, folder, XDG_CONFIG_HOME=str(folder / "config"))


SAID = ["--column", "awb_number=Docket", "--column", 'order_ref=Ref "no"', "--column", "order_status=State"]


def test_what_was_said_once_need_not_be_said_again(tmp_path: Path) -> None:
    export(tmp_path)
    saved = run(tmp_path, "inspect", "orders.csv", *SAID, "--save", "mine.toml")
    assert (saved.returncode, "the profile was written: mine.toml" in saved.stderr) == (0, True), saved.stderr
    plans = []
    for said in (SAID, ["--profile", "mine.toml"]):
        made = run(tmp_path, "plan", "orders.csv", "--json", "--status", "Cancel Requested", *said)
        assert made.returncode in (0, 1), made.stderr
        plans.append(json.loads(made.stdout)["counts"])
    assert plans[0] == plans[1]
    assert plans[0]["Planned"] == 1
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert '# "Ring the bell"' in text


def test_a_name_lies_in_the_users_own_folder_and_is_found_there(tmp_path: Path) -> None:
    export(tmp_path)
    run(tmp_path, "inspect", "orders.csv", *SAID, "--save", "ours")
    assert (tmp_path / "config" / "bulk-cancel" / "profiles" / "ours.toml").is_file()
    found = json.loads(run(tmp_path, "inspect", "orders.csv", "--profile", "ours", "--json").stdout)
    taken = {column["canonical"]: column["header"] for column in found["columns"] if column["canonical"]}
    assert (found["profile"], taken["awb_number"], taken["order_ref"]) == ("ours", "Docket", 'Ref "no"')


def test_saving_makes_no_word_one_to_cancel(tmp_path: Path) -> None:
    export(tmp_path, *LINES, "SO-3,86210010463,86210019993,New Order,2026-11-03")
    (tmp_path / "strict.toml").write_text('title = "Strict"\n[status]\ncancel = ["New Order"]\n', encoding="utf-8")
    run(tmp_path, "inspect", "orders.csv", *SAID, "--profile", "strict.toml", "--save", "saved.toml")
    before, after = (load_profile(str(tmp_path / name)) for name in ("strict.toml", "saved.toml"))
    words = ["Cancel Requested", "Ring the bell", "New Order", "Delivered", "Cancellation Requested"]
    assert after.meanings(words) == before.meanings(words)


def test_without_a_word_to_cancel_the_saved_profile_has_none(tmp_path: Path) -> None:
    export(tmp_path)
    (tmp_path / "strict.toml").write_text('title = "Strict"\n[status]\ncancel = ["New Order"]\n', encoding="utf-8")
    run(tmp_path, "inspect", "orders.csv", *SAID, "--profile", "strict.toml", "--save", "saved.toml")
    assert load_profile(str(tmp_path / "saved.toml")).meanings(["Cancel Requested"]) == {"Cancel Requested": ""}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("orders.toml", "There is such a profile already"),
        ("shiprocket", "is the name of a built-in one"),
        ("Our Own", "is no name for a profile"),
    ],
)
def test_a_place_that_can_not_be_is_refused_and_nothing_is_overwritten(tmp_path: Path, name: str, words: str) -> None:
    export(tmp_path)
    (tmp_path / "orders.toml").write_text("mine", encoding="utf-8")
    done = run(tmp_path, "inspect", "orders.csv", *SAID, "--save", name)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert (tmp_path / "orders.toml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "config").exists()
