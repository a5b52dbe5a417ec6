"""What is wrong with a query, in the words of the library that Peregrine 3.2.6 runs with (graphql-core 2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSyntaxError,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    StringValueNode,
    ValueNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_leaf_type,
    print_ast,
    specified_rules,
    type_from_ast,
    visit,
)
from graphql.validation import (
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    ScalarLeafsRule,
    ValuesOfCorrectTypeRule,
)

MOST_SUGGESTIONS = 5


def syntax_error(error: GraphQLSyntaxError, source: str) -> str:
    """A syntax error, with the line it stands on."""
    words = error.message.removeprefix("Syntax Error: ").removesuffix(".").replace("<EOF>", "EOF")
    words = re.sub(r"'(\W|\.\.\.)'", r"\1", words)
    words = re.sub(r"'([^']*)'", r'"\1"', words)
    location = error.locations[0] if error.locations else None
    return _placed(words, source, location.line if location else 1, location.column if location else 1)


def unknown_syntax(document: DocumentNode, source: str) -> str | None:
    """A complaint about the first thing that the library cannot read and its successor can: ``null`` and ``{}``."""
    found: list[tuple[int, str]] = []

    class Finder(Visitor):
        def enter_null_value(self, node: NullValueNode, *_: object) -> None:
            if node.loc:
                found.append((node.loc.start, 'Unexpected Name "null"'))

        def enter_selection_set(self, node: SelectionSetNode, *_: object) -> None:
            if node.loc and not node.selections:
                found.append((node.loc.end - 1, "Expected Name, found }"))

    visit(document, Finder())
    if not found:
        return None
    start, words = min(found)
    place = Source(source).get_location(start)
    return _placed(words, source, place.line, place.column)


def _placed(words: str, source: str, line: int, column: int) -> str:
    lines = source.splitlines()
    width = len(str(line + 1))
    shown = ""
    for number in (line - 1, line, line + 1):
        if 1 <= number <= len(lines):
            shown += f"{number:>{width}}: {lines[number - 1]}\n"
            if number == line:
                shown += " " * (1 + width + column) + "^\n"
    return f"Syntax Error GraphQL ({line}:{column}) {words}\n\n{shown}"


def rephrased(message: str) -> str:
    """A message of graphql-core 3 as version 2 writes it: names in double quotes."""
    words = re.sub(r"'([^']*)'", r'"\1"', message)
    words = words.replace("There can be only one", "There can only be one")
    return re.sub(r'Variable "\$(\w+)" of type', r'Variable "\1" of type', words)


def suggestions(wanted: str, options: Iterable[str]) -> str:
    """`` Did you mean "a", "b" or "c"?`` for the options that are like the name; empty where none is."""
    near = []
    for option in options:
        distance = _distance(wanted, option)
        if distance <= max(len(wanted) / 2, len(option) / 2, 1):
            near.append((distance, option))
    near.sort(key=lambda each: each[0])
    names = [f'"{option}"' for _, option in near[:MOST_SUGGESTIONS]]
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f" Did you mean {listed}?"


def _distance(a: str, b: str) -> int:
    """The number of letters to insert, delete or replace."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        above, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other)))
    return row[-1]


class _Fields(ASTValidationRule):
    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.context.get_parent_type()  # type: ignore[attr-defined]  # the context of a validation
        if parent is None or self.context.get_field_def() is not None:  # type: ignore[attr-defined]
            return
        name = node.name.value
        near = ""
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            near = suggestions(name, parent.fields)
        self.report_error(GraphQLError(f'Cannot query field "{name}" on type "{parent.name}".{near}', node))


class _Arguments(ASTValidationRule):
    def enter_argument(self, node: Any, *_: object) -> None:
        context: Any = self.context
        field, parent = context.get_field_def(), context.get_parent_type()
        if context.get_argument() is not None or context.get_directive() or field is None or parent is None:
            return
        ancestors = _[-1]
        asked = ancestors[-1] if isinstance(ancestors, list) and ancestors else None
        asked = asked if isinstance(asked, FieldNode) else ancestors[-2]  # type: ignore[index]
        name = node.name.value
        near = suggestions(name, field.args)
        self.report_error(
            GraphQLError(
                f'Unknown argument "{name}" on field "{asked.name.value}" of type "{parent.name}".{near}', node
            )
        )


class _Leaves(ASTValidationRule):
    def enter_field(self, node: FieldNode, *_: object) -> None:
        type_ = self.context.get_type()  # type: ignore[attr-defined]
        if type_ is None:
            return
        if is_leaf_type(get_named_type(type_)):
            if node.selection_set:
                words = f'Field "{node.name.value}" of type "{type_}" must not have a sub selection.'
                self.report_error(GraphQLError(words, node.selection_set))
        elif not node.selection_set:
            words = f'Field "{node.name.value}" of type "{type_}" must have a sub selection.'
            self.report_error(GraphQLError(words, node))


class _Values(ASTValidationRule):
    def enter_argument(self, node: Any, *_: object) -> None:
        argument = self.context.get_argument()  # type: ignore[attr-defined]
        if argument is None:
            return
        problems = list(_literal_problems(argument.type, node.value))
        if problems:
            shown = _shown(node.value)
            words = f'Argument "{node.name.value}" has invalid value {shown}.\n' + "\n".join(problems)
            self.report_error(GraphQLError(words, node.value))


_REWORDED: dict[type[ASTValidationRule], type[ASTValidationRule]] = {
    FieldsOnCorrectTypeRule: _Fields,
    KnownArgumentNamesRule: _Arguments,
    ScalarLeafsRule: _Leaves,
    ValuesOfCorrectTypeRule: _Values,
}
RULES = [_REWORDED.get(rule, rule) for rule in specified_rules]


def _shown(value: ValueNode) -> str:
    """A literal as the library prints it."""
    if isinstance(value, ListValueNode):
        return f"[{', '.join(map(_shown, value.values))}]"
    if isinstance(value, ObjectValueNode):
        return "{" + ", ".join(f"{field.name.value}: {_shown(field.value)}" for field in value.fields) + "}"
    return json.dumps(value.value) if isinstance(value, StringValueNode) else print_ast(value)


_LITERALS = {
    "Int": ("int_value",),
    "Float": ("float_value", "int_value"),
    "String": ("string_value",),
    "Boolean": ("boolean_value",),
    "ID": ("string_value", "int_value"),
}


def _literal_problems(type_: GraphQLInputType, value: ValueNode | None) -> Iterator[str]:
    if isinstance(type_, GraphQLNonNull):
        if value is None:
            yield f'Expected "{type_}", found null.'
            return
        type_ = type_.of_type
    if value is None or isinstance(value, VariableNode):
        return
    if isinstance(type_, GraphQLList):
        items = value.values if isinstance(value, ListValueNode) else None
        if items is None:
            yield from _literal_problems(type_.of_type, value)
            return
        for number, item in enumerate(items):
            yield from (f"In element #{number}: {each}" for each in _literal_problems(type_.of_type, item))
    elif isinstance(type_, GraphQLInputObjectType):
        if not isinstance(value, ObjectValueNode):
            yield f'Expected "{type_}", found not an object.'
            return
        given = {field.name.value: field.value for field in value.fields}
        yield from (f'In field "{name}": Unknown field.' for name in given if name not in type_.fields)
        for name, field in type_.fields.items():
            yield from (f'In field "{name}": {each}' for each in _literal_problems(field.type, given.get(name)))
    elif value.kind not in _LITERALS.get(str(type_), ()):
        yield f'Expected type "{type_}", found {_shown(value)}.'


def coerced_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> tuple[dict[str, Any], str | None]:
    """The variables as the library takes them, and its complaint about the first that it does not take.

    It is more lenient than its successor: ``"3"`` is an Int, and anything is a String.
    """
    values = dict(given)
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        type_ = type_from_ast(schema, definition.type)
        if type_ is None:
            continue
        if given.get(name) is None:
            if isinstance(type_, GraphQLNonNull) and definition.default_value is None:
                return values, f'Variable "${name}" of required type "{type_}" was not provided.'
            continue
        problems = list(_value_problems(type_, given[name]))  # type: ignore[arg-type]  # an input type: it was validated
        if problems:
            shown = json.dumps(given[name], sort_keys=True)
            return values, f'Variable "${name}" got invalid value {shown}.\n' + "\n".join(problems)
        values[name] = _coerced(type_, given[name])
    return values, None


def _value_problems(type_: GraphQLInputType, value: Any) -> Iterator[str]:
    if isinstance(type_, GraphQLNonNull):
        if value is None:
            yield f'Expected "{type_}", found null.'
            return
        type_ = type_.of_type
    if value is None:
        return
    if isinstance(type_, GraphQLList):
        if not isinstance(value, list):
            yield from _value_problems(type_.of_type, value)
            return
        for number, item in enumerate(value):
            yield from (f"In element #{number}: {each}" for each in _value_problems(type_.of_type, item))
    elif isinstance(type_, GraphQLInputObjectType):
        if not isinstance(value, dict):
            yield f'Expected "{type_}", found not an object.'
            return
        yield from (f'In field "{name}": Unknown field.' for name in value if name not in type_.fields)
        for name, field in type_.fields.items():
            yield from (f'In field "{name}": {each}' for each in _value_problems(field.type, value.get(name)))
    elif _coerced(type_, value) is None:
        yield f'Expected type "{type_}", found {json.dumps(value)}.'


def _coerced(type_: Any, value: Any) -> Any:
    if isinstance(type_, GraphQLNonNull):
        return _coerced(type_.of_type, value)
    if value is None:
        return None
    if isinstance(type_, GraphQLList):
        return [_coerced(type_.of_type, item) for item in (value if isinstance(value, list) else [value])]
    if isinstance(type_, GraphQLInputObjectType):
        return {name: _coerced(type_.fields[name].type, item) for name, item in value.items() if name in type_.fields}
    assert isinstance(type_, GraphQLScalarType)
    try:
        if type_.name == "Int":
            number = int(float(value)) if isinstance(value, float | str) else int(value)
            return number if -(2**31) <= number < 2**31 else None
        if type_.name == "Float":
            return float(value)
        if type_.name == "Boolean":
            return bool(value)
    except (TypeError, ValueError):
        return None
    return value if isinstance(value, str) else json.dumps(value)
