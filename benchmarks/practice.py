"""A practice commons in a process of its own, fresh for each upload that is measured."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench import Bench
from tables import PROJECT
from timing import MeasurementFailed

from gen3submit.sandbox.log import TransactionLog
from gen3submit.sandbox.storage import SqliteStore


class Practice:
    """A commons that delays its answers, from the start of a `with` block to its end.

    ::

        with Practice(bench, request_ms=100, row_ms=1) as commons:
            commons.url, commons.credentials
    """

    def __init__(
        self,
        bench: Bench,
        *,
        dictionary: Path | None = None,
        request_ms: float = 0,
        row_ms: float = 0,
        data: Path | None = None,
    ):
        """`data` is the file that keeps its records; in memory if not given."""
        self._bench = bench
        self._command = [sys.executable, "-m", "gen3submit", "sandbox", "--port", "0", "--project", PROJECT]
        self._command += ["--dictionary", str(dictionary or bench.plain.served)]
        self._command += ["--request-delay", str(request_ms), "--row-delay", str(row_ms)]
        self._command += ["--data", str(data)] if data else []
        self.url = ""
        self.credentials = bench.work / "credentials.json"
        self.cpu = 0.0
        """Seconds of CPU time that it took, once it has stopped."""

    def __enter__(self) -> Practice:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **self._bench.environment},
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            self._process.wait()
            raise MeasurementFailed("the practice commons did not start")
        self.credentials.write_text(json.dumps({"api_key": _key(self.url), "key_id": "benchmarks"}), encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self.cpu = usage.ru_utime + usage.ru_stime


def rows_received(data: Path, node: str) -> int:
    """How many rows of a type all requests together brought, by the transaction log of a commons that has stopped."""
    store = SqliteStore(data)
    try:
        log = TransactionLog(store)
        documents = [each for (entry,) in store.rows("SELECT id FROM entry") for each in log.documents(entry)]
    finally:
        store.close()
    return sum(_rows_of(document.format, document.body, node) for document in documents)


def _rows_of(format_: str, body: str, node: str) -> int:
    if format_ == "json":
        records = json.loads(body)
    else:
        records = csv.DictReader(io.StringIO(body, newline=""), delimiter="\t" if format_ == "tsv" else ",")
    return sum(record["type"] == node for record in ([records] if isinstance(records, dict) else records))


def _key(url: str) -> str:
    """An API key as commons give it: a JWT that names its issuer. The practice commons takes any."""
    now = int(time.time())
    claims = {
        "iss": f"{url}/user",
        "pur": "api_key",
        "iat": now,
        "exp": now + 7 * 86_400,
        "sub": "1",
        "jti": "benchmarks",
    }
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)] + [b"unsigned"]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
