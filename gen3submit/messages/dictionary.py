"""Sentences about a dictionary that cannot be used."""

from __future__ import annotations


def not_a_node(source: str, path: str) -> str:
    return f"{source}: `{path}` is no node type: a JSON schema with `properties` was expected"


def bad_links(source: str, path: str) -> str:
    return f"{source}: `{path}` is no link: `name` and `target_type`, or a `subgroup`, were expected"


def link_target(source: str, path: str, target: str) -> str:
    return f"{source}: the link `{path}` leads to `{target}`, which is no node type of this dictionary"
