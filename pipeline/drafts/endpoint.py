"""Asks an OpenAI-compatible endpoint for a text, and survives what it does instead of answering."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from data.errors import InputError

_PATH = "/chat/completions"
# Bytes of an answer at most: a draft is a thousandth of it.
_LARGEST = 1 << 20
_BLOCK = 1 << 14
# What the endpoint says where another try may end otherwise; other codes from 400 on never do.
_AGAIN = frozenset({408, 409, 425, 429, *range(500, 600)})
# The address or the key is wrong: no listing would get an answer. Of a server that has given one,
# they are a fault that may pass.
_WRONG = frozenset({401, 403, 404, 405, *range(300, 400)})
# The reason where somebody stopped the command meanwhile.
INTERRUPTED = "interrupted"


class NoAnswerError(RuntimeError):
    """The endpoint gave no text for a listing.

    Attributes:
        reason: why, in a few words; empty where it was not asked.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class _TryAgainError(Exception):
    """The endpoint may answer later.

    Attributes:
        wait: seconds that it asked to wait, None where it said nothing.
    """

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, which would take texts and key to another place."""

    def redirect_request(self, *_: Any) -> None:
        """Makes an error of it."""


@dataclass
class Endpoint:
    """A server that answers as `POST /chat/completions` of OpenAI does.

    Attributes:
        url: its base, such as `https://host/v1`, or the whole address of the call.
        model: the model's name there.
        key: sent as bearer token; empty sends none.
        timeout: seconds that one answer may take, from the call to its last byte.
        tries: calls at most for one text.
        longest_wait: seconds at most between two calls.
        patience: texts in a row without an answer after which nothing more is sent.
        sleep: waits; for tests.
        clock: seconds; for tests.
    """

    url: str
    model: str
    key: str = ""
    timeout: float = 60.0
    tries: int = 4
    longest_wait: float = 60.0
    patience: int = 5
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _silent: int = field(default=0, init=False)
    _answered: bool = field(default=False, init=False)
    _interrupted: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if fault := _fault(self.url):
            raise InputError(f"--endpoint: expected http:// or https://, found {fault}")
        # A header takes no line breaks, and no other characters than those of Latin-1.
        if not (self.key.isascii() and self.key.isprintable()):
            raise InputError("the endpoint's key: expected printable ASCII, found other characters")

    def ask(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """Asks for a text.

        Args:
            messages: the conversation, as the interface has it.

        Returns:
            The text, not empty.

        Raises:
            NoAnswerError: there was none, in all tries; it says why. An interrupt is such a
                reason, so that the answers to other listings are not lost.
            InputError: the address or the key is wrong.
        """
        if self._interrupted:
            raise NoAnswerError(f"not asked: {INTERRUPTED}")
        if self._silent >= self.patience:
            raise NoAnswerError(f"not asked: no answer to {self._silent} listings before")
        content = json.dumps({"model": self.model, "messages": list(messages)}).encode()
        try:
            return self._tried(content)
        except KeyboardInterrupt:
            self._interrupted = True
            raise NoAnswerError(f"no answer: {INTERRUPTED}", INTERRUPTED) from None

    def _tried(self, content: bytes) -> str:
        why = ""
        for number in range(self.tries):
            try:
                text = self._call(content)
            except _TryAgainError as error:
                why = str(error)
                if number + 1 < self.tries:
                    wait = 2.0**number if error.wait is None else error.wait
                    self.sleep(min(wait, self.longest_wait))
            else:
                self._silent, self._answered = 0, True
                return text
        self._silent += 1
        raise NoAnswerError(f"no answer in {self.tries} tries, the last: {why}", why)

    def _call(self, content: bytes) -> str:
        """A call, in a thread of its own: no part of it, such as the headers, takes more time."""
        done: SimpleQueue[str | Exception] = SimpleQueue()

        def call() -> None:
            try:
                done.put(self._answer(content))
            except Exception as error:
                done.put(error)

        threading.Thread(target=call, daemon=True).start()
        try:
            answer = done.get(timeout=self.timeout)
        except Empty:
            raise self._late() from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _late(self) -> _TryAgainError:
        return _TryAgainError(f"timed out: not whole after {self.timeout:g} seconds")

    def _answer(self, content: bytes) -> str:
        address = self.url.rstrip("/")
        address += "" if address.endswith(_PATH) else _PATH
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(address, content, headers, method="POST")
        opener = urllib.request.build_opener(_NoRedirect)
        end = self.clock() + self.timeout
        try:
            with opener.open(request, timeout=self.timeout) as response:
                return _text(self._read(response, end))
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (OSError, http.client.HTTPException) as error:
            if isinstance(getattr(error, "reason", error), TimeoutError):
                raise self._late() from None
            raise _TryAgainError(_in_words(error)) from None

    def _read(self, response: http.client.HTTPResponse, end: float) -> bytes:
        """The body; a server that sends it byte by byte has no more time than others."""
        parts, size = [], 0
        while part := response.read1(_BLOCK):
            parts.append(part)
            size += len(part)
            if size > _LARGEST:
                raise _TryAgainError(f"expected less than {_LARGEST:,} bytes, found more")
            if self.clock() > end:
                raise self._late()
        return b"".join(parts)

    def _refusal(self, error: urllib.error.HTTPError) -> Exception:
        told = f"HTTP {error.code} {error.reason}"
        if error.code in _WRONG and not self._answered:
            return InputError(f"--endpoint: {self.url} answers {told}: wrong address, key or model")
        if error.code in _AGAIN | _WRONG:
            return _TryAgainError(told, _wait(error.headers.get("Retry-After")))
        return NoAnswerError(told, told)


def _fault(url: str) -> str | None:
    """What is wrong with an address; a password in it is not repeated."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"{url!r:.200}: {error}"
    if parts.username is not None:
        return "a user's name before the host; the key is read from the environment"
    plain = url.isascii() and url.isprintable() and " " not in url
    known = parts.scheme in ("http", "https") and parts.hostname and port != 0
    return None if plain and known else f"{url!r:.200}"


def _in_words(error: Exception) -> str:
    """What went wrong with a connection, as the system says it: `Connection refused`."""
    cause = getattr(error, "reason", error)
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def _wait(header: str | None) -> float | None:
    """Seconds of a Retry-After; a date, or anything else, says nothing."""
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _text(body: bytes) -> str:
    try:
        text = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise _TryAgainError(f"an answer of another form: {type(error).__name__}") from None
    if not isinstance(text, str) or not text.strip():
        raise _TryAgainError("an answer without a text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _TryAgainError("an answer with halves of characters") from None
    return text.strip()
