"""Sentences about which record a row is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.messages.finding_words import Words, node_of, reason_of, say, value_of
from gen3submit.messages.wording import fact, fact_number, facts_list, line_list, place, shown

if TYPE_CHECKING:
    from gen3submit.findings import Finding

_OUTCOMES = {
    "lost": "the server would answer success and store nothing of this file",
    "crash": "the server would crash (status 500) and store nothing of this file",
    "merged": "the server would write both rows into one record, the later one over the earlier",
}


def outcome_of(finding: Finding) -> str:
    """What the server would do when its database refuses two equal keys."""
    return _OUTCOMES.get(fact(finding.facts, "outcome") or "", "the server would store nothing of this file")


def _empty(finding: Finding) -> str:
    node = node_of(finding, "type")
    reason = {
        "several": f"the server then finds every {node} record and refuses the row",
        "one": f"the server would take the row for the only {node} record there is, and overwrite that one",
        "none": "the server would make a record that has no submitter_id",
    }.get(fact(finding.facts, "outcome") or "", "no record can be told by it")
    return f"the submitter_id is empty; {reason}"


def _lines(finding: Finding) -> list[int]:
    return [line for line in facts_list(finding.facts, "others") if isinstance(line, int)]


def _duplicate(finding: Finding) -> str:
    others = _lines(finding)
    where = f" on {line_list(others)}" if others else " on another row"
    identical = finding.facts.get("identical")
    same = ", with the same cells" if identical is True else ", with other cells" if identical is False else ""
    return f"the submitter_id {value_of(finding)} stands{where} too{same}"


def _duplicate_help(finding: Finding) -> str:
    if finding.facts.get("identical") is True:
        return "remove all but one of the rows"
    return "give each record its own submitter_id, or keep the one row that is right"


def _other_place(finding: Finding) -> str:
    return place(fact(finding.facts, "path"), fact_number(finding.facts, "line"))


def _across(finding: Finding) -> str:
    where = _other_place(finding)
    also = f"in {where} as well" if where else "in another file as well"
    return f"the submitter_id {value_of(finding)} stands {also}; the later row would overwrite the earlier one"


def _letter_case(finding: Finding) -> str:
    other, where = fact(finding.facts, "other"), _other_place(finding)
    twin = shown(other) if other else "another one"
    at = f" ({where})" if where else ""
    return f"the submitter_id {value_of(finding)} differs from {twin}{at} only in letter case; {outcome_of(finding)}"


def _id_taken(finding: Finding) -> str:
    holder = fact(finding.facts, "by")
    by = f"the record {shown(holder)}" if holder else "another record"
    return f"the id {value_of(finding)} belongs to {by}; {outcome_of(finding)}"


def _already_exists(finding: Finding) -> str:
    record = value_of(finding, "of this row")
    if finding.facts.get("by_id"):
        end = f"; {outcome_of(finding)}" if fact(finding.facts, "outcome") else ""
        return f"the record {record} is in the commons already, under another id{end}"
    return f"the record {record} is in the commons already, and the request only creates"


def _already_exists_help(finding: Finding) -> str:
    if finding.facts.get("by_id"):
        return "leave the `id` column out: the server finds records by submitter_id"
    return "send it as an update (PUT), or remove the row"


def _project_id(finding: Finding) -> str:
    if finding.value == "":
        return "the project_id is empty, and the server would look for the record in every project"
    return f"the project_id is {value_of(finding, 'not the one')}, but the file goes to another project"


def _project_id_help(finding: Finding) -> str:
    expected = fact(finding.facts, "expected")
    return f"write {shown(expected)}, or leave the column out" if expected else "leave the column out"


WORDS = {
    "submitter-id-empty": Words(_empty, say("give every record a submitter_id of its own")),
    "duplicate-submitter-id": Words(_duplicate, _duplicate_help),
    "duplicate-across-files": Words(_across, say("keep the row in one of the two files")),
    "duplicate-letter-case": Words(
        _letter_case, say("give the two records ids that differ in more than letter case, or use one spelling")
    ),
    "id-taken": Words(_id_taken, say("leave the `id` column out: the server finds records by submitter_id")),
    "already-exists": Words(_already_exists, _already_exists_help),
    "project-id-wrong": Words(_project_id, _project_id_help),
    "several-records": Words(
        lambda f: f"{value_of(f, 'the row')} matches several records of the commons",
        say("name the one that is meant by its submitter_id or its `id`"),
    ),
    "other-project": Words(
        lambda f: f"the record {value_of(f, 'of this row')} belongs to another project",
        say("leave the `id` column out, or submit the row to the project that owns the record"),
    ),
    "no-unique-key": Words(
        lambda f: f"nothing in the row tells which {node_of(f, 'record')} it is",
        say("give the columns that identify the record: submitter_id for most node types"),
    ),
    "type-not-submittable": Words(
        lambda f: f"records of type {value_of(f, node_of(f))} do not go into a project",
        say("remove the row; programs and projects are made by an administrator of the commons"),
    ),
    "file-state-locked": Words(
        lambda f: f"the file of the record {value_of(f, 'of this row')} is in a state that forbids changes",
        say("remove the row, or ask an administrator of the commons to unlock the file"),
    ),
    "file-mismatch": Words(
        lambda f: f"hash and size do not agree with those of the indexed file {value_of(f, 'that is named')}",
        say("compare `md5sum` and `file_size` with the file, or leave `object_id` out"),
    ),
    "server-failure": Words(
        lambda f: f"the server would fail at this row{reason_of(f)}",
        say("change the row, or tell an administrator of the commons"),
    ),
}
