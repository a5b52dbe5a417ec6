"""A GraphQL request from body to answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graphql import GraphQLSchema, GraphQLSyntaxError, OperationDefinitionNode, OperationType, execute, parse, validate

from gen3submit.rules.bodies import read_json
from gen3submit.rules.columns import DocumentRefused
from gen3submit.sandbox.answers import crash, json_answer, refuse
from gen3submit.sandbox.graphql import wording

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response


def answer(schema: GraphQLSchema, request: Request) -> Response:
    """The answer: 400 as soon as there is one error, however much of the rest is there."""
    try:
        text = request.get_data().decode("utf-8", "replace")
        body = read_json(text)
    except DocumentRefused as refused:
        raise refuse(400, str(refused)) from None
    if text.lstrip().startswith("["):
        raise crash()
    data, errors = _run(schema, body[0])
    if errors:
        return json_answer({"data": data, "errors": errors}, 400)
    return json_answer({"data": data})


def _run(schema: GraphQLSchema, body: dict[str, Any]) -> tuple[Any, list[str]]:
    source, variables = body.get("query"), body.get("variables")
    if isinstance(variables, str) and variables:
        try:
            variables = json.loads(variables)
        except ValueError as error:
            return None, ["Unable to parse variables", str(error)]
    if not isinstance(source, str):
        return None, ["The query must be a string"]
    try:
        document = parse(source)
    except GraphQLSyntaxError as error:
        return None, [wording.syntax_error(error, source)]
    complaint = wording.unknown_syntax(document, source)
    if complaint:
        return None, [complaint]
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    for operation in operations:
        if operation.operation is not OperationType.QUERY:
            return None, [f"Schema is not configured for {operation.operation.value}s"]
    problems = validate(schema, document, wording.RULES)
    if problems:
        return None, [wording.rephrased(problem.message) for problem in problems]
    if len(operations) != 1:
        return None, ["Must provide operation name if query contains multiple operations."]
    values, complaint = wording.coerced_variables(
        schema, operations[0], variables if isinstance(variables, dict) else {}
    )
    if complaint:
        return None, [complaint]
    result = execute(schema, document, variable_values=values)
    assert not hasattr(result, "__await__")  # no resolver here waits for anything
    errors = [
        str(error.original_error) if error.original_error else wording.rephrased(error.message)
        for error in result.errors or ()
    ]
    return result.data, errors
