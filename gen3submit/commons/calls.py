"""What every call to the commons shares: a token where one is needed, renewed once, and refusals as exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, Any

from gen3submit.commons.address import checked_id, escaped
from gen3submit.commons.answer import Answer, Problem
from gen3submit.commons.errors import CommonsProblem, NotACommons, NotAuthenticated, Unreachable
from gen3submit.commons.http import Http, Request
from gen3submit.commons.tokens import Tokens
from gen3submit.messages import commons as words
from gen3submit.messages import credentials as credential_words
from gen3submit.project import ProjectId

SUBMISSION = "/api/v0/submission"

LONGEST_LINE = 4000
"""gunicorn answers 414 to a request line of more than 4,094 bytes under its defaults."""

_LINE_AROUND = len("DELETE  HTTP/1.1\r\n")


class Calls:
    """One commons with one caller; the calls themselves are in the subclasses, by service."""

    endpoint: str
    """The address of the commons: scheme, host and port."""

    def __init__(self, http: Http, tokens: Tokens) -> None:
        self.endpoint = http.endpoint
        self._http = http
        self._tokens = tokens

    def _read(self, request: Request, *, anonymous: bool = False, sink: IO[bytes] | None = None) -> Answer:
        """The answer to something that changes nothing.

        Args:
            request: what to ask.
            anonymous: whether it may be asked without a token; then one is only used where the commons insists.
            sink: where the body of a success goes instead of into memory.

        Raises:
            CommonsProblem: there is no whole answer with a 2xx status.
        """
        if anonymous:
            answer = self._http.read(request, sink)
            if answer.status not in {401, 403} or not self._tokens.available:
                return _success(answer)
        token = self._tokens.current()
        answer = self._http.read(replace(request, token=token.secret), sink)
        if answer.status == 401:
            token = self._tokens.renew(token.number)
            answer = self._http.read(replace(request, token=token.secret), sink)
            if answer.status == 401:
                raise NotAuthenticated(credential_words.new_token_refused(self.endpoint, answer.server_words))
        return _success(answer)

    def _write(self, request: Request) -> Answer:
        """What became of something that changes the commons, sent at most once. Never raises a `CommonsProblem`."""
        try:
            token = self._tokens.current()
        except CommonsProblem as problem:
            kind: Problem = "refused" if isinstance(problem, Unreachable) else "unauthenticated"
            # Without the traceback, whose frames lead to the answer of the token service.
            return Answer(None, problem=kind, sent=False, error=problem.with_traceback(None))
        answer = self._http.write(replace(request, token=token.secret))
        return replace(answer, token_number=token.number)

    def _change(self, request: Request) -> Answer:
        """The answer to a small change that is made or refused as a whole; sent again only after a 401.

        Raises:
            CommonsProblem: it was not done, or (`ServerTrouble`) it is not known whether it was.
        """
        answer = self._write(request)
        if answer.status == 401:  # refused before anything was looked at
            self._tokens.renew(answer.token_number)
            answer = self._write(request)
        return _success(answer)

    def renew(self, after: Answer | None = None) -> None:
        """Get a new access token, as after a 401; at most one for all threads that met the same refusal.

        Args:
            after: the answer that said 401. Not given: whatever token is at hand is replaced.

        Raises:
            NotAuthenticated: the credentials give no new token.
            CommonsProblem: the commons cannot be asked for one.
        """
        self._tokens.renew(self._tokens.number if after is None else after.token_number)

    def authenticate(self) -> None:
        """Make sure of an access token with some time left; asks the commons only where there is none.

        Raises:
            NotAuthenticated: the credentials give none.
            CommonsProblem: the commons cannot be asked for one.
        """
        self._tokens.current()

    @property
    def token_expires_at(self) -> float | None:
        """When the access token at hand ends, in seconds since 1970 by this computer's clock."""
        return self._tokens.expires_at

    def _expected(self, value: Any, kind: type, asked: str) -> Any:
        """The value, if it is of the kind that every commons answers."""
        if not isinstance(value, kind):
            raise NotACommons(words.unexpected_json(self.endpoint, asked))
        return value


def project_path(project: ProjectId) -> str:
    """The path of a project, below the endpoint."""
    return f"{SUBMISSION}/{escaped(project.program)}/{escaped(project.code)}"


def batches_of_ids(ids: Iterable[str], before: str, most: int | None = None) -> Iterator[list[str]]:
    """The ids in lists that fit, joined by commas behind the path `before`, into one request line.

    Raises:
        UsageProblem: one of them is no id.
    """
    room = LONGEST_LINE - _LINE_AROUND - len(before)
    batch: list[str] = []
    used = 0
    for id_ in ids:
        size = len(checked_id(id_)) + 1
        if batch and (used + size > room or len(batch) == most):
            yield batch
            batch, used = [], 0
        batch.append(id_)
        used += size
    if batch:
        yield batch


def joined_ids(ids: Iterable[str]) -> str:
    """The ids as the services take them in a path or query."""
    return ",".join(checked_id(id_) for id_ in ids)


def _success(answer: Answer) -> Answer:
    if answer.error is not None:
        raise answer.error
    return answer
