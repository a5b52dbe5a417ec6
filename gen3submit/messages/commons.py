"""Sentences about the commons: its address, what it is asked, and what it answers."""

from __future__ import annotations

import re

_SECRET = re.compile(r"eyJ[\w-]{10,}[\w.-]*")
_LONGEST_QUOTE = 400


def quoted(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """Words of a server, fit to be shown: on one line, without control characters or anything like a token."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 10 * longest]).split())
    line = _SECRET.sub("[secret]", line)
    return line if len(line) <= longest else line[:longest].rstrip() + " …"


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1f} s"


# Names that the user gives


def no_project_id(text: str) -> str:
    return f"`{quoted(text)}` names no project. Give it as PROGRAM-CODE, for instance `DEV-test`"


def unusable_project(text: str) -> str:
    return (
        f"`{quoted(text)}` cannot name a project. Give it as PROGRAM-CODE; "
        "neither part may be empty, `.` or `..`, hold `/` or `\\`, or begin or end with a space"
    )


def bad_new_program(name: str) -> str:
    return (
        f"a program cannot be called `{quoted(name)}`. Use letters, digits, `_` and `.`; "
        "no hyphen, because a project_id is split at its first one"
    )


def taken_program_name(name: str) -> str:
    return f"a program cannot be called `{name}`: the services use that path themselves. Choose another name"


def bad_new_project(code: str) -> str:
    return f"a project cannot have the code `{quoted(code)}`. Use letters, digits, `_`, `.` and `-`"


def bad_node_name(name: str) -> str:
    return f"`{quoted(name)}` cannot name a node type: letters, digits, `_` and `-` were expected"


def bad_id(id_: str) -> str:
    return f"`{quoted(id_)}` is no id of a record. Records are named by the ids of the commons, not by submitter_id"


def too_many_ids(number: int, most: int) -> str:
    return f"{number:,} ids do not fit into one request, which takes {most:,} at most and 4,000 characters"


def bad_md5(text: str) -> str:
    return f"`{quoted(text)}` is no md5 hash: 32 hexadecimal digits were expected"


def nothing_to_search() -> str:
    return "nothing to search the index for: give a hash, a size, an address or a file name"


def bad_document_name(name: str) -> str:
    return f"`{quoted(name)}` cannot name a document: up to 300 printable ASCII characters were expected"


def bad_project_state(state: str) -> str:
    return f"a project cannot be put into the state `{quoted(state)}`: only `open` and `review` can be reached"


def bad_format(form: str, known: str) -> str:
    return f"the format `{quoted(form)}` is not known: {known} were expected"


def cannot_write(path: str, reason: str) -> str:
    return f"{path}: cannot be written: {reason}"


# The address of the commons


def no_endpoint() -> str:
    return (
        "no commons is named. Give its address, for instance `https://commons.example.org`, "
        "or the credentials file from its profile page"
    )


def bad_endpoint(text: str) -> str:
    return f"`{quoted(text)}` is no address of a commons. Give it as `https://HOST`"


def endpoint_with_password() -> str:
    return "the address of the commons holds a user name or password. Leave them out; credentials are given separately"


def plain_http(endpoint: str) -> str:
    return f"`{endpoint}` is not encrypted: anybody on the way can read the key and the data. Use https if you can"


# What was asked, for the sentences below: `… when asked <this>`


def asked_token() -> str:
    return "for an access token"


def asked_dictionary() -> str:
    return "for the dictionary"


def asked_entry(name: str) -> str:
    return f"for the dictionary entry `{name}`"


def asked_programs() -> str:
    return "for the list of programs"


def asked_projects(program: str) -> str:
    return f"for the list of projects of `{program}`"


def asked_user() -> str:
    return "for who you are"


def asked_rights() -> str:
    return "for what you may do"


def asked_submission(project: str) -> str:
    return f"to store records in `{project}`"


def asked_deletion(project: str) -> str:
    return f"to delete records of `{project}`"


def asked_new_program(name: str) -> str:
    return f"to create the program `{name}`"


def asked_new_project(project: str) -> str:
    return f"to create the project `{project}`"


def asked_program_deletion(name: str) -> str:
    return f"to delete the program `{name}`"


def asked_project_deletion(project: str) -> str:
    return f"to delete the project `{project}`"


def asked_state(project: str, state: str) -> str:
    return f"to put `{project}` into the state `{state}`"


def asked_export(project: str, node: str) -> str:
    return f"for the `{node}` records of `{project}`"


def asked_records(project: str) -> str:
    return f"for records of `{project}` by id"


def asked_template(node: str) -> str:
    return f"for the template of `{node}`"


def asked_templates() -> str:
    return "for the templates"


def asked_manifest(project: str) -> str:
    return f"for the file manifest of `{project}`"


def asked_query() -> str:
    return "for a GraphQL query"


def asked_schema() -> str:
    return "for the GraphQL schema"


def asked_index() -> str:
    return "for the file index"


# What can go wrong on the way


def unreachable(endpoint: str, reason: str) -> str:
    return f"`{endpoint}` cannot be reached: {reason}. Check the address and the network"


def reason_refused() -> str:
    return "the connection was refused"


def reason_unknown_host() -> str:
    return "there is no such host"


def reason_connect_timeout(seconds: float) -> str:
    return f"no connection within {_seconds(seconds)}"


def reason_certificate() -> str:
    return "its TLS certificate cannot be verified"


def reason_proxy() -> str:
    return "the proxy gives no connection"


def reason_no_connection() -> str:
    return "no connection could be made"


def timed_out(endpoint: str, asked: str, seconds: float) -> str:
    return f"`{endpoint}` gave no answer within {_seconds(seconds)} when asked {asked}"


def broke_off(endpoint: str, asked: str) -> str:
    return f"the connection to `{endpoint}` broke off before the answer when it was asked {asked}"


def truncated(endpoint: str, asked: str) -> str:
    return f"the answer of `{endpoint}` broke off in the middle when it was asked {asked}"


def redirected(endpoint: str, asked: str, target: str) -> str:
    where = f" to `{quoted(target, 200)}`" if target else ""
    return (
        f"`{endpoint}` sends the caller elsewhere{where} when asked {asked}, which a commons does not. "
        "Check the address, and whether a login page or proxy stands before it"
    )


def web_page(endpoint: str, asked: str, title: str) -> str:
    named = f" (`{title}`)" if title else ""
    return (
        f"`{endpoint}` answered with a web page{named} when asked {asked}, so this may be no commons. "
        "Check the address, and whether a login page or proxy stands before it"
    )


def not_json(endpoint: str, asked: str) -> str:
    return (
        f"`{endpoint}` answered something that is not JSON when asked {asked}, so this may be no commons. "
        "Check the address"
    )


def unexpected_json(endpoint: str, asked: str) -> str:
    return f"`{endpoint}` answered in a form that no commons does when asked {asked}. Check the address"


def too_large(endpoint: str, asked: str, limit: int) -> str:
    return f"`{endpoint}` answered with more than {limit // 2**20:,} MB when asked {asked}; the rest was not read"


def too_deep(endpoint: str, asked: str) -> str:
    return f"`{endpoint}` answered with JSON that is nested too deeply when asked {asked}"


# Answers that are a refusal


def not_authenticated(endpoint: str, asked: str, answer: str) -> str:
    return (
        f"`{endpoint}` asks for credentials when asked {asked}{_said(answer)}. "
        "Give the credentials file of that commons"
    )


def not_allowed(endpoint: str, asked: str, answer: str) -> str:
    return (
        f"you are not allowed to ask `{endpoint}` {asked}{_said(answer)}. "
        "`gen3submit auth check` shows what you may do; its administrators grant rights"
    )


def not_found(endpoint: str, asked: str, answer: str) -> str:
    return f"`{endpoint}` has nothing there when asked {asked}{_said(answer)}"


def refused(endpoint: str, asked: str, status: int, answer: str) -> str:
    return f"`{endpoint}` refused with status {status} when asked {asked}{_said(answer)}"


def too_many_requests(endpoint: str, asked: str, retry_after: float | None) -> str:
    wait = f"; it says to come back in {_seconds(retry_after)}" if retry_after is not None else ""
    return f"`{endpoint}` is too busy to be asked {asked}{wait}. Try again later"


def server_trouble(endpoint: str, asked: str, status: int, answer: str, retry_after: float | None) -> str:
    wait = f"; it says to come back in {_seconds(retry_after)}" if retry_after is not None else ""
    return f"`{endpoint}` failed with status {status} when asked {asked}{_said(answer)}{wait}. Try again later"


def query_refused(endpoint: str, errors: list[str]) -> str:
    listed = "; ".join(quoted(error) for error in errors[:5])
    more = f"; and {len(errors) - 5} more" if len(errors) > 5 else ""
    return f"`{endpoint}` refused the GraphQL query: {listed}{more}"


def not_done(endpoint: str, asked: str, answer: str) -> str:
    return f"`{endpoint}` did not do it when asked {asked}{_said(answer)}"


def program_exists(name: str) -> str:
    return f"the program `{quoted(name)}` exists already. Nothing was changed"


def project_exists(project: str) -> str:
    return f"the project `{quoted(project)}` exists already. Nothing was changed"


def keeps_changing(endpoint: str, project: str, node: str) -> str:
    return (
        f"the `{node}` records of `{project}` on `{endpoint}` changed while they were being listed, three times. "
        "Try again when nobody else is submitting"
    )


def _said(answer: str) -> str:
    return f": {answer}" if answer else ""


# Progress


def waiting(endpoint: str, problem: str, seconds: float) -> str:
    return f"{problem}; asking `{endpoint}` again in {_seconds(seconds)}"


def waiting_for_status(status: int) -> str:
    return f"it answered {status}"


def waiting_for_connection() -> str:
    return "the connection failed"
