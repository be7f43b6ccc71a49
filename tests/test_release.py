"""A release is made of a clean main whose version is told, and of nothing else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """A repository that could be released as 1.1.0, its checks replaced by ones that always pass."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "pipeline").mkdir()
    shutil.copy(ROOT / ".ci/release", tmp_path / ".ci/release")
    (tmp_path / ".ci/package_check").write_text("true\n")
    (tmp_path / "pipeline/__init__.py").write_text('__version__ = "1.1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.1.0 (2026-12-01)\n")
    (tmp_path / "Makefile").write_text("check:\n\t@true\n")

    def run(*command: str) -> str:
        done = subprocess.run(["git", *command], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    run("init", "-q", "-b", "main")
    run("config", "user.name", "Release Test")
    run("config", "user.email", "release@example.test")
    run("add", "-A")
    run("commit", "-q", "-m", "All of it")
    return run


def release(where: Path, version: str) -> tuple[int, str]:
    done = subprocess.run(["sh", ".ci/release", version], cwd=where, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_a_clean_main_is_tagged(tmp_path: Path, git: Callable[..., str]) -> None:
    assert release(tmp_path, "1.1.0") == (0, "release: made the tag v1.1.0; git push origin v1.1.0 publishes it")
    assert git("tag").split() == ["v1.1.0"]


@pytest.mark.parametrize(
    ("spoil", "version", "why"),
    [
        ((), "", "say which: make release VERSION=1.1.0"),
        ((), "1.1", "1.1 is not a version like 1.1.0"),
        ((), "1.2.0", "pipeline/__init__.py has another version"),
        (("tag", "v1.1.0"), "1.1.0", "v1.1.0 is released already"),
        (("checkout", "-q", "-b", "other"), "1.1.0", "releases are made of main"),
        (("rm", "-q", "--cached", "CHANGELOG.md"), "1.1.0", "there are changes that are not committed"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(
    tmp_path: Path, git: Callable[..., str], spoil: tuple[str, ...], version: str, why: str
) -> None:
    if spoil:
        git(*spoil)
    before = git("tag")
    assert release(tmp_path, version) == (2, f"release: {why}")
    assert git("tag") == before


def test_a_version_that_the_changelog_does_not_tell_is_refused(tmp_path: Path, git: Callable[..., str]) -> None:
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    git("commit", "-qam", "Tell nothing")
    code, said = release(tmp_path, "1.1.0")
    assert (code, said) == (2, "release: CHANGELOG.md has no section '## 1.1.0 (YYYY-MM-DD)'")


def test_a_failing_check_makes_no_tag(tmp_path: Path, git: Callable[..., str]) -> None:
    (tmp_path / "Makefile").write_text("check:\n\t@false\n")
    git("commit", "-qam", "Fail")
    assert release(tmp_path, "1.1.0")[0] != 0
    assert git("tag") == ""
