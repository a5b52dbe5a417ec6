"""Sentences about a dictionary that cannot be used."""

from __future__ import annotations

from gen3submit.messages.wording import shown


def no_such_source(source: str) -> str:
    return f"no dictionary at `{source}`: neither a file nor a folder is there"


def in_memory() -> str:
    return "the dictionary in memory"


def unreadable(source: str, reason: str) -> str:
    return f"{source}: the dictionary cannot be read: {reason}"


def no_yaml_files(folder: str) -> str:
    return (
        f"{folder}: the folder holds no `*.yaml` file. "
        "Name the folder in which `_definitions.yaml` and the node files stand, or the dictionary's JSON file"
    )


def too_large(source: str, limit: int) -> str:
    return f"{source}: larger than {limit // 1_000_000} MB, which no dictionary is"


def too_slow(source: str, seconds: int) -> str:
    return f"{source}: the dictionary had not arrived after {seconds} s"


def not_text(source: str) -> str:
    return f"{source}: the dictionary is not UTF-8 text"


def web_page(source: str) -> str:
    return f"{source}: a web page, not a dictionary. Name the address of the JSON itself"


def invalid_syntax(source: str, form: str, line: int | None, problem: str) -> str:
    place = f"{source}:{line}" if line else source
    return f"{place}: invalid {form}: {problem}"


def too_deep(source: str) -> str:
    return f"{source}: nested too deeply for a dictionary"


def not_json(source: str) -> str:
    return f"{source}: it holds a value that JSON has no form for"


def bad_status(source: str, status: int) -> str:
    return f"{source}: the dictionary cannot be fetched, the server answered {status}"


def not_reached(source: str, reason: str) -> str:
    return f"{source}: the dictionary cannot be fetched: {reason}"


def wrong_top_level(source: str, found: str) -> str:
    return f"{source}: a mapping of node types was expected at the top, not {found}"


def single_node(source: str) -> str:
    return f"{source}: one node type alone, not a dictionary. Name the folder it stands in"


def no_nodes(source: str) -> str:
    return f"{source}: no node type in it"


def wrong_kind_of_source(kind: str) -> str:
    return f"a dictionary is loaded from a path, a URL, a mapping or a commons, not from `{kind}`"


def dangling_reference(source: str, path: str, reference: str, missing: str) -> str:
    return f"{source}: `{path}` refers to `{reference}`, but {missing}"


def no_fragment(reference: str) -> str:
    return f"`{reference}` has no `#`; `file.yaml#/name` was expected"


def no_document(document: str) -> str:
    return f"there is no `{document}` in this dictionary"


def no_entry(document: str, entry: str) -> str:
    return f"`{document}` has no `{entry}`"


def not_a_mapping(reference: str) -> str:
    return f"`{reference}` is no mapping"


def bad_reference(source: str, path: str) -> str:
    return f"{source}: `{path}` is no reference: text such as `_definitions.yaml#/UUID` was expected"


def reference_cycle(source: str, path: str, cycle: list[str]) -> str:
    return f"{source}: `{path}` refers to itself: {' → '.join(f'`{step}`' for step in cycle)}"


def resolved_too_large(source: str, limit: int) -> str:
    return f"{source}: its references unfold to more than {limit:,} values, which no dictionary needs"


def not_a_node(source: str, path: str) -> str:
    return f"{source}: `{path}` is no node type: a JSON schema with `properties` was expected"


def bad_node_id(source: str, path: str, found: str) -> str:
    return f"{source}: `{path}` is `{found}`, but a node type's name has letters, digits, `_` and `-` only"


def node_twice(source: str, other: str, node: str) -> str:
    return f"{source}: the node type `{node}` is defined here and in `{other}`"


def bad_schema(source: str, path: str, expected: str) -> str:
    return f"{source}: `{path}` is not usable: {expected}"


def expected_text_list() -> str:
    return "a list of names was expected"


def expected_key_list() -> str:
    return "a list of lists of property names was expected"


def expected_mapping() -> str:
    return "a JSON schema was expected"


def expected_list() -> str:
    return "a list was expected"


def expected_schema_list() -> str:
    return "a list of JSON schemas was expected"


def expected_number() -> str:
    return "a number was expected"


def unknown_json_type(found: str) -> str:
    return f"`{found}` is no JSON type"


def invalid_pattern(problem: str) -> str:
    return f"the regular expression is invalid: {problem}"


def bad_links(source: str, path: str) -> str:
    return f"{source}: `{path}` is no link: `name` and `target_type`, or a `subgroup`, were expected"


def bad_multiplicity(found: str) -> str:
    return f"`{found}` is none of `many_to_one`, `one_to_one`, `one_to_many`, `many_to_many`"


def link_target(source: str, path: str, target: str) -> str:
    return f"{source}: the link `{path}` leads to `{target}`, which is no node type of this dictionary"


def cannot_write(path: str, reason: str) -> str:
    return f"{path}: the dictionary cannot be written: {reason}"


def folder_in_the_way(path: str) -> str:
    return f"{path}: there is something of this name already. Name a new folder, or a file that ends in `.json`"


def name_not_for_a_file(name: str) -> str:
    return f"an entry of the dictionary is called {shown(name)}, which makes no file name. Write it to one JSON file"


def only_cached(endpoint: str) -> str:
    return f"`{endpoint}` cannot be reached, and nothing was written. (Its dictionary of an earlier day is still used.)"


def cached(endpoint: str) -> str:
    return f"`{endpoint}` cannot be reached; this is the dictionary that it had when it was last asked"


def written(path: str, files: int, nodes: int, version: str | None, sha256: str) -> str:
    which = f" {shown(version)}" if version else ""
    kind = "" if files == 1 else f" in {files} files"
    return f"{path}: the dictionary{which}, {nodes} node types{kind}, sha256 {sha256[:12]}"


def node_type() -> str:
    return "node type"


def category() -> str:
    return "category"


def title() -> str:
    return "title"


def parents() -> str:
    return "parents"
