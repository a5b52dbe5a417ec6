"""What changes the commons: submissions, deletions, programs and projects. Nothing is sent twice by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from gen3submit.commons.address import escaped
from gen3submit.commons.answer import Answer
from gen3submit.commons.calls import SUBMISSION, batches_of_ids, joined_ids, project_path
from gen3submit.commons.errors import Refused
from gen3submit.commons.http import Request
from gen3submit.commons.reading import Reading
from gen3submit.errors import UsageProblem
from gen3submit.messages import commons as words
from gen3submit.project import ProjectId, check_new_program, check_new_project

IDS_PER_DELETION = 100
"""About 1.2 s of work for Sheepdog, and well within the request line that gunicorn takes."""

_LONGEST_NAME = 300


class Writing(Reading):
    """The calls that change something."""

    def submit(
        self,
        project_id: str | ProjectId,
        body: bytes,
        *,
        content_type: str = "application/json",
        document_name: str,
        method: Literal["PUT", "POST"] = "PUT",
        dry_run: bool = False,
    ) -> Answer:
        """Send one submission, once, and tell what came back, whatever that is.

        One call is one request for the submission at most: nothing is repeated, redirects are not followed. A renewal
        of the access token may go before it. After a 401 the caller calls `renew(answer)` and submits again.

        Args:
            project_id: the project.
            body: the document.
            content_type: `application/json`, `text/tab-separated-values` or `text/csv`.
            document_name: what the transaction log keeps as the document's name; tells this request from any other.
            method: `PUT` creates and updates, `POST` creates only.
            dry_run: whether nothing shall be stored. Its answer is 200 whatever happens: read `success`.

        Raises:
            UsageProblem: the project or the document cannot be called so. Nothing else is raised.
        """
        project = ProjectId.parse(project_id)
        if (
            not 0 < len(document_name) <= _LONGEST_NAME
            or not document_name.isascii()
            or not document_name.isprintable()
        ):
            raise UsageProblem(words.bad_document_name(document_name))
        return self._write(
            Request(
                method,
                project_path(project) + ("/_dry_run" if dry_run else ""),
                words.asked_submission(str(project)),
                body,
                content_type,
                headers={"X-Document-Name": document_name},
            )
        )

    def delete_records(self, project_id: str | ProjectId, ids: Iterable[str], *, dry_run: bool = False) -> Answer:
        """Delete records, all or none, with one request, and tell what came back, whatever that is.

        Repeated after a lost answer it gives 400 with NOT_FOUND for each id that is gone. A dry run that would fail is
        a 400 too.

        Args:
            project_id: the project.
            ids: at most 100; `deletion_batches` makes such lists. Parents and children may stand together.
            dry_run: whether nothing shall be deleted.

        Raises:
            UsageProblem: one is no id, or there are too many. Nothing else is raised.
        """
        project = ProjectId.parse(project_id)
        wanted = list(ids)
        batches = list(batches_of_ids(wanted, _deletion_path(project), IDS_PER_DELETION))
        if len(batches) != 1:
            raise UsageProblem(words.too_many_ids(len(wanted), IDS_PER_DELETION))
        return self._write(
            Request(
                "DELETE",
                _deletion_path(project, dry_run) + joined_ids(wanted),
                words.asked_deletion(str(project)),
            )
        )

    def deletion_batches(self, project_id: str | ProjectId, ids: Iterable[str]) -> Iterator[list[str]]:
        """The ids, in their order, in lists that `delete_records` takes."""
        return batches_of_ids(ids, _deletion_path(ProjectId.parse(project_id)), IDS_PER_DELETION)

    def create_program(self, name: str, *, dbgap_accession_number: str | None = None, exist_ok: bool = False) -> bool:
        """Create a program; an existing one is not touched.

        Args:
            name: letters, digits, `_` and `.`.
            dbgap_accession_number: the name, if not given. Rights to its projects are registered under this number but
                looked up under the name: give another one only where dbGaP is meant.
            exist_ok: whether it may be there already.

        Returns:
            Whether it was created.

        Raises:
            Refused: it is there already.
            NotAllowed: the caller may not create programs.
        """
        check_new_program(name)
        if name in self.programs():
            if exist_ok:
                return False
            raise Refused(words.program_exists(name))
        document = {
            "type": "program",
            "name": name,
            "dbgap_accession_number": name if dbgap_accession_number is None else dbgap_accession_number,
        }
        self._change(_put(f"{SUBMISSION}/", words.asked_new_program(name), document))
        return True

    def create_project(
        self,
        project_id: str | ProjectId,
        *,
        name: str | None = None,
        dbgap_accession_number: str | None = None,
        properties: Mapping[str, Any] | None = None,
        exist_ok: bool = False,
    ) -> bool:
        """Create a project; an existing one is not touched.

        Args:
            project_id: the program, which must be there, and the code.
            name: the code, if not given.
            dbgap_accession_number: the code, if not given; see `create_program`.
            properties: further properties, as the dictionary has them for `project`.
            exist_ok: whether it may be there already.

        Returns:
            Whether it was created.

        Raises:
            NotFound: there is no such program.
            Refused: it is there already, or a project of another program has this code.
            NotAllowed: the caller may not create projects.
        """
        project = ProjectId.parse(project_id)
        check_new_project(project.code)
        if project.code in self.projects(project.program):
            if exist_ok:
                return False
            raise Refused(words.project_exists(str(project)))
        document = {
            **(properties or {}),
            "type": "project",
            "code": project.code,
            "name": project.code if name is None else name,
            "dbgap_accession_number": project.code if dbgap_accession_number is None else dbgap_accession_number,
        }
        path = f"{SUBMISSION}/{escaped(project.program)}"
        self._change(_put(path, words.asked_new_project(str(project)), document))
        return True

    def delete_program(self, name: str) -> None:
        """Delete a program that has no projects, at once and for good.

        Raises:
            Refused: it is not empty.
            NotFound: it is not there.
        """
        ProjectId(name, "-")  # refuses what cannot stand in a path
        path = f"{SUBMISSION}/{escaped(name)}"
        self._change(Request("DELETE", path, words.asked_program_deletion(name), expects="nothing"))

    def delete_project(self, project_id: str | ProjectId) -> None:
        """Delete a project that has no records, at once and for good; its transaction log cannot be read any more.

        Raises:
            Refused: it is not empty.
            NotFound: it is not there.
        """
        project = ProjectId.parse(project_id)
        asked = words.asked_project_deletion(str(project))
        self._change(Request("DELETE", project_path(project), asked, expects="nothing"))

    def set_project_state(self, project_id: str | ProjectId, state: str, *, dry_run: bool = False) -> None:
        """Put a project into the state `review`, where it takes no submissions, or back into `open`.

        Raises:
            Refused: it is in that state already.
            UsageProblem: another state; no project gets beyond review in the present Sheepdog.
        """
        project = ProjectId.parse(project_id)
        if state not in {"open", "review"}:
            raise UsageProblem(words.bad_project_state(state))
        path = f"{project_path(project)}/{state}" + ("/_dry_run" if dry_run else "")
        asked = words.asked_state(str(project), state)
        answer = self._change(Request("PUT", path, asked))
        if not isinstance(answer.json, dict) or answer.json.get("success") is not True:
            raise Refused(
                words.not_done(self.endpoint, asked, answer.server_words), status=answer.status, answer=answer.json
            )


def _deletion_path(project: ProjectId, dry_run: bool = True) -> str:
    """Without a query string: Sheepdog really deletes for `?to_delete=false`, and empties properties for `?fields=`."""
    return f"{project_path(project)}/entities/" + ("_dry_run/" if dry_run else "")


def _put(path: str, asked: str, document: Mapping[str, Any]) -> Request:
    return Request("PUT", path, asked, json.dumps(document).encode(), "application/json")
