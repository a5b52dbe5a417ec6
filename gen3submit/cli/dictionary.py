"""``gen3submit dictionary``: fetch, compare and show data dictionaries."""

from __future__ import annotations

from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import format_option, output_option, say, say_warnings, write_json, write_lines


@click.group("dictionary", short_help="fetch, compare and show data dictionaries")
def command() -> None:
    """Work with data dictionaries."""


@command.command("fetch", short_help="write the dictionary of the commons to a file or folder")
@click.argument("path", default="dictionary.json")
@where_options
def fetch(path: str, **options: Any) -> int:
    """Write the dictionary of the commons to PATH.

    A PATH that ends in .json becomes one file, in the form in which the commons serves it; `-` is stdout; any other
    PATH becomes a folder of YAML files. Both can be given as --dictionary. The default is dictionary.json.
    """
    from gen3submit.dictionary import Dictionary
    from gen3submit.dictionary.writing import write_dictionary
    from gen3submit.errors import CommonsProblem
    from gen3submit.messages import dictionary as words

    where = take_where(options)
    fetched = Dictionary.load(where.commons)
    say_warnings(where)
    if fetched.from_cache:
        raise CommonsProblem(words.only_cached(fetched.source))
    if path == "-":
        write_json(fetched.served())
        return 0
    files = write_dictionary(fetched, path)
    say(words.written(path, len(files), len(fetched), fetched.version, fetched.sha256))
    return 0


@command.command("diff", short_help="tell what changed between two dictionaries, and which of your files it touches")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--files", "paths", multiple=True, metavar="PATH", help="Tell which rows of these tables are touched; repeatable."
)
@where_options
@format_option("text", "json")
@output_option
def diff(old: str, new: str | None, paths: tuple[str, ...], format_: str, output: str | None, **options: Any) -> int:
    """Tell what changed from the dictionary OLD to the dictionary NEW (or that of the commons).

    OLD and NEW are folders, files or addresses. Changes marked `!` may refuse what was fine before. The exit code is
    1 if anything changed; with --files, if any of these files is touched.
    """
    from gen3submit.dictionary import Dictionary
    from gen3submit.dictionary.difference import difference
    from gen3submit.errors import UsageProblem
    from gen3submit.messages import dictionary as dictionary_words
    from gen3submit.messages import dictionary_difference as words
    from gen3submit.tables.sources import sources
    from gen3submit.touched import touched

    where = take_where(options)
    if new is None and not where.has_commons and where.given.dictionary is None:
        raise UsageProblem(words.one_source())
    before = Dictionary.load(old)
    if new is not None:
        after = Dictionary.load(new)
    else:
        # A dictionary of the settings is most likely OLD itself.
        after = Dictionary.load(where.commons) if where.has_commons else where.dictionary
    say_warnings(where)
    if after.from_cache:
        say(dictionary_words.cached(after.source))
    changes = difference(before, after)
    found = touched(changes, list(paths), before, after) if paths else []
    code = int(bool(found if paths else changes))
    if format_ == "json":
        ends = [{"source": each.source, "version": each.version, "sha256": each.sha256} for each in (before, after)]
        value: dict[str, Any] = {"old": ends[0], "new": ends[1], "changes": [change.to_dict() for change in changes]}
        if paths:
            value["files"] = [each.to_dict() for each in found]
        write_json(value, output)
        return code
    lines: list[str] = []
    for node in dict.fromkeys(change.node for change in changes):
        lines.append(words.heading(node))
        lines += [words.line(change.breaking, change.words) for change in changes if change.node == node]
    if changes:
        breaking = sum(change.breaking for change in changes)
        lines += ["", words.summary(len(changes), breaking, len({change.node for change in changes}))]
    else:
        lines.append(words.no_difference())
    if paths:
        lines += ["", words.touched_heading()] if found else [""]
        lines += [words.touched(each.path, each.lines, each.change.words, each.change.node) for each in found]
        lines.append(words.touched_summary(len({each.path for each in found}), len(sources(list(paths)))))
    write_lines(lines, output)
    return code


@command.command("show", short_help="list the node types, or tell of one, a property or a link")
@click.argument("name", metavar="[NODE[.PROPERTY]]", required=False)
@where_options
def show(name: str | None, **options: Any) -> None:
    """List the node types, or tell of a node type, a property or a link."""
    import sys

    from gen3submit.explain import explain
    from gen3submit.listing import aligned
    from gen3submit.messages import dictionary as words
    from gen3submit.report.explanation import write_explanation

    where = take_where(options)
    dictionary = where.dictionary
    say_warnings(where)
    if dictionary.from_cache:
        say(words.cached(dictionary.source))
    if name is not None:
        if name not in dictionary and "." not in name:
            from gen3submit.cli.given import node

            node(dictionary, name)  # a finding code is not meant here
        write_explanation(explain(dictionary, name), sys.stdout)
        return
    columns = [words.node_type(), words.category(), words.title(), words.parents()]
    rows = [
        [node.id, node.category, node.title, sorted({link.target for link in node.links_by_name.values()})]
        for node in dictionary.values()
    ]
    write_lines(aligned(columns, rows))
