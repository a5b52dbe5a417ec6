"""What Peregrine answers: GraphQL, and what is asked by it (record ids, project states, the transaction log)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gen3submit.commons.calls import SUBMISSION, Calls
from gen3submit.commons.errors import NotACommons, NotFound, QueryRefused, Refused, ServerTrouble
from gen3submit.commons.http import Request
from gen3submit.commons.transactions import (
    Transaction,
    log_query,
    states_query,
    text,
    transactions_in,
)
from gen3submit.errors import UsageProblem
from gen3submit.messages import commons as words
from gen3submit.project import ProjectId

PAGE = 250_000
"""Ids asked for at once: about 11 s and 17 MB on a measured Peregrine, whose gateway gives up after 300 s."""

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_STATES_AT_ONCE = 100
_LISTING_ATTEMPTS = 3


class GraphQL(Calls):
    """The calls that Peregrine answers.

    It shows an unknown project, or one that the caller may not read, as empty: nothing found means "none, or no right".
    """

    def query(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data that a GraphQL query gives. Mind that every list has 10 entries unless it asks for `first: 0`.

        Raises:
            QueryRefused: it has errors; what was answered beside them is kept there.
            CommonsProblem: there is no answer.
        """
        asked = words.asked_query()
        body: dict[str, Any] = {"query": query}
        if variables:
            body["variables"] = dict(variables)
        request = Request("POST", f"{SUBMISSION}/graphql", asked, json.dumps(body).encode(), "application/json")
        try:
            answer = self._read(request).json
            status = 200
        except Refused as refusal:
            if not isinstance(refusal.answer, dict) or not refusal.answer.get("errors"):
                raise
            answer, status = refusal.answer, refusal.status or 400
        answer = self._expected(answer, dict, asked)
        errors = answer.get("errors")
        if errors:
            texts = [
                str(error.get("message", error) if isinstance(error, dict) else error)
                for error in (errors if isinstance(errors, list) else [errors])
            ]
            raise QueryRefused(
                words.query_refused(self.endpoint, texts), status=status, errors=texts, data=answer.get("data")
            )
        return self._expected(answer.get("data"), dict, asked)

    def schema(self) -> dict[str, Any]:
        """The GraphQL schema: the result of the introspection query."""
        asked = words.asked_schema()
        try:
            answer = self._read(Request("GET", f"{SUBMISSION}/getschema", asked), anonymous=True)
        except (NotFound, NotACommons, Refused):
            answer = self._read(Request("GET", f"{SUBMISSION}/graphql/getschema", asked), anonymous=True)
        return dict(self._expected(answer.json, dict, asked))

    def project_state(self, project_id: str | ProjectId) -> str | None:
        """The state of a project, `open` or `review`; None where there is no such project or no right to read it."""
        project = str(ProjectId.parse(project_id))
        found = self._rows(f"{{project(project_id: {text(project)}) {{state}}}}", "project")
        state = found[0].get("state") if found else None
        return None if state is None else str(state)

    def record_count(self, project_id: str | ProjectId, node: str) -> int:
        """How many records of a node type the project has (that the caller may read)."""
        project = str(ProjectId.parse(project_id))
        name = f"_{_type_name(node)}_count"
        count = self.query(f"{{{name}(project_id: {text(project)})}}").get(name)
        return int(self._expected(count, int, words.asked_query()))

    def record_counts(self, project_id: str | ProjectId, nodes: Iterable[str]) -> dict[str, int]:
        """How many records of each of these node types the project has, asked for all together.

        Empty where the caller may not read the project: a count of 0 means that there are none.

        Raises:
            QueryRefused: one of the types is not in the dictionary of the commons.
        """
        project = str(ProjectId.parse(project_id))
        names = {node: f"_{_type_name(node)}_count" for node in nodes}
        counts = " ".join(f"{name}(project_id: {text(project)})" for name in names.values())
        # Every project has entries in its log from its beginning on: who sees none may not read it.
        data = self.query(f"{{{counts} transaction_log(project_id: {text(project)}, last: 1) {{id}}}}")
        if not data.get("transaction_log"):
            return {}
        asked = words.asked_query()
        return {node: int(self._expected(data.get(name), int, asked)) for node, name in names.items()}

    def record_ids(self, project_id: str | ProjectId, node: str) -> dict[str, str]:
        """The ids of all records of a node type, by submitter_id as it is spelt in the commons.

        Raises:
            ServerTrouble: records keep coming and going while they are being listed.
        """
        return {
            str(row["submitter_id"]): str(row["id"])
            for row in self._listing(str(ProjectId.parse(project_id)), node)
            if row.get("submitter_id") is not None and row.get("id") is not None
        }

    def all_ids(self, project_id: str | ProjectId, node: str) -> list[str]:
        """The ids of all records of a node type, those without a submitter_id too.

        Raises:
            ServerTrouble: records keep coming and going while they are being listed.
        """
        rows = self._listing(str(ProjectId.parse(project_id)), node)
        return [str(row["id"]) for row in rows if row.get("id") is not None]

    def _listing(self, project: str, node: str) -> list[Mapping[str, Any]]:
        for _ in range(_LISTING_ATTEMPTS):
            count = self.record_count(project, node)
            if count <= PAGE:
                return self._rows(self._ids_query(project, node, "first: 0"), node)
            found: dict[str, Mapping[str, Any]] = {}
            for offset in range(0, count, PAGE):
                page = f'first: {PAGE}, offset: {offset}, order_by_asc: "id"'
                found.update(
                    (str(row.get("id")), row) for row in self._rows(self._ids_query(project, node, page), node)
                )
            # A record that goes away moves the ones behind it over the edge of a page, unseen.
            if len(found) == count == self.record_count(project, node):
                return list(found.values())
        raise ServerTrouble(words.keeps_changing(self.endpoint, project, node))

    def _ids_query(self, project: str, node: str, page: str) -> str:
        return f"{{{_type_name(node)}(project_id: {text(project)}, {page}) {{id submitter_id}}}}"

    def _rows(self, query: str, root: str) -> list[Mapping[str, Any]]:
        asked = words.asked_query()
        rows = self._expected(self.query(query).get(root), list, asked)
        return [self._expected(row, dict, asked) for row in rows]

    def transaction_log(
        self, project_id: str | ProjectId, last: int = 20, *, answers: bool = True
    ) -> list[Transaction]:
        """The newest entries of a project's transaction log, newest first.

        Every project has entries from its beginning on: an empty log is one that the caller may not read.

        Args:
            project_id: the project.
            last: how many entries.
            answers: whether to fetch the recorded answers too, which can be as large as the submissions.
        """
        if last < 1:  # a negative number is answered with SQL
            return []
        query = log_query(str(ProjectId.parse(project_id)), last, answers=answers)
        found = transactions_in(self.query(query).get("transaction_log"))
        if found is None:
            raise NotACommons(words.unexpected_json(self.endpoint, words.asked_query()))
        return found

    def transactions(self, ids: Iterable[int]) -> dict[int, str]:
        """The states of transactions, by id; those that are not there, or not to be seen, are left out."""
        states: dict[int, str] = {}
        for batch in _batched(sorted(set(ids)), _STATES_AT_ONCE):
            data = self.query(states_query(batch))
            for id_ in batch:
                for entry in transactions_in(data.get(f"t{id_}")) or ():
                    states[entry.id] = entry.state
        return states


def _type_name(node: str) -> str:
    if not _NAME.fullmatch(node):
        raise UsageProblem(words.bad_node_name(node))
    return node


def _batched(ids: list[int], size: int) -> list[list[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
