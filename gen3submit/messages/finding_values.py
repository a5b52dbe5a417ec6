"""Sentences about values and the columns they stand in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gen3submit.messages.finding_words import Words, column_of, node_of, property_of, say, value_of
from gen3submit.messages.wording import either, fact, facts_list, listed, shortened, shown, visible

if TYPE_CHECKING:
    from gen3submit.findings import Finding

_NULL_LIKE = frozenset({"na", "n/a", "nan", "none", "null", "nil", "-", "--", ".", "?", "unknown", "missing", "#n/a"})
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list with commas between its items",
    "object": "an object",
    "null": "an empty cell",
}
_NOT_TEXT = frozenset({"integer", "number", "boolean", "array", "object"})
_JSON_ONLY = " (only in JSON)"
_FORMS = {
    "date-time": "`2024-05-17T09:30:00Z`, or with an offset such as `+02:00` in place of `Z`",
    "date": "`2024-05-17`",
    "time": "`09:30:00Z`",
    "email": "`name@example.org`",
    "uuid": "`01234567-89ab-cdef-0123-456789abcdef`",
    "ipv4": "`192.0.2.1`",
    "ipv6": "`2001:db8::1`",
}


# Values that the schema refuses


def _not_allowed(finding: Finding) -> str:
    return f"{value_of(finding)} is not an allowed value of {property_of(finding)}"


def _not_allowed_help(finding: Finding) -> str:
    similar = fact(finding.facts, "similar")
    if similar is not None:
        return f"similar allowed value: {shown(similar)}"
    if finding.value is not None and finding.value.strip().lower() in _NULL_LIKE:
        return "leave the cell empty where the value is not known, if the property is not required"
    items = [item.strip() for item in re.split(r"[;|/,\n]", finding.value or "")]
    if len(items) > 1 and set(items) <= {str(value) for value in facts_list(finding.facts, "allowed")}:
        return f"a list has commas between its items: write {shown(','.join(items))}"
    return f"no allowed value is near it; `gen3submit explain {_dotted(finding)}` lists them"


def _allowed(finding: Finding) -> str | None:
    allowed = facts_list(finding.facts, "allowed")
    return listed(allowed) if allowed else None


def _dotted(finding: Finding) -> str:
    return visible(f"{finding.node or 'NODE'}.{finding.property or finding.column or 'PROPERTY'}")


def _types_expected(finding: Finding) -> str | None:
    expected = [str(name) for name in facts_list(finding.facts, "expected")]
    return ", or ".join(_TYPES.get(name, shown(name)) for name in expected) if expected else None


def _wrong_type(finding: Finding) -> str:
    expected = [str(name) for name in facts_list(finding.facts, "expected") if name != "null"]
    if expected == ["boolean"]:
        return f"{value_of(finding)} is neither `true` nor `false`"
    kinds = " or ".join(_TYPES.get(name, shown(name)) for name in expected)
    return f"{value_of(finding)} is not written as {kinds}" if kinds else f"{value_of(finding)} is of the wrong type"


def _wrong_type_help(finding: Finding) -> str | None:
    expected = {str(name) for name in facts_list(finding.facts, "expected")}
    value = (finding.value or "").strip()
    if value.lower() in _NULL_LIKE:
        if "null" in expected:
            return "leave the cell empty where the value is not known"
        return f"{property_of(finding)} is required: give a value"
    repaired = _repaired(value, expected)
    if repaired is not None:
        return f"write {shown(repaired)}"
    unit = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*[^\W\d_%]{1,6}\.?", value)
    if unit and ("number" in expected or ("integer" in expected and "." not in unit[1])):
        return f"write the number alone: {shown(unit[1])}"
    example = fact(finding.facts, "example")
    return None if example is None else f"for instance {shown(example)}"


def _repaired(value: str, expected: set[str]) -> str | None:
    """The value as the server would take it, where there is no doubt what is meant."""
    if "boolean" in expected:
        return {"yes": "true", "y": "true", "1": "true", "t": "true"}.get(value.lower()) or {
            "no": "false", "n": "false", "0": "false", "f": "false",
        }.get(value.lower())  # fmt: skip  # the two halves side by side
    if not expected & {"integer", "number"}:
        return None
    whole = re.fullmatch(r"([+-]?\d+)\.0*", value)
    if whole:
        return whole[1]
    exponent = re.fullmatch(r"([+-]?)(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})", value)
    if exponent and len(digits := exponent[3] or "") <= int(exponent[4]):
        return exponent[1] + (exponent[2] + digits).ljust(int(exponent[4]) + 1, "0")
    if "number" in expected and re.fullmatch(r"[+-]?\d+,\d{1,2}", value):
        return value.replace(",", ".")
    return None


def _pattern(finding: Finding) -> str:
    return f"{value_of(finding)} does not have the form that {property_of(finding)} asks for"


def _pattern_expected(finding: Finding) -> str | None:
    pattern = fact(finding.facts, "pattern")
    return None if pattern is None else f"a match of the pattern {shown(pattern)}"


def _pattern_help(finding: Finding) -> str | None:
    pattern, value = fact(finding.facts, "pattern"), finding.value
    if pattern is None or value is None:
        return None
    for changed in (value.strip(), value.lower(), value.upper()):
        if changed != value and _matches(pattern, changed):
            return f"write {shown(changed)}"
    return None


def _matches(pattern: str, value: str) -> bool:
    if len(value) > 200:
        return False
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return False


_RELATIONS = {
    "minimum length": ("has fewer characters than", "no fewer characters than"),
    "maximum length": ("has more characters than", "no more characters than"),
    "minimum": ("is less than the minimum of", "at least"),
    "maximum": ("is more than the maximum of", "at most"),
    "exclusive minimum": ("is not more than", "more than"),
    "exclusive maximum": ("is not less than", "less than"),
}


def _out_of_range(finding: Finding) -> str:
    bound, relation = fact(finding.facts, "bound"), fact(finding.facts, "relation")
    if bound is None or relation not in _RELATIONS:
        return f"{value_of(finding)} is out of range"
    return f"{value_of(finding)} {_RELATIONS[relation][0]} {shown(bound)}"


def _range_expected(finding: Finding) -> str | None:
    bound, relation = fact(finding.facts, "bound"), fact(finding.facts, "relation")
    return f"{_RELATIONS[relation][1]} {shown(bound)}" if bound is not None and relation in _RELATIONS else None


def _bad_format(finding: Finding) -> str:
    form = fact(finding.facts, "format")
    return f"{value_of(finding)} is not a valid {form or 'value of its format'}"


def _format_expected(finding: Finding) -> str | None:
    return _FORMS.get(fact(finding.facts, "format") or "")


def _format_help(finding: Finding) -> str | None:
    value, form = (finding.value or "").strip(), fact(finding.facts, "format")
    help_line = _date_help(value) if form == "date-time" else None
    if help_line is None and value.lower() in _NULL_LIKE:
        return "leave the cell empty where the value is not known, if the property is not required"
    return help_line


def _date_help(value: str) -> str | None:
    """What a date lacks that is nearly a date-time."""
    if value[:4].isdigit():
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return f"add the time and the offset; where only the day is known, write {shown(value + 'T00:00:00Z')}"
        if re.fullmatch(r"\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d:\d\d(\.\d+)?", value):
            utc = value[:10] + "T" + value[11:] + "Z"
            return f"say the offset from universal time; where it is none, write {shown(utc)}"
        if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value):
            return f"write {shown(value.replace(' ', 'T'))}"
    return None


def _no_alternative(finding: Finding) -> str:
    return f"{value_of(finding)} fits none of the forms that {property_of(finding)} may have"


def _alternatives(finding: Finding) -> str | None:
    alternatives = facts_list(finding.facts, "alternatives")
    if not alternatives:
        return None
    words = list(dict.fromkeys(_form(str(alternative)) for alternative in alternatives))
    more = f"; … {len(words) - 4} more" if len(words) > 4 else ""
    return f"{', or '.join(words[:4])}{more}"


def _form(said: str) -> str:
    """What a form asks for, from the server's words on what does not meet it."""
    kind = re.search(r" is not of type (.*)$", said)
    if kind:
        names = re.findall(r"'(\w+)'", kind[1])
        return " or ".join(_TYPES.get(name, name) + (_JSON_ONLY if name in _NOT_TEXT else "") for name in names)
    listed_values = re.search(r" is not one of \[(.*)\]$", said)
    if listed_values:
        return f"one of {visible(shortened(listed_values[1], 100))}"
    form = re.search(r" is not a '([\w-]+)'$", said)
    if form:
        return f"a {form[1]}, such as {_FORMS[form[1]]}" if form[1] in _FORMS else f"a {visible(form[1])}"
    return visible(shortened(said, 120))


def _alternative_help(finding: Finding) -> str | None:
    if any(str(said).endswith("is not a 'date-time'") for said in facts_list(finding.facts, "alternatives")):
        help_line = _date_help((finding.value or "").strip())
        if help_line is not None:
            return help_line
    if finding.value is not None and re.fullmatch(r"[+-]?\d+(\.\d+)?", finding.value.strip()):
        return (
            "a table cannot give a number here, because the server reads cells of such a property as text; "
            "use one of the text values, or send the record as JSON"
        )
    return f"`gen3submit explain {_dotted(finding)}` shows the forms"


def _schema_violation(finding: Finding) -> str:
    said = finding.server_message
    if said:
        return f"the server would refuse the record: {visible(shortened(said, 200))}"
    return f"{value_of(finding)} breaks the schema of {node_of(finding)}"


def _explain_property(finding: Finding) -> str:
    return f"`gen3submit explain {_dotted(finding)}` tells what the dictionary asks for"


# Cells and columns


def _cell_empty(finding: Finding) -> str:
    return f"the cell is empty, and {property_of(finding)} is required for every {node_of(finding, 'record')}"


def _column_missing(finding: Finding) -> str:
    if finding.column is not None:
        return f"the row ends before the column {column_of(finding)}, which is required"
    return f"there is no column {property_of(finding)}, which is required for every {node_of(finding, 'record')}"


def _column_missing_help(finding: Finding) -> str:
    if finding.column is not None:
        return "give the row its missing cells"
    link, target = fact(finding.facts, "link"), fact(finding.facts, "target")
    if link is not None:
        column = shown(f"{link}.{'code' if target == 'project' else 'submitter_id'}")
        return f"add a column {column} that names the {shown(target) if target else 'parent'} of each row"
    return f"add a column {property_of(finding)} and fill it in every row"


def _unknown_column(finding: Finding) -> str:
    if not (finding.column or finding.property):
        return "the column has no name, and a row with a cell under it, even an empty one, is refused"
    return f"{node_of(finding)} has no property {column_of(finding)}"


def _unknown_column_help(finding: Finding) -> str:
    if not (finding.column or finding.property):
        return "remove the column (a tab at the end of every line makes one), or give it its name"
    similar = facts_list(finding.facts, "similar")
    if similar and not (finding.column or "").isprintable():
        return f"the name has an invisible character in it; write {shown(similar[0])}"
    if similar:
        return f"similar column: {either(similar)}"
    known = facts_list(finding.facts, "known")
    known_words = f"; its columns are {listed(known, 5)}" if known else ""
    return f"remove the column (an empty one is refused as well){known_words}"


def _urls_empty(finding: Finding) -> str:
    return f"the cell is empty, and the server takes an empty {column_of(finding)} for a property it does not know"


def _link_value_malformed(finding: Finding) -> str:
    target = fact(finding.facts, "target")
    return f"{value_of(finding)} cannot name a {shown(target) if target else 'parent'}"


def _link_value_help(finding: Finding) -> str:
    link = fact(finding.facts, "link") or finding.property
    if link is None:
        return "name the parent by its submitter_id, or by its id, which is a UUID"
    if fact(finding.facts, "target") == "project":
        return f"name the project by its code in the column {shown(f'{link}.code')}"
    by_name, by_id = shown(f"{link}.submitter_id"), shown(f"{link}.id")
    return f"name the parent by its submitter_id in the column {by_name}; {by_id} takes ids, which are UUIDs"


_BREAKERS = {
    "NaN": "passes as a number, and then the database refuses the whole file because it is none",
    "infinity": "is too large for a number; the server makes infinity of it, and the database refuses the whole file",
    "NUL": "holds a NUL character, for which the database refuses the whole file",
    "surrogate": "holds half a character, for which the database refuses the whole file",
}


def _breaks(finding: Finding) -> str:
    reason = _BREAKERS.get(fact(finding.facts, "what") or "", "would make the database refuse the whole file")
    return f"{value_of(finding)} {reason}"


def _breaks_help(finding: Finding) -> str:
    what = fact(finding.facts, "what")
    if what == "NaN":
        return "leave the cell empty where the value is not known"
    if what == "infinity":
        return "give the number itself, at most `1.7976931348623157e308`"
    return "remove the character from the cell"


WORDS = {
    "value-not-allowed": Words(_not_allowed, _not_allowed_help, _allowed),
    "wrong-type": Words(_wrong_type, _wrong_type_help, _types_expected),
    "pattern-mismatch": Words(_pattern, _pattern_help, _pattern_expected),
    "out-of-range": Words(_out_of_range, None, _range_expected),
    "bad-format": Words(_bad_format, _format_help, _format_expected),
    "no-alternative": Words(_no_alternative, _alternative_help, _alternatives),
    "schema-violation": Words(_schema_violation, _explain_property),
    "required-cell-empty": Words(
        _cell_empty, lambda f: f"give a value; `gen3submit explain {_dotted(f)}` tells what it may be"
    ),
    "required-column-missing": Words(_column_missing, _column_missing_help),
    "unknown-column": Words(_unknown_column, _unknown_column_help),
    "urls-cell-empty": Words(
        _urls_empty, say("give the address, or move the rows without one to a file that lacks the column")
    ),
    "link-value-malformed": Words(_link_value_malformed, _link_value_help),
    "value-breaks-transaction": Words(_breaks, _breaks_help),
}
