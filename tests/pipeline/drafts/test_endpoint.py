"""Against a server on loopback that misbehaves in every way."""

import errno
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from data.errors import InputError
from pipeline.drafts.endpoint import INTERRUPTED, Endpoint, NoAnswerError

Answer = Callable[[BaseHTTPRequestHandler], Any]
MESSAGES = [{"role": "user", "content": "a cup"}]


class Server(ThreadingHTTPServer):
    """Gives one prepared answer after the other, the last one again and again."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, dict[str, str], Any]] = []

    def handle_error(self, *_: Any) -> None:
        """Says nothing of clients that have gone."""


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append((self.path, dict(self.headers), json.loads(content)))
        answers = server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def answer(body: bytes, code: int = 200, **headers: str) -> Answer:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def said(text: Any) -> Answer:
    return answer(json.dumps({"choices": [{"message": {"content": text}}]}).encode())


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Sends a byte after the other, for as long as anybody listens."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    """Sends headers byte by byte: none comes too late for the one before."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    handler.wfile.flush()
    while not gone.wait(0.01):
        handler.wfile.write(b"x")
        handler.wfile.flush()


gone = threading.Event()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def endpoint(server: Server, waits: list[float] | None = None, **more: Any) -> Endpoint:
    url = f"http://127.0.0.1:{server.server_port}/v1"
    sleep = (waits if waits is not None else []).append
    return Endpoint(url, "writer", sleep=sleep, **more)


def test_what_is_sent(server: Server) -> None:
    server.answers = [said(" A fine cup. ")]
    assert endpoint(server, key="secret").ask(MESSAGES) == "A fine cup."
    ((path, headers, content),) = server.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert content == {"model": "writer", "messages": MESSAGES}


BROKEN = {
    "no JSON": answer(b"<html>"),
    "not UTF-8": answer(b"\xff\xfe"),
    "JSON of another form": answer(b'{"choices": []}'),
    "a list": answer(b"[1]"),
    "nested too deep": answer(b"[" * 100_000),
    "no text": said(None),
    "an empty text": said("  "),
    "half a character": said("a cup \ud800"),
    "nothing": answer(b""),
    "cut off": answer(b'{"choices"', Content_Length="100"),
    "hung up": hang_up,
    "no number of bytes": answer(b"", Content_Length="many"),
    "too much": answer(b" " * (2 << 20)),
    "error of the server": answer(b"", 503),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=list(BROKEN))
def test_broken_answers_are_survived(broken: Answer, server: Server) -> None:
    server.answers = [broken, said("a cup")]
    waits: list[float] = []
    # A server that cuts an answer off closes the connection; one that does not, runs out of time.
    asked = endpoint(server, waits)
    assert asked.ask(MESSAGES) == "a cup"
    assert waits == [1.0]
    server.answers = [broken]
    with pytest.raises(NoAnswerError, match="no answer in 4 tries, the last: "):
        asked.ask(MESSAGES)
    assert waits == [1.0, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("header", "expected"), [("7", 7.0), ("1e9", 60.0), ("soon", 1.0), ("-3", 1.0), ("nan", 1.0)]
)
def test_rate_limits_are_kept(header: str, expected: float, server: Server) -> None:
    server.answers = [answer(b"", 429, Retry_After=header), said("a cup")]
    waits: list[float] = []
    assert endpoint(server, waits).ask(MESSAGES) == "a cup"
    assert waits == [expected]


def test_an_answer_that_comes_byte_by_byte_has_no_more_time(server: Server) -> None:
    server.answers = [drip]
    seconds = iter(range(10_000))
    asked = endpoint(server, timeout=30, tries=1, clock=lambda: float(next(seconds)))
    with pytest.raises(NoAnswerError, match="not whole after 30 seconds"):
        asked.ask(MESSAGES)


def test_a_server_that_says_nothing_is_left(server: Server) -> None:
    silence = threading.Event()
    server.answers = [lambda handler: silence.wait(60)]
    with pytest.raises(NoAnswerError, match=r"(?i)timed out|timeout"):
        endpoint(server, timeout=0.1, tries=1).ask(MESSAGES)
    silence.set()


def test_headers_that_come_byte_by_byte_have_no_more_time(server: Server) -> None:
    server.answers = [drip_headers]
    with pytest.raises(NoAnswerError, match=r"timed out: not whole after 0\.1 seconds"):
        endpoint(server, timeout=0.1, tries=1).ask(MESSAGES)
    gone.set()


def test_a_key_that_was_right_once_is_asked_with_again(server: Server) -> None:
    """So that one wrong answer of a gateway does not lose what has been drafted."""
    server.answers = [said("a cup"), answer(b"", 403), said("a lamp"), answer(b"", 401)]
    asked = endpoint(server)
    assert [asked.ask(MESSAGES) for _ in range(2)] == ["a cup", "a lamp"]
    with pytest.raises(NoAnswerError, match="no answer in 4 tries, the last: HTTP 401"):
        asked.ask(MESSAGES)


def test_an_interrupt_ends_the_asking_alone(server: Server) -> None:
    server.answers = [answer(b"", 503)]
    asked = endpoint(server)

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    asked.sleep = interrupted
    with pytest.raises(NoAnswerError, match="no answer: interrupted") as told:
        asked.ask(MESSAGES)
    assert told.value.reason == INTERRUPTED
    with pytest.raises(NoAnswerError, match="not asked: interrupted"):
        asked.ask(MESSAGES)
    assert len(server.asked) == 1


@pytest.mark.parametrize("code", [301, 307, 401, 403, 404])
def test_a_wrong_address_or_key_ends_the_command(code: int, server: Server) -> None:
    """A redirect would take texts and key to another place."""
    place = f"http://127.0.0.1:{server.server_port}/other"
    server.answers = [answer(b"", code, Location=place)]
    with pytest.raises(InputError, match=f"answers HTTP {code}"):
        endpoint(server, key="secret").ask(MESSAGES)
    assert [path for path, _, _ in server.asked] == ["/v1/chat/completions"]


def test_a_refused_text_is_not_sent_again(server: Server) -> None:
    server.answers = [answer(b"", 400)]
    with pytest.raises(NoAnswerError, match="HTTP 400"):
        endpoint(server).ask(MESSAGES)
    assert len(server.asked) == 1


def test_a_refused_connection_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(NoAnswerError) as told:
        Endpoint(url, "writer", tries=1).ask(MESSAGES)
    assert told.value.reason == os.strerror(errno.ECONNREFUSED)
    assert str(told.value) == f"no answer in 1 tries, the last: {told.value.reason}"


def test_a_dead_server_is_not_asked_for_ever(server: Server) -> None:
    server.answers = [hang_up]
    asked = endpoint(server, tries=1, patience=2)
    for _ in range(3):
        with pytest.raises(NoAnswerError):
            asked.ask(MESSAGES)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "host/v1", "http://", "http://[::1/v1", "http://host:99999/v1"),
        *("http://host/v 1", "http://host/ü", "https://me:secret@host/v1"),
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="expected http:// or https://") as told:
        Endpoint(url, "writer")
    assert "secret" not in str(told.value)


def test_a_key_with_a_line_break_is_refused() -> None:
    with pytest.raises(InputError, match="printable ASCII"):
        Endpoint("http://host/v1", "writer", "secret\nHost: other")
