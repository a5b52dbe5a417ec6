"""Mending the header: names of columns that are plainly those of the dictionary, spelt another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from gen3submit.dictionary.model import Node
from gen3submit.fixing.changes import ChangeLog
from gen3submit.fixing.lexing import WrittenTable, value_of, written
from gen3submit.fixing.shape import remove_column
from gen3submit.fixing.spelling import folded_name, only_match, only_slip, trimmed
from gen3submit.rules.columns import clean_name


def column_names(node: Node) -> list[str]:
    """Every column that a table of this node type may have, the usual key of each link."""
    links = [f"{link.name}.{parent_key(link.target)}" for link in node.links_by_name.values()]
    return [*node.properties, *links, *(["urls"] if node.is_file else [])]


def parent_key(target: str) -> str:
    """The key by which a parent of this node type is named."""
    return "code" if target == "project" else "submitter_id"


def mend_type_column(table: WrittenTable, node_ids: Collection[str], log: ChangeLog, *, unsafe: bool) -> int | None:
    """The index of the column ``type``, its name mended where that is needed; None where there is none."""
    names = [clean_name(value) for value in table.header.values()]
    if "type" in names:
        return len(names) - 1 - names[::-1].index("type")  # of several, the server takes the last
    folded = [index for index, name in enumerate(names) if folded_name(trimmed(name)) == "type"]
    if len(folded) == 1:
        _rename(table, folded[0], "type", log)
        return folded[0]
    if unsafe and not folded:
        known = set(node_ids)
        full = [
            index
            for index in range(len(names))
            if table.rows
            and all(index < len(r.cells) and value_of(r.cells[index]).strip() in known for r in table.rows)
        ]
        if len(full) == 1:
            _rename(table, full[0], "type", log, guess=True)
            return full[0]
    return None


def mend_names(
    table: WrittenTable, nodes: Sequence[Node], every: Mapping[str, Node], log: ChangeLog, *, unsafe: bool
) -> None:
    """Mend the names of columns.

    Args:
        table: the table.
        nodes: the node types of its rows.
        every: all node types of the dictionary.
        log: is told of each change.
        unsafe: whether guesses are wanted.
    """
    drop_repeated(table, log, unsafe=unsafe)
    possible = list(dict.fromkeys(name for node in nodes for name in column_names(node)))
    present = Counter(clean_name(value) for value in table.header.values())
    wanted: dict[int, tuple[str, bool]] = {}
    for index, value in enumerate(table.header.values()):
        name = clean_name(value)
        if not name or _is_known(name, nodes):
            if value != value.strip():
                _rename(table, index, value.strip(), log, kind="white-space")
            continue
        free = [candidate for candidate in possible if candidate not in present]
        found = _meant(name, free, nodes, every)
        if found is not None:
            wanted[index] = (found, False)
        elif unsafe and (found := _link_meant(name, free, nodes)) is not None:
            wanted[index] = (found, True)
    meant = Counter(name for name, _ in wanted.values())
    for index, (name, guess) in wanted.items():
        if meant[name] == 1:
            _rename(table, index, name, log, guess=guess)


def _is_known(name: str, nodes: Sequence[Node]) -> bool:
    link, dot, key = name.partition(".")
    if name == "type" or any(name in column_names(node) for node in nodes):
        return True
    return bool(dot) and key == "id" and any(link in node.links_by_name for node in nodes)


def _meant(name: str, free: Collection[str], nodes: Sequence[Node], every: Mapping[str, Node]) -> str | None:
    bare = trimmed(name)
    same = only_match(bare, free, folded_name)
    if same is not None:
        return same
    link, dot, key = bare.partition(".")
    if dot:
        # The parent's node type in the place of the link's name, where one link alone leads to it.
        leading = {each.name for node in nodes for each in node.links_by_name.values() if each.target == link}
        by_target = f"{next(iter(leading))}.{key}" if len(leading) == 1 else None
        if by_target in free:
            return by_target
    elif any(bare in node.properties for node in every.values()):
        return None  # it is spelt right, and the property of another node type
    return only_slip(bare, free)


def _link_meant(name: str, free: Collection[str], nodes: Sequence[Node]) -> str | None:
    """The link, where a column bears its name or its parent's node type and no key."""
    found = {
        f"{link.name}.{parent_key(link.target)}"
        for node in nodes
        for link in node.links_by_name.values()
        if folded_name(name) in (folded_name(link.name), folded_name(link.target), folded_name(f"{link.target}id"))
    }
    return next(iter(found)) if len(found) == 1 and found <= set(free) else None


def _rename(
    table: WrittenTable, index: int, name: str, log: ChangeLog, *, kind: str = "column-name", guess: bool = False
) -> None:
    cell = table.header.cells[index]
    before = value_of(cell)
    star = "*" if kind == "column-name" and before.strip().startswith("*") else ""
    table.header.cells[index] = written(star + name, table.delimiter, cell)
    log.note(kind, table.header.line, clean_name(name), before, star + name, guess=guess)


def drop_repeated(table: WrittenTable, log: ChangeLog, *, unsafe: bool) -> None:
    """Remove a column that says the same as another of its name; or, as a guess, one that says nothing."""
    names = [clean_name(value) for value in table.header.values()]
    for name in [name for name, count in Counter(names).items() if count > 1 and name]:
        places = [index for index, each in enumerate(names) if each == name]
        contents = {index: [_cell(row.cells, index) for row in table.rows] for index in places}
        keep = next((index for index in places if any(contents[index])), places[-1])
        others = [index for index in places if index != keep]
        same = all(contents[index] == contents[keep] for index in others)
        empty = not any(any(contents[index]) for index in others)
        if same or (unsafe and empty):
            for index in reversed(others):
                remove_column(table, index)
            log.note("repeated-column", table.header.line, name, "", "", guess=not same)
            names = [clean_name(value) for value in table.header.values()]


def _cell(cells: Sequence[str], index: int) -> str:
    return value_of(cells[index]).strip() if index < len(cells) else ""
