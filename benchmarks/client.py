"""A small load generator: keep-alive connections in a few processes, the same for everything that is measured."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Queue

PROCESSES = 2
CONNECTIONS = 8
TIMEOUT_SECONDS = 30

# Makes the n-th request as raw bytes.
RequestMaker = Callable[[int], bytes]
SLICES = 5


@dataclass(frozen=True)
class Sample:
    """Requests of one kind.

    :param make: makes the n-th of them
    :param amount: how many
    :param expected: status of each answer
    """

    port: int
    make: RequestMaker
    amount: int
    expected: int


def get(path: str, *, compressed: bool = False) -> bytes:
    """Return a GET request."""
    encoding = "Accept-Encoding: gzip\r\n" if compressed else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{encoding}\r\n".encode()


def post(path: str, body: str, visitor: int) -> bytes:
    """Return a POST of form fields.

    :param visitor: each has a network address of its own, as in a crowd
    """
    address = f"10.{visitor >> 16 & 255}.{visitor >> 8 & 255}.{visitor & 255}"
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Forwarded-For: {address}\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
    ).encode()


def read_answer(connection: socket.socket, rest: bytes) -> tuple[int, bytes]:
    """Read one answer and return its status and what was received after it."""
    while b"\r\n\r\n" not in rest:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("closed")
        rest += piece
    head, _, rest = rest.partition(b"\r\n\r\n")
    status = int(head[9:12])
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(rest) < length:
        rest += connection.recv(65536)
    return status, rest[length:]


def _connection(port: int, requests: list[bytes], statuses: dict[int, int], lock: threading.Lock) -> None:
    counted: dict[int, int] = {}
    link: socket.socket | None = None
    rest = b""
    for request in requests:
        for attempt in range(2):
            try:
                if link is None:
                    link = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
                    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    rest = b""
                link.sendall(request)
                status, rest = read_answer(link, rest)
                counted[status] = counted.get(status, 0) + 1
                break
            except OSError:
                # A worker that has served its share closes its connections.
                link = None
                if attempt:
                    raise
    with lock:
        for status, amount in counted.items():
            statuses[status] = statuses.get(status, 0) + amount


def _process(port: int, shares: list[list[bytes]], answers: Queue[dict[int, int]]) -> None:
    statuses: dict[int, int] = {}
    lock = threading.Lock()
    threads = [threading.Thread(target=_connection, args=(port, share, statuses, lock)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put(statuses)


def compare(reference: Sample, measured: Sample) -> tuple[float, float]:
    """Measure both in turns, a slice each, and return how many of each were answered a second.

    Whatever else the machine does then slows down both alike.
    """
    seconds = [0.0, 0.0]
    for number in range(SLICES):
        for place, sample in enumerate((reference, measured)):
            amount = sample.amount // SLICES
            start = number * amount
            rate = measure(sample.port, lambda n, s=sample, b=start: s.make(b + n), amount, sample.expected)  # type: ignore[misc]
            seconds[place] += amount / rate
    amounts = [sample.amount // SLICES * SLICES for sample in (reference, measured)]
    return amounts[0] / seconds[0], amounts[1] / seconds[1]


def measure(port: int, make: RequestMaker, amount: int, expected: int) -> float:
    """Send a number of requests over several connections and return how many were answered a second.

    :raises RuntimeError: if an answer had another status than the one expected
    """
    shares = [[make(n) for n in range(start, amount, CONNECTIONS)] for start in range(CONNECTIONS)]
    answers: Queue[dict[int, int]] = multiprocessing.Manager().Queue()
    per_process = CONNECTIONS // PROCESSES
    processes = [
        multiprocessing.Process(target=_process, args=(port, shares[n * per_process : (n + 1) * per_process], answers))
        for n in range(PROCESSES)
    ]
    started = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - started
    statuses: dict[int, int] = {}
    for _ in processes:
        for status, count in answers.get().items():
            statuses[status] = statuses.get(status, 0) + count
    if statuses != {expected: amount}:
        raise RuntimeError(f"expected {amount} answers of {expected}, got {statuses}")
    return amount / seconds
