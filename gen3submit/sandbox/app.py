"""The practice commons as a WSGI application: routes, faults, and the form of what goes wrong."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.messages import sandbox as words
from gen3submit.sandbox import (
    auth,
    deletion,
    dictionaries,
    exports,
    faults,
    index,
    manifests,
    programs,
    states,
    submissions,
    transactions,
)
from gen3submit.sandbox.answers import INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, Refusal, html_page, json_answer, message
from gen3submit.sandbox.faults import HEADER, BadFault, ConnectionCut, Fault, Faults, Hold, Seen
from gen3submit.sandbox.services import PREFIX, Services
from gen3submit.sandbox.storage import SqliteStore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

View = Callable[..., Response]

DEFAULT_PROJECT = "practice-study"
MAX_REQUEST_LINE = 4094
"""What gunicorn, which Sheepdog runs under, takes: about 100 ids."""

_MARK = "entities/<ids>/to_delete/<to_delete>"
_log = logging.getLogger(__name__)


def _on(path: str, view: View, *methods: str, **fixed: object) -> Rule:
    return Rule(path, endpoint=partial(view, **fixed), methods=methods)


def _graphql(services: Services, request: Request) -> Response:
    return services.graphql.answer(request)


def _getschema(services: Services, request: Request) -> Response:  # noqa: ARG001  no token is needed
    return services.graphql.introspection()


def _file(services: Services, request: Request, program: str, project: str, file: str) -> Response:  # noqa: ARG001  there is no object store
    return message(405, "Method GET not allowed on file")


def _status(services: Services, request: Request) -> Response:  # noqa: ARG001  the gateway's own answer
    return json_answer({"message": "Feelin good!"})


def _user(services: Services, request: Request) -> Response:
    return auth.user(request, services.tokens, services.resources())


def _mapping(services: Services, request: Request) -> Response:  # noqa: ARG001  everybody may do everything here
    return json_answer(auth.mapping(services.resources()))


def _keys(services: Services, request: Request) -> Response:  # noqa: ARG001  tokens are signed with a secret, no key pair
    return json_answer({"keys": []})


def _exchange(services: Services, request: Request) -> Response:
    return auth.exchange(request, services.tokens, f"{request.host_url}user")


def _portal(services: Services, request: Request, path: str = "") -> Response:  # noqa: ARG001  the portal answers any path
    body = "<!DOCTYPE html><html><head><title>Practice commons</title></head><body>Practice commons</body></html>"
    return Response(body, content_type="text/html; charset=utf-8")


class _Routes:
    """Sheepdog's and Peregrine's paths, and those of the other services with the portal behind them."""

    def __init__(self, submission: Map, others: Map):
        self._submission = submission
        self._others = others

    def match(self, request: Request) -> tuple[partial[Response], Mapping[str, Any]]:
        """The view and its arguments.

        Raises:
            HTTPException: there is none for this path or method.
        """
        routes = self._submission if request.path.startswith(PREFIX) else self._others
        found: tuple[partial[Response], Mapping[str, Any]] = routes.bind_to_environ(request.environ).match()
        return found


@cache  # they are the same for every commons, and dear
def _routes() -> _Routes:
    project = f"{PREFIX}/<program>/<project>"
    rules = [
        _on(f"{PREFIX}/", programs.list_programs, "GET"),
        _on(f"{PREFIX}/", programs.register_program, "PUT", "POST", "PATCH"),
        _on(f"{PREFIX}/<program>", programs.list_projects, "GET"),
        _on(f"{PREFIX}/<program>", programs.register_project, "PUT", "POST", "PATCH"),
        _on(f"{PREFIX}/<program>", programs.delete_program, "DELETE"),
        _on(project, submissions.submission, "PUT", "POST"),
        _on(project, programs.delete_project, "DELETE"),
        _on(f"{project}/_dry_run", submissions.submission, "PUT", "POST", dry_run=True),
        _on(f"{project}/bulk", submissions.bulk, "PUT", "POST"),
        _on(f"{project}/bulk/_dry_run", submissions.bulk, "PUT", "POST", dry_run=True),
        _on(f"{project}/transactions/<int:number>/commit", transactions.commit, "PUT", "POST"),
        _on(f"{project}/transactions/<int:number>/close", transactions.close, "PUT", "POST"),
        _on(f"{project}/entities/<ids>", exports.entities, "GET"),
        _on(f"{project}/entities/<ids>", deletion.delete_entities, "DELETE"),
        _on(f"{project}/entities/_dry_run/<ids>", deletion.delete_entities, "DELETE", dry_run=True),
        _on(
            f"{PREFIX}/admin/<program>/<project>/entities/<ids>/to_delete/<to_delete>", deletion.mark_entities, "DELETE"
        ),
        _on(f"{project}/export", exports.export, "GET", "POST"),
        _on(f"{project}/manifest", manifests.manifest, "GET"),
        _on(f"{project}/upload_manifest", manifests.manifest, "GET"),
        _on(f"{project}/files/<file>", _file, "GET"),
        _on(f"{PREFIX}/validation/upload_manifest", manifests.validate, "POST"),
        _on(f"{PREFIX}/graphql", _graphql, "POST"),
        _on(f"{PREFIX}/getschema", _getschema, "GET"),
    ]
    others = [
        _on("/_status", _status, "GET"),
        _on("/user/credentials/api/access_token", _exchange, "POST"),
        _on("/user/credentials/cdis/access_token", _exchange, "POST"),
        _on("/user/user", _user, "GET"),
        _on("/user/jwt/keys", _keys, "GET"),
        _on("/authz/mapping", _mapping, "GET", "POST"),
        _on("/index/index", index.search, "GET"),
        _on("/index/index/<path:did>", index.record, "GET"),
        _on("/index/<path:did>", index.record, "GET"),
        _on("/index/bulk/documents", index.bulk, "POST"),
        _on("/", _portal, "GET"),
        _on("/<path:path>", _portal, "GET"),
    ]
    for base in (PREFIX, project):
        rules += [
            _on(f"{base}/_dictionary", dictionaries.links, "GET"),
            _on(f"{base}/_dictionary/<entry>", dictionaries.entry, "GET"),
            _on(f"{base}/template", dictionaries.templates, "GET"),
            _on(f"{base}/template/<entity>", dictionaries.template, "GET"),
        ]
    for action in ("review", "open", "submit", "release"):
        rules += [
            _on(f"{project}/{action}", states.change_state, "PUT", "POST", action=action),
            _on(f"{project}/{action}/_dry_run", states.change_state, "PUT", "POST", action=action, dry_run=True),
        ]
    return _Routes(*(Map(each, strict_slashes=False, merge_slashes=False) for each in (rules, others)))


class PracticeCommons:
    """A practice commons in this process, as a WSGI application.

    Nothing listens on the network; `gen3submit.sandbox.server` does that.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        data: Path | str | None = None,
        project: str | None = DEFAULT_PROJECT,
        *,
        with_faults: bool = False,
        request_delay: float = 0.0,
        row_delay: float = 0.0,
        token_lifetime: float = auth.MAX_TOKEN_SECONDS,
        clock: Callable[[], float] = time.time,
    ):
        """Open a practice commons.

        Args:
            dictionary: the dictionary it serves and judges by
            data: the file that holds its records; in memory if not given
            project: a project (``PROGRAM-CODE``) that is made unless it is there
            with_faults: whether requests may ask for faults, and ``/_practice/`` answers
            request_delay: seconds that each request takes besides the work itself
            row_delay: seconds that each submitted row takes besides the work itself
            token_lifetime: the longest that a token lives, in seconds
            clock: tells the time by which tokens expire

        Raises:
            UsageProblem: the data file cannot be used, or `project` names none.
        """
        store = SqliteStore(Path(data) if data else None)
        self.services = Services(dictionary, store, auth.Tokens(store, token_lifetime, clock), row_delay)
        store.hide(
            {
                name: dictionaries.hidden_names(self.services, node)
                for name, node in dictionary.nodes.items()
                if node.category != "internal"
            }
        )
        self.faults = Faults()
        self.with_faults = with_faults
        self.request_delay = request_delay
        self._routes = _routes()
        if project:
            self._ensure(project)

    def credentials(self, endpoint: str) -> dict[str, str]:
        """The content of a credentials file for this commons at an address; any other API key would do as well."""
        return self.services.tokens.api_key(f"{endpoint.rstrip('/')}/user")

    def prepare(self) -> None:
        """Make now what the first GraphQL query would wait for."""
        with suppress(Exception):  # it fails again where it is asked for, and is told there
            _ = self.services.graphql

    def close(self) -> None:
        """Close the data file."""
        self.services.store.close()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.get_data(cache=True)  # the whole body, so that a connection can be used again
        return self.respond(request)(environ, start_response)

    def respond(self, request: Request) -> Response:
        """The answer to a request.

        Raises:
            ConnectionCut: the connection is to be reset instead.
        """
        asked = request.headers.get(HEADER) if self.with_faults else None
        if self.with_faults and request.path.startswith("/_practice/"):
            return self._practice(request)
        try:
            fault = Fault.parse(asked) if asked else self.faults.take(request.method, request.path)
        except BadFault:
            return message(400, f"no such fault: {asked}")
        self.faults.note(
            Seen(
                request.method,
                request.path,
                request.headers.get("X-Document-Name"),
                len(request.get_data()),
                fault.name if fault else None,
            )
        )
        if self.request_delay:
            time.sleep(self.request_delay)
        if _request_line(request) > MAX_REQUEST_LINE:
            return html_page(414, f"Request Line is too large ({_request_line(request)} > {MAX_REQUEST_LINE})")
        return self._strike(fault, request) if fault else self._view(request)

    def _strike(self, fault: Fault, request: Request) -> Response:
        """The answer of a request that a fault befalls."""
        if fault.name in faults.ACTIONS:
            return self._act(fault, request)
        if fault.point == "later":
            self._carry_out_later(request, fault.seconds)
            return self._faulty(fault, None)
        if fault.point == "before":
            return self._faulty(fault, None)
        request.environ[submissions.HOLD] = Hold(loses=fault.point == "within", forgets=fault.point == "unlogged")
        return self._faulty(fault, self._view(request))

    def _act(self, fault: Fault, request: Request) -> Response:
        answer = self._view(request) if fault.point != "before" else None
        if fault.name == "delay":
            time.sleep(float(fault.argument or 1))
        elif fault.name == "edit":
            faults.edit(self.services, fault.argument)
        elif fault.name == "remove":
            faults.remove(self.services, fault.argument)
        elif fault.name == "expire-tokens":
            self.services.tokens.expire_all()
        elif fault.name == "lost":
            request.environ[submissions.HOLD] = Hold(loses=True)
        elif fault.name == "too-large" and len(request.get_data()) > int(fault.argument or 0):
            return html_page(413, "Request Entity Too Large")
        return answer or self._view(request)

    def _faulty(self, fault: Fault, answer: Response | None) -> Response:
        if fault.name in faults.ALTERATIONS:
            return faults.ALTERATIONS[fault.name](answer or faults.gateway(), fault.argument)
        instead = faults.ANSWERS.get(fault.name)
        return instead(fault.argument) if instead else faults.gateway()

    def _carry_out_later(self, request: Request, seconds: float) -> None:
        """Let the request run on its own; a submission's entry is in the log when this returns."""
        hold = Hold(seconds)
        request.environ[submissions.HOLD] = hold

        def run() -> None:
            if not self._is_submission(request):
                hold.wait()
            self._view(request)
            hold.opened.set()

        threading.Thread(target=run, daemon=True).start()
        hold.opened.wait(10)

    def _is_submission(self, request: Request) -> bool:
        try:
            view, _ = self._routes.match(request)
        except HTTPException:
            return False
        return view.func is submissions.submission

    def _view(self, request: Request) -> Response:
        try:
            view, arguments = self._routes.match(request)
            answer: Response = view(self.services, request, **arguments)
        except Refusal as refusal:
            return refusal.answer
        except HTTPException as problem:
            return _http_problem(request, problem)
        except ConnectionCut:
            raise
        except Exception:  # noqa: BLE001  as a real service does: 500, and the reason in its log
            _log.exception("%s %s", request.method, request.path)
            return message(500, INTERNAL)
        return answer

    def _practice(self, request: Request) -> Response:
        """``/_practice/faults`` and ``/_practice/requests``: what tests in another process ask."""
        if request.path == "/_practice/requests":
            counts = {f"{method} {path}": number for (method, path), number in self.faults.counts.items()}
            return json_answer({"counts": counts, "writes": self.faults.writes()})
        if request.path != "/_practice/faults":
            return message(404, NOT_FOUND)
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            try:
                asked: dict[str, Any] = json.loads(request.get_data())
                self.faults.plan(asked.pop("fault"), **asked)
            except (ValueError, KeyError, TypeError) as problem:
                return message(400, f"no such fault: {problem}")
        return json_answer({"planned": [planned.fault.name for planned in self.faults.planned()]})

    def _ensure(self, project: str) -> None:
        program, hyphen, code = project.partition("-")
        if not program or not hyphen or not code:
            raise UsageProblem(words.not_a_project(project))
        services = self.services
        with services.store.work():
            owner = services.program(program) or programs.new_program(program)
            services.store.put(owner)
            if services.project(program, code) is None:
                record = programs.new_project(services, code)
                record.properties.update(code=code, name=code, dbgap_accession_number=code)
                services.store.put(record)
                services.store.link(record, "programs", owner)
                services.log.open("update", program, code)


def _request_line(request: Request) -> int:
    uri = request.environ.get("REQUEST_URI") or f"{quote(request.path)}?{request.query_string.decode()}"
    return len(f"{request.method} {uri} HTTP/1.1")


def _http_problem(request: Request, problem: HTTPException) -> Response:
    if not request.path.startswith(PREFIX):
        return html_page(problem.code or 500, problem.name)
    if isinstance(problem, MethodNotAllowed):
        return message(405, METHOD_NOT_ALLOWED)
    if isinstance(problem, NotFound):
        return message(404, NOT_FOUND)
    return message(problem.code or 500, f"{problem.code} {problem.name}: {problem.description}")
