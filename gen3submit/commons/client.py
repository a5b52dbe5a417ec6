"""A Gen3 data commons with one caller: every call that the package makes, in one class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gen3submit.commons.address import is_loopback, origin_of
from gen3submit.commons.clock import Clock
from gen3submit.commons.credentials import Credentials
from gen3submit.commons.errors import CommonsProblem, CredentialsProblem, ServerTrouble
from gen3submit.commons.graphql import GraphQL
from gen3submit.commons.http import ANSWER_SECONDS, LARGEST_ANSWER, Http
from gen3submit.commons.index import Index
from gen3submit.commons.streaming import Take
from gen3submit.commons.tokens import Tokens
from gen3submit.commons.writing import Writing
from gen3submit.errors import UsageProblem
from gen3submit.messages import commons as words
from gen3submit.project import ProjectId

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter


class Commons(Writing, GraphQL, Index):
    """A Gen3 data commons, seen with the rights of one caller. Fit for several threads at once.

    Nothing is asked of the commons before the first call. Reads are repeated a few times where that can help; writes
    are sent once. What goes wrong is a `CommonsProblem` (see `gen3submit.commons.errors`), save for `submit` and
    `delete_records`, which tell everything in their `Answer`.
    """

    credentials: Credentials | None
    """Whose rights; None for a caller without any."""
    warnings: tuple[str, ...]
    """What the user should know: a key that others can read, an address without encryption."""

    def __init__(
        self,
        endpoint: str | None = None,
        credentials: str | Path | Mapping[str, Any] | Credentials | None = None,
        *,
        allow_key_host: str | bool | None = None,
        timeout: float = ANSWER_SECONDS,
        progress: Callable[[str], None] | None = None,
        environment: Mapping[str, str] | None = None,
        home: Path | None = None,
        transport: BaseAdapter | None = None,
        clock: Clock | None = None,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        """Look for credentials and endpoint.

        Args:
            endpoint: the address of the commons. Not given: `GEN3_ENDPOINT` or `GEN3_COMMONS_URL` of `environment`,
                then the commons that issued the credentials.
            credentials: path or name of a credentials file, its content, or ``accesstoken:///<token>``; see
                `Credentials.load` for what is taken where none are given.
            allow_key_host: a host that may have the key although another one issued it; True for the endpoint's.
            timeout: seconds to wait for an answer.
            progress: is told, in a sentence, whenever something has to wait.
            environment: environment variables; none are looked at if not given.
            home: the user's home folder, if not the usual one.
            transport: what carries requests to the endpoint instead of the network; see `InProcess`.
            clock: the time.
            largest_answer: bytes of an answer that are taken into memory.

        Raises:
            UsageProblem: there is no endpoint, or it is no address.
            CredentialsProblem: the credentials named cannot be used.
        """
        environment = environment or {}
        clock = clock or Clock()
        endpoint = endpoint or environment.get("GEN3_ENDPOINT") or environment.get("GEN3_COMMONS_URL")
        problem: CredentialsProblem | None = None
        try:
            self.credentials = Credentials.load(credentials, environment=environment, home=home)
        except CredentialsProblem as found:
            # Nobody named the default file: it only matters once credentials are needed.
            if credentials is not None or endpoint is None or environment.get("GEN3_API_KEY"):
                raise
            self.credentials, problem = None, found
        endpoint = endpoint or (self.credentials.issuer if self.credentials else None)
        if not endpoint:
            raise UsageProblem(words.no_endpoint())
        http = Http(
            origin_of(endpoint),
            answer_seconds=timeout,
            transport=transport,
            progress=progress,
            clock=clock,
            largest_answer=largest_answer,
        )
        super().__init__(
            http,
            Tokens(
                http,
                self.credentials,
                allow_key_host=allow_key_host,
                clock=clock,
                no_credentials=problem,
            ),
        )
        self.warnings = self.credentials.warnings if self.credentials else ()
        if self.endpoint.startswith("http://") and not is_loopback(self.endpoint) and transport is None:
            self.warnings += (words.plain_http(self.endpoint),)

    def __repr__(self) -> str:
        return f"Commons({self.endpoint!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._http.close()

    def export(self, project_id: str | ProjectId, node: str, *, take: Take | None = None) -> Iterator[dict[str, Any]]:
        """The records of a node type as documents that can be submitted again; nulls left out, links as lists.

        They come one by one from a temporary file: memory holds few at a time, and a broken connection is repeated.
        A type with a link to itself, whose export breaks off at once in Sheepdog, is fetched by the ids of its records
        (which takes the right to read them by GraphQL).

        Args:
            project_id: ``PROGRAM-CODE``.
            node: the node type.
            take: may take many records at once as the text that came; the others are given. Where the export has to be
                repeated it is given the same records again.

        Raises:
            ServerTrouble: the export breaks off.
        """
        project = ProjectId.parse(project_id)
        ways = [
            partial(self._exported, project, node, patient=False, take=take),
            partial(super().export, project, node, take=take),
        ]
        for number, export in enumerate(ways):
            begun = False
            try:
                for record in export():
                    begun = True
                    yield record
            except ServerTrouble as trouble:
                if begun or not trouble.broke_off:
                    raise
                # A connection may break off at any time; only then does it help to ask for the same again.
                if number < len(ways) - 1 and not self._links_to_itself(node):
                    continue
                ids = self._listed(project, node)
                if ids is None:
                    raise
                yield from self.export_ids(project, ids)
            return

    def _links_to_itself(self, node: str) -> bool:
        try:
            links = self.dictionary_entry(node).get("links")
        except CommonsProblem:
            return False
        waiting = list(links) if isinstance(links, list) else []
        while waiting:
            entry = waiting.pop()
            if isinstance(entry, dict):
                if entry.get("target_type") == node:
                    return True
                inner = entry.get("subgroup")
                waiting += inner if isinstance(inner, list) else []
        return False

    def _listed(self, project: ProjectId, node: str) -> list[str] | None:
        """The ids of the records; None where it is not certain that they can all be seen."""
        try:
            ids = self.all_ids(project, node)
            # Every project has entries in its log: who sees them may read the project, and there are no records.
            return ids if ids or self.transaction_log(project, last=1, answers=False) else None
        except CommonsProblem:
            return None
