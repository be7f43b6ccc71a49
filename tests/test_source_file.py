"""A file is opened once, and everyone who reads it has a place of his own in it."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from pipeline.source_file import SourceFile

DATA = bytes(range(256)) * 4096
"""A megabyte in which each place says where it is."""


@pytest.fixture
def source(tmp_path: Path) -> SourceFile:
    path = tmp_path / "orders.csv"
    path.write_bytes(DATA)
    return SourceFile(path)


def test_readers_do_not_move_each_other(source: SourceFile) -> None:
    with source.open() as one, source.open() as other:
        assert (one.read(3), other.seek(-2, os.SEEK_END), one.read(2), other.read(), one.tell()) == (
            b"\x00\x01\x02", len(DATA) - 2, b"\x03\x04", b"\xfe\xff", 5
        )  # fmt: skip
    assert (source.read_bytes() == DATA, source.size, source.name) == (True, len(DATA), "orders.csv")


def test_readers_in_several_threads_each_get_the_whole_file(source: SourceFile) -> None:
    found: list[str] = []

    def read() -> None:
        with source.open() as file:
            found.append(hashlib.sha256(b"".join(iter(lambda: file.read(1000), b""))).hexdigest())

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [hashlib.sha256(DATA).hexdigest()] * 8 == [source.digest()] * 8


def test_a_file_that_was_replaced_is_read_as_it_was_and_said_to_be_another(source: SourceFile) -> None:
    digest = source.digest()
    other = source.path.with_name("other.csv")
    other.write_bytes(b"others")
    other.replace(source.path)
    assert (source.read_bytes() == DATA, source.holds(digest)) == (True, False)


def test_a_file_that_was_saved_again_unchanged_is_the_same(source: SourceFile) -> None:
    copy = source.path.with_name("copy.csv")
    copy.write_bytes(DATA)
    copy.replace(source.path)
    assert source.holds(source.digest())


def test_a_file_that_was_changed_in_its_place_is_another(source: SourceFile) -> None:
    digest = source.digest()
    with source.path.open("ab") as file:
        file.write(b"x")
    assert not source.holds(digest)


def test_a_file_that_is_gone_is_told(source: SourceFile) -> None:
    source.path.unlink()
    with pytest.raises(FileNotFoundError):
        source.holds(source.digest())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no list of open files")
def test_the_handle_is_closed_when_nobody_holds_the_file(source: SourceFile) -> None:
    def handles() -> int:
        return sum(1 for one in Path("/proc/self/fd").iterdir() if one.is_symlink() and one.readlink() == path)

    path, file = source.path, source.open()
    other = SourceFile(path)
    assert handles() == 2
    del other
    assert handles() == 1
    file.close()


def test_a_place_before_the_file_is_refused(source: SourceFile) -> None:
    with source.open() as file, pytest.raises(OSError, match="before the file"):
        file.seek(-len(DATA) - 1, os.SEEK_END)
