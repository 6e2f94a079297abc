import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.drafts.endpoint import Endpoint


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "taxonomy.json").write_text(json.dumps({"cup": {"Colour": ["Red", "Blue"]}}))
    rows: list[dict[str, Any]] = [
        {"id": 1, "category": "cup", "title": "Tea cup", "Colour": "Blue", "description": None},
        {"id": 2, "category": "cup", "title": "Big tea cup", "description": "Safe. Red. Warm tea."},
    ]
    text = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "shop.jsonl").write_text(text)
    return tmp_path


def draft(shop: Path, *more: str) -> int:
    words = ["draft", "--listings", str(shop / "shop.jsonl"), "--taxonomy"]
    words += [str(shop / "taxonomy.json"), "--output", str(shop / "out.jsonl"), "--shortest", "10"]
    return main([*words, *more])


def drafts(shop: Path) -> list[tuple[str | None, str | None]]:
    rows = map(json.loads, (shop / "out.jsonl").read_text().splitlines())
    return [(row["draft"], row["draft_refused"]) for row in rows]


def test_without_an_endpoint_nothing_is_sent(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert draft(shop) == 0
    assert drafts(shop) == [("Tea cup. Colour: Blue. Safe. Warm tea.", None), (None, None)]
    assert "Drafted 1 of 2 listings, 1 of which have a description" in capsys.readouterr().out


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            keys.append(self.headers["Authorization"])
            content = {"choices": [{"message": {"content": "A red cup for tea."}}]}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    keys: list[str] = []
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.keys = keys  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_endpoint_drafts_and_its_drafts_are_checked(
    shop: Path,
    server: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.setenv("KEY", "secret")
    url = f"http://127.0.0.1:{server.server_port}/v1"
    assert draft(shop, "--endpoint", url, "--key-variable", "KEY") == 0
    reason = "states what the listing does not: Colour 'Red'"
    assert drafts(shop) == [(None, reason), (None, None)]
    assert "Refused 1 draft; the column `draft_refused` says why." in capsys.readouterr().out
    assert draft(shop, "--endpoint", url, "--allow-unsupported") == 0
    assert drafts(shop)[0] == ("A red cup for tea.", None)
    assert server.keys == ["Bearer secret", None]  # type: ignore[attr-defined]


def test_an_attribute_that_is_no_column_is_told(shop: Path, capsys: pytest.CaptureFixture) -> None:
    (shop / "taxonomy.json").write_text(json.dumps({"cup": {"colour": ["Red", "Blue"]}}))
    assert draft(shop) == 0
    assert "No listing has a column 'colour'; did you mean 'Colour'?" in capsys.readouterr().out


def test_a_file_without_listings_is_told(shop: Path, capsys: pytest.CaptureFixture) -> None:
    (shop / "none.csv").write_text("category,title,Colour\n")
    assert draft(shop, "--listings", str(shop / "none.csv")) == 1
    assert "none.csv: expected listings, found none" in capsys.readouterr().err
    assert {path.name for path in shop.iterdir()} == {"none.csv", "shop.jsonl", "taxonomy.json"}


def test_an_endpoint_that_is_not_there_refuses_no_draft_and_ends_with_1(
    shop: Path, capsys: pytest.CaptureFixture
) -> None:
    with (shop / "shop.jsonl").open("a") as file:
        file.write('\n{"id": 3, "category": "cup"}')
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    assert draft(shop, "--endpoint", url, "--tries", "1", "--everything") == 1
    told = capsys.readouterr().out
    assert "Drafted 0 of 3 listings" in told
    assert "1 listing without title, attributes and photos got no draft." in told
    assert (
        "The endpoint did not answer (Connection refused), and so 2 listings got no draft" in told
    )
    assert "Refused" not in told
    assert [one for one, _ in drafts(shop)] == [None] * 3


def test_an_interrupt_keeps_what_is_drafted(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    answers = iter(["A red and blue cup."])

    def call(*_: Any) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(Endpoint, "_call", call)
    more = ("--endpoint", "http://127.0.0.1:9/v1", "--everything", "--allow-unsupported")
    assert draft(shop, *more) == 1
    assert "did not answer (interrupted), and so 1 listing got no draft" in capsys.readouterr().out
    assert drafts(shop) == [("A red and blue cup.", None), (None, "no answer: interrupted")]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--photos", "titel"], "--photos: "),
        (["--bought", "sold"], "has no column 'sold'"),
        (["--language", "xx"], "--language: expected one of de, en"),
        (["--longest", "5"], "--longest: expected at least --shortest 10, found 5"),
        (["--timeout", "0"], "--timeout: expected up to 3600 seconds, found 0"),
        (["--tries", "0"], "--tries: expected a larger number, found 0"),
        (["--model", "nosuch"], "fill-attributes, found no model in nosuch"),
        (["--endpoint", "host/v1"], "--endpoint: expected http:// or https://"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(
    more: list[str], told: str, shop: Path, capsys: pytest.CaptureFixture
) -> None:
    assert draft(shop, *more) == 1
    assert told in capsys.readouterr().err
    assert {path.name for path in shop.iterdir()} == {"shop.jsonl", "taxonomy.json"}
