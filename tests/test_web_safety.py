"""Who the page lets in, and what it refuses before it is read."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.page_client import PageClient, ServedPage, entered, serve
from tests.test_job import orders

pytest.importorskip("starlette", reason="the extra [page] is not installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPage]:
    served = serve(tmp_path_factory.mktemp("page"))
    yield served
    served.kill()


@pytest.fixture(scope="module")
def client(page: ServedPage) -> PageClient:
    return entered(page)


def stranger(page: ServedPage) -> httpx.Client:
    found = httpx.Client(base_url=page.address, trust_env=False)
    page.clients.append(found)
    return found


def test_without_the_link_nothing_is_shown(page: ServedPage) -> None:
    for path in ("/", "/history", "/plans/P-1", "/static/page.js", "/open", "/open?token=", "/open?token=guess"):
        assert stranger(page).get(path).status_code == 401, path


def test_the_link_works_once(page: ServedPage, client: PageClient) -> None:
    assert stranger(page).get(page.link).status_code == 401
    assert client.open(page.link).status_code == 200  # who is in stays in


def test_the_cookie_is_for_this_page_alone(tmp_path: Path) -> None:
    page = serve(tmp_path)
    said = stranger(page).get(page.link).headers["set-cookie"].lower()
    page.kill()
    assert "httponly" in said
    assert "samesite=strict" in said


def test_another_host_is_refused(page: ServedPage, client: PageClient) -> None:
    assert client.client.get("/", headers={"Host": "evil.example"}).status_code == 421
    number = page.address.rpartition(":")[2]
    assert client.client.get("/", headers={"Host": f"evil.example:{number}"}).status_code == 421


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1"])
def test_a_form_of_another_origin_is_refused(client: PageClient, origin: str | None) -> None:
    client.get("/")
    data = {"form": client.token("/language"), "language": "hi"}
    headers = {"Origin": origin} if origin else {}
    assert client.client.post("/language", data=data, headers=headers).status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "of another form"])
def test_a_form_without_its_own_token_is_refused(client: PageClient, token: str) -> None:
    client.get("/")
    said = client.token("/sheets") if token == "of another form" else token
    answer = client.client.post("/language", data={"form": said, "language": "hi"}, headers=client.own)
    assert answer.status_code == 403


def test_what_another_site_asks_for_is_refused(client: PageClient) -> None:
    assert client.client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_policy_allows_no_code_but_the_pages_own(client: PageClient) -> None:
    answer = client.client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "access-control-allow-origin" not in answer.headers
    assert " style=" not in answer.text
    assert "onclick" not in answer.text


def test_two_gigabytes_are_refused_at_their_first_bytes(page: ServedPage, client: PageClient) -> None:
    host, port = "127.0.0.1", int(page.address.rpartition(":")[2])
    cookie = "; ".join(f"{name}={value}" for name, value in client.client.cookies.items())
    head = (
        f"POST /sheets HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {page.address}\r\nCookie: {cookie}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2000000000\r\n\r\n"
    )
    began = time.monotonic()
    with socket.create_connection((host, port), timeout=30) as connection:
        connection.sendall(head.encode() + b"--x\r\n")
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413")
    assert time.monotonic() - began < 20


def test_a_body_that_does_not_say_its_length_is_cut_off_too(tmp_path: Path) -> None:
    page = serve(tmp_path, arguments=["--no-browser", "--largest", "1"])
    client = entered(page)

    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="o.csv"\r\n\r\n'
        for _ in range(64):
            yield b"a" * 1_000_000

    headers = {**client.own, "Content-Type": "multipart/form-data; boundary=x"}
    try:
        status = client.client.post("/sheets", content=endless(), headers=headers).status_code
    except httpx.TransportError:
        status = 413  # it closed while more was being sent
    assert status == 413
    assert [*(tmp_path / "page" / "sheets").iterdir()] == []
    assert client.get("/").status_code == 200
    page.kill()


@pytest.mark.parametrize("name", ["..%2f..%2fledger.db", "20261127-0000000000000000", "%00", "a" * 5000, "..", "."])
def test_no_name_of_an_address_becomes_a_path(client: PageClient, name: str) -> None:
    for path in (f"/sheets/{name}", f"/static/{name}", f"/plans/{name}", f"/plans/{name}/files/sheet"):
        answer = client.client.get(path)
        assert answer.status_code in (200, 404, 405, 422), path
        assert not answer.content.startswith(b"SQLite")


def test_the_page_listens_here_only(page: ServedPage) -> None:
    ports = listening(page.process.pid)
    assert ports == {("127.0.0.1", int(page.address.rpartition(":")[2]))}


def listening(pid: int) -> set[tuple[str, int]]:
    """Where a process takes connections, from the system's own table."""
    table = Path(f"/proc/{pid}/net/tcp")
    if not table.exists():
        pytest.skip("this system has no /proc")
    mine = {link.readlink().as_posix() for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    found = set()
    for line in table.read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
            address, _, port = fields[1].partition(":")
            parts = [str(int(address[at : at + 2], 16)) for at in (6, 4, 2, 0)]
            found.add((".".join(parts), int(port, 16)))
    return found


def test_a_sheet_is_deleted_after_its_days_and_its_name_stays(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    from pipeline.web.uploads import Uploads

    uploads = Uploads(tmp_path / "sheets", keep_days=30)
    with orders(tmp_path / "o.csv", 2).open("rb") as file:
        upload = uploads.bring("o.csv", file, "ann")
    assert uploads.forget_old(datetime.now(UTC) + timedelta(days=29)) == 0
    assert uploads.sheet(upload) is not None
    assert uploads.forget_old(datetime.now(UTC) + timedelta(days=31)) == 1
    assert uploads.sheet(upload) is None
    assert [one.file for one in uploads.all()] == ["o.csv"]
