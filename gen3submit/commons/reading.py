"""What can be read from Fence and Sheepdog: who one is, programs, dictionary, records, exports, templates."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from gen3submit.commons.address import checked_node, escaped
from gen3submit.commons.calls import SUBMISSION, Calls, batches_of_ids, joined_ids, project_path
from gen3submit.commons.errors import CommonsProblem, NotAllowed, NotAuthenticated, NotFound, ServerTrouble
from gen3submit.commons.files import new_file
from gen3submit.commons.http import Request
from gen3submit.commons.rights import Rights, projects_in, rights_in
from gen3submit.commons.streaming import BadStream, Take, records_in
from gen3submit.errors import UsageProblem
from gen3submit.messages import commons as words
from gen3submit.project import ProjectId

_IN_MEMORY = 16 * 2**20
_EXPORT_FORMATS = ("json", "tsv")
_TEMPLATE_FORMATS = ("tsv", "csv", "json")


class Reading(Calls):
    """The calls that read from Fence and Sheepdog."""

    def user(self) -> dict[str, Any]:
        """Who the caller is, as Fence tells it (`/user/user/`): `username`, `email`, `authz` and more."""
        asked = words.asked_user()
        answer = self._read(Request("GET", "/user/user/", asked))
        return dict(self._expected(answer.json, dict, asked))

    def rights(self, project_id: str | ProjectId) -> Rights:
        """What the caller may do in the project."""
        return rights_in(self.authz(), ProjectId.parse(project_id))

    def all_rights(self) -> dict[str, Rights]:
        """What the caller may do, for each project that the rights name, by project_id."""
        authz = self.authz()
        return {str(project): rights_in(authz, project) for project in projects_in(authz)}

    def authz(self) -> Any:
        """What the caller may do, as the services list it: granted services and methods, by resource."""
        authz = self.user().get("authz")
        if authz:
            return authz
        # Older Fences leave it out, and a newer one leaves it empty when it cannot reach Arborist.
        try:
            return self._read(Request("GET", "/authz/mapping", words.asked_rights())).json
        except CommonsProblem:
            return authz

    def programs(self) -> list[str]:
        """The names of all programs, whether or not the caller has any right to them."""
        asked = words.asked_programs()
        return self._names(Request("GET", f"{SUBMISSION}/", asked), "/submission/")

    def projects(self, program: str) -> list[str]:
        """The codes of all projects of the program, whether or not the caller has any right to them.

        Raises:
            NotFound: there is no such program.
        """
        ProjectId(program, "-")  # refuses what cannot stand in a path
        path = f"{SUBMISSION}/{escaped(program)}"
        return self._names(Request("GET", path, words.asked_projects(program)), f"/submission/{escaped(program)}/")

    def _names(self, request: Request, before: str) -> list[str]:
        """The names at the ends of the links in a listing; `before` is what stands before the name in a link."""
        answer = self._read(request)
        listing = self._expected(answer.json, dict, request.asked)
        links = self._expected(listing.get("links"), list, request.asked)
        return [unquote(str(link).rpartition(before)[2]) for link in links]

    def dictionary(self, project_id: str | ProjectId | None = None) -> dict[str, Any]:
        """The whole dictionary in its served form.

        Args:
            project_id: any project; asked for it where the commons does not give the dictionary without one.
        """
        asked = words.asked_dictionary()
        try:
            answer = self._read(Request("GET", f"{SUBMISSION}/_dictionary/_all", asked), anonymous=True)
        except (NotFound, NotAllowed, NotAuthenticated):
            if project_id is None:
                raise
            path = project_path(ProjectId.parse(project_id))
            answer = self._read(Request("GET", f"{path}/_dictionary/_all", asked))
        return dict(self._expected(answer.json, dict, asked))

    def dictionary_entries(self) -> list[str]:
        """The names in the dictionary: node types, and shared parts such as `_terms`."""
        asked = words.asked_dictionary()
        answer = self._read(Request("GET", f"{SUBMISSION}/_dictionary", asked), anonymous=True)
        listing = self._expected(answer.json, dict, asked)
        links = self._expected(listing.get("links"), list, asked)
        return [unquote(str(link).rpartition("/")[2]) for link in links]

    def dictionary_entry(self, name: str) -> dict[str, Any]:
        """One node type or shared part of the dictionary.

        Raises:
            NotFound: there is none of that name.
        """
        asked = words.asked_entry(name)
        path = f"{SUBMISSION}/_dictionary/{checked_node(name)}"
        return dict(self._expected(self._read(Request("GET", path, asked), anonymous=True).json, dict, asked))

    def records(self, project_id: str | ProjectId, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Records by id as Sheepdog holds them, nulls and system properties too: `program`, `project`, `properties`.

        Raises:
            Refused: one of them is not there; nothing is answered for the others of its request then.
        """
        project = ProjectId.parse(project_id)
        before = f"{project_path(project)}/entities/"
        asked = words.asked_records(str(project))
        for batch in batches_of_ids(ids, before):
            answer = self._read(Request("GET", before + joined_ids(batch), asked))
            listing = self._expected(answer.json, dict, asked)
            for entity in self._expected(listing.get("entities"), list, asked):
                yield self._expected(entity, dict, asked)

    def export(self, project_id: str | ProjectId, node: str, *, take: Take | None = None) -> Iterator[dict[str, Any]]:
        """The records of a node type as documents that can be submitted again; nulls left out, links as lists.

        They come one by one from a temporary file: memory holds few at a time, and a broken connection is repeated.

        Args:
            project_id: ``PROGRAM-CODE``.
            node: the node type.
            take: may take many records at once as the text that came; the others are given. Where the export has to be
                repeated it is given the same records again.

        Raises:
            ServerTrouble: the export breaks off; that of a type with a link to itself always does.
        """
        yield from self._exported(ProjectId.parse(project_id), node, patient=True, take=take)

    def _exported(
        self, project: ProjectId, node: str, *, patient: bool, take: Take | None = None
    ) -> Iterator[dict[str, Any]]:
        asked = words.asked_export(str(project), node)
        request = Request("GET", _export_path(project, node, "json"), asked, patient=patient)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            self._read(request, sink=file)
            file.seek(0)
            try:
                yield from records_in(file, take)
            except BadStream:
                raise ServerTrouble(words.truncated(self.endpoint, asked), broke_off=True) from None

    def export_to(
        self,
        project_id: str | ProjectId,
        node: str,
        path: str | Path,
        format: str = "tsv",  # noqa: A002  the word that the commons has for it
        *,
        without_id: bool = False,
    ) -> int:
        """Write the records of a node type to a file as the commons gives them, and return its size.

        The file appears only once it is whole. TSV is not quoted by the commons: values with tabs or line breaks come
        out broken; `export` gives them whole.

        Raises:
            ServerTrouble: the export breaks off.
            UsageProblem: the file cannot be written.
        """
        if format not in _EXPORT_FORMATS:
            raise UsageProblem(words.bad_format(format, "`json` or `tsv`"))
        project = ProjectId.parse(project_id)
        asked = words.asked_export(str(project), node)
        request = Request("GET", _export_path(project, node, format, without_id), asked, expects="text")
        with new_file(Path(path)) as file:
            self._read(request, sink=file)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 100))
            end = file.read()
            # Without a length, or in one long chunk, a connection that breaks off looks like an end.
            whole = end.endswith(b"\n") if format == "tsv" else end.rstrip().endswith(b"}")
            if not whole:
                raise ServerTrouble(words.truncated(self.endpoint, asked), broke_off=True)
        return size

    def export_ids(self, project_id: str | ProjectId, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Records by id as documents that can be submitted again; nulls left out, as `export` does.

        Asked for as JSON: the TSV by ids writes the text `None` for null, which would be stored if it were sent back.

        Raises:
            NotFound: one of them is not there; nothing is answered for the others of its request then.
        """
        project = ProjectId.parse(project_id)
        asked = words.asked_records(str(project))
        before = f"{project_path(project)}/export?format=json&ids="
        for batch in batches_of_ids(ids, before):
            answer = self._read(Request("GET", before + joined_ids(batch), asked))
            for record in self._expected(answer.json, list, asked):
                yield {name: value for name, value in self._expected(record, dict, asked).items() if value is not None}

    def template(self, node: str, format: str = "tsv") -> str:  # noqa: A002  the word that the commons has for it
        """The template of a node type.

        Raises:
            NotFound: there is no such type.
        """
        if format not in _TEMPLATE_FORMATS:
            raise UsageProblem(words.bad_format(format, "`tsv`, `csv` or `json`"))
        path = f"{SUBMISSION}/template/{checked_node(node)}?format={format}"
        return self._read(Request("GET", path, words.asked_template(node), expects="text"), anonymous=True).text

    def templates_to(
        self,
        path: str | Path,
        format: Literal["tsv", "csv", "json"] = "tsv",  # noqa: A002  the word that the commons has for it
        *,
        categories: Iterable[str] = (),
        exclude: Iterable[str] = (),
    ) -> int:
        """Write the templates of all node types to a file (tar.gz; a list for `json`), and return its size."""
        if format not in _TEMPLATE_FORMATS:
            raise UsageProblem(words.bad_format(format, "`tsv`, `csv` or `json`"))
        query = f"?format={format}"
        for name, chosen in (("categories", categories), ("exclude", exclude)):
            if values := [escaped(value) for value in chosen]:
                query += f"&{name}={','.join(values)}"
        request = Request("GET", f"{SUBMISSION}/template{query}", words.asked_templates(), expects="text")
        with new_file(Path(path)) as file:
            self._read(request, anonymous=True, sink=file)
            return file.seek(0, os.SEEK_END)

    def manifest(self, project_id: str | ProjectId, ids: Iterable[str]) -> str:
        """The manifest (YAML) of data file records, as the tools that upload the files take it.

        Raises:
            Refused: one of them is no data file.
            NotFound: one of them is not there.
        """
        project = ProjectId.parse(project_id)
        asked = words.asked_manifest(str(project))
        path = f"{project_path(project)}/manifest?ids="
        parts = [
            self._read(Request("GET", path + joined_ids(batch), asked, expects="text")).text
            for batch in batches_of_ids(ids, path)
        ]
        # Each part is a mapping of one key, `files:`, to a list: one heading will do.
        return "".join([*parts[:1], *(re.sub(r"\Afiles:\s*?\n", "", part) for part in parts[1:])])


def _export_path(project: ProjectId, node: str, form: str, without_id: bool = False) -> str:
    path = f"{project_path(project)}/export?node_label={checked_node(node)}&format={form}"
    return path + ("&without_id=true" if without_id else "")
