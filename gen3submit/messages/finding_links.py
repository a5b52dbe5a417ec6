"""Sentences about parents: those that are named, those that are there, and those that may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.messages.finding_words import Words, column_of, link_of, node_of, say, target_of, value_of
from gen3submit.messages.wording import (
    counted,
    either,
    fact,
    fact_number,
    facts_list,
    listed,
    place,
    shown,
)

if TYPE_CHECKING:
    from gen3submit.findings import Finding


def _missing(finding: Finding) -> str:
    parent = f"the {target_of(finding)} {value_of(finding, 'that is named')}"
    if "records" in (fact(finding.facts, "searched") or ""):
        return f"{parent} is neither in this submission nor among the records already there"
    return f"{parent} is not in this submission"


def _missing_help(finding: Finding) -> str:
    similar = facts_list(finding.facts, "similar")
    if similar:
        return f"similar id: {either(similar)}"
    return f"add the {target_of(finding)} record to the submission, or correct the id"


def _unverified(finding: Finding) -> str:
    return (
        f"the {target_of(finding)} {value_of(finding, 'that is named')} is not in this submission; "
        "whether the commons has it was not looked up"
    )


def _rejected(finding: Finding) -> str:
    where = place(fact(finding.facts, "path"), fact_number(finding.facts, "line"))
    at = f" ({where})" if where else ""
    return f"the {target_of(finding)} {value_of(finding, 'it belongs to')}{at} would not go in, so this row cannot"


def _rejected_help(finding: Finding) -> str:
    where = place(fact(finding.facts, "path"), fact_number(finding.facts, "line"))
    return f"mend {where} first" if where else "mend the parent's row first"


def _project_link(finding: Finding) -> str:
    return f"{value_of(finding)} is not the project that the file goes to"


def _project_link_help(finding: Finding) -> str | None:
    expected = fact(finding.facts, "expected")
    return None if expected is None else f"write {shown(expected)}"


def _required(finding: Finding) -> str:
    return f"the row names no {target_of(finding)}, and {link_of(finding)} is required for {node_of(finding)}"


def _required_help(finding: Finding) -> str:
    link = fact(finding.facts, "link")
    column = finding.column or (f"{link}.submitter_id" if link else None)
    into = f" in {shown(column)}" if column else ""
    key = "code" if fact(finding.facts, "target") == "project" else "submitter_id"
    return f"give the {key} of the {target_of(finding)}{into}"


def _members(finding: Finding) -> list[object]:
    return facts_list(finding.facts, "members")


def _group_required(finding: Finding) -> str:
    members = _members(finding)
    return f"the row names no parent; {node_of(finding)} needs {'one of ' + either(members) if members else 'one'}"


def _exclusive(finding: Finding) -> str:
    members = _members(finding)
    links = either(members, "and") if members else "several links"
    return f"the row gives parents over {links}, of which only one may be used"


def _too_many(finding: Finding) -> str:
    parents, held = facts_list(finding.facts, "parents"), facts_list(finding.facts, "held")
    if held:
        also = f"the record is linked to {listed(held)} already"
        return f"{also}, a parent that is named is added to it, and {link_of(finding)} takes one"
    named = f"{counted(len(parents), 'parent')} ({listed(parents)})" if parents else "several parents"
    return f"the row names {named}, and {link_of(finding)} takes one"


def _too_many_help(finding: Finding) -> str:
    if facts_list(finding.facts, "held"):
        return "to replace a parent, delete the record and submit it anew"
    return "keep one of them"


def _multiplicity_expected(finding: Finding) -> str | None:
    multiplicity = fact(finding.facts, "multiplicity")
    return {
        "many_to_one": "one parent (`many_to_one`); a parent may have many children",
        "one_to_one": "one parent with one child (`one_to_one`)",
        "one_to_many": "no other child of the parent (`one_to_many`)",
    }.get(multiplicity or "")


def _taken(finding: Finding) -> str:
    parent = fact(finding.facts, "parent") or finding.value
    others = facts_list(finding.facts, "others")
    named = f", with {listed(others)}" if others else ""
    return (
        f"the {target_of(finding)} {shown(parent) if parent else 'that is named'} has a {node_of(finding, 'child')} "
        f"already{named}, and {link_of(finding)} allows one"
    )


def _unknown_link(finding: Finding) -> str:
    return f"{node_of(finding)} has no link {column_of(finding)}, and the server refuses the whole file for it"


def _unknown_link_help(finding: Finding) -> str:
    similar = facts_list(finding.facts, "similar")
    if similar:
        return f"similar column: {either(similar)}"
    known = facts_list(finding.facts, "known")
    return f"its link columns are {listed(known, 5)}" if known else "remove the column"


WORDS = {
    "parent-missing": Words(_missing, _missing_help),
    "parent-unverified": Words(
        _unverified, say("name the commons, or give its records as existing ones, to have it looked up")
    ),
    "parent-rejected": Words(_rejected, _rejected_help),
    "parent-ambiguous": Words(
        lambda f: f"{column_of(f)} tells no single record: the server looks at every {target_of(f)} of all projects",
        say("name the parent by its submitter_id or its id; no other column tells one record"),
    ),
    "parent-in-other-project": Words(
        lambda f: f"the parent {value_of(f, 'that is named')} belongs to another project; links stay within one",
        say("name a parent of this project"),
    ),
    "project-link-wrong": Words(_project_link, _project_link_help),
    "project-unverified": Words(
        say("links to the project were not verified, because no project was given"),
        say("name the project that the files go to, for instance `--project DEV-test`"),
    ),
    "link-required": Words(_required, _required_help),
    "link-group-required": Words(_group_required, say("fill in one of these link columns")),
    "links-exclusive": Words(_exclusive, say("keep the parent that is meant, and empty the other columns")),
    "too-many-parents": Words(_too_many, _too_many_help, _multiplicity_expected),
    "parent-taken": Words(_taken, say("name another parent, or keep one of the children"), _multiplicity_expected),
    "unknown-link": Words(_unknown_link, _unknown_link_help),
    "link-name-malformed": Words(
        lambda f: f"{column_of(f)} is no link column, and the server refuses the whole file for it",
        say("write `<link>.submitter_id`, with a name on both sides of the dot"),
    ),
}
