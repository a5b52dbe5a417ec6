"""Links: finding the parents that a document names, and what the graph allows.

(Facts: Sheepdog 5.2.4, ``UploadEntity._merge_doc_links`` and ``set_association_proxies``; gen3datamodel 4.0.1,
``GDCLinksValidator``.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gen3submit.dictionary.model import Link, LinkGroup, Node
from gen3submit.rules.entities import Entity, UniqueKeys, key_values
from gen3submit.rules.errors import INVALID_LINK, INVALID_PERMISSIONS, EntityError
from gen3submit.rules.identity import look_up
from gen3submit.rules.store import Store


def find_destinations(entity: Entity, nodes: Mapping[str, Node], store: Store, project_id: str) -> None:
    """Find the parents that the document names, and record an error for each reference that leads to none or many."""
    node = entity.node
    assert node is not None
    for name, link in node.links_by_name.items():
        given = entity.document.get(name)
        if given is None and name in entity.document and entity.action == "update":
            assert entity.record is not None
            entity.removed_links[name] = store.parents(entity.record, name)
        if not given:
            continue
        for reference in [given] if isinstance(given, Mapping) else given:
            _find_destination(entity, link, nodes[link.target], reference, store, project_id)


def _find_destination(
    entity: Entity, link: Link, target: Node, reference: Mapping[str, Any], store: Store, project_id: str
) -> None:
    id_ = reference.get("id")
    keys = key_values(target, reference, project_id)
    found = look_up(store, target, id_, keys)
    if target.id == "project":
        code = project_id.partition("-")[2]
        for record in found:
            if record.properties.get("code") != code:
                entity.errors.append(
                    EntityError(
                        f"Cannot link entity to project {record.properties.get('code')} under {code} endpoint",
                        (),
                        INVALID_PERMISSIONS,
                        rule="link-to-other-project",
                        detail={"link": link.name, "reference": reference},
                    )
                )
    if len(found) > 1:
        entity.errors.append(
            EntityError(
                f"More than one link destination found for {link.name}",
                (link.name,),
                INVALID_LINK,
                rule="link-destination-unclear",
                detail={"link": link.name, "reference": reference},
            )
        )
        return
    if not found:
        entity.errors.append(no_destination(link, target, reference, keys))
        return
    parent = found[0]
    if "project_id" in target.schema["properties"] and parent.project_id != project_id:
        entity.errors.append(
            EntityError(
                f"Relationship to {parent.type} {parent.id} in project {parent.project_id} not allowed",
                (),
                INVALID_LINK,
                rule="link-to-other-project",
                detail={"link": link.name, "reference": reference},
            )
        )
    entity.destinations.append((link.name, parent))


def no_destination(link: Link, target: Node, reference: Mapping[str, Any], keys: UniqueKeys) -> EntityError:
    """The error of a reference, with these unique keys of its own, that leads nowhere."""
    id_ = reference.get("id")
    dicts = [dict(zip(names, values, strict=True)) for names, values in zip(target.unique_keys, keys, strict=True)]
    by_id = f", id='{id_}'" if id_ else ""
    return EntityError(
        f"No link destination found for {link.name}{by_id}, unique_keys='{dicts}'",
        (link.name,),
        INVALID_LINK,
        rule="link-destination-missing",
        detail={"link": link.name, "reference": reference, "target": target.id},
    )


def set_links(entities: Iterable[Entity], store: Store) -> None:
    """Link the records: what the documents name is added to what is there; only a JSON null takes away."""
    for entity in entities:
        assert entity.record is not None
        for name in entity.removed_links:
            store.unlink(entity.record, name)
        for name, parent in entity.destinations:
            store.link(entity.record, name, parent)


def check_graph(entities: Sequence[Entity], store: Store) -> None:
    """Record an error for each link and group of links that the dictionary does not allow so."""
    for entity in entities:
        assert entity.node is not None
        for entry in entity.node.links:
            if isinstance(entry, LinkGroup):
                _check_group(entry, entity, store)
            else:
                _check_link(entry, entity, store)


def _check_group(group: LinkGroup, entity: Entity, store: Store) -> tuple[int, str]:
    names, total, given = [], 0, 0
    for member in group.members:
        count, name = (
            _check_group(member, entity, store) if isinstance(member, LinkGroup) else _check_link(member, entity, store)
        )
        names.append(name)
        total += count
        given += count > 0
    if group.required and not given:
        listed = ", ".join([*names[:-2], " or ".join(names[-2:])])
        entity.errors.append(
            EntityError(
                f"Entity is missing a required link to {listed}",
                tuple(names),
                rule="link-group-missing",
                detail={"group": group},
            )
        )
    if group.exclusive and given > 1:
        entity.errors.append(
            EntityError(
                f"Links to {names} are exclusive.  More than one was provided.",
                tuple(names),
                rule="links-exclusive",
                detail={"group": group},
            )
        )
    return total, ", ".join(names)


def _check_link(link: Link, entity: Entity, store: Store) -> tuple[int, str]:
    record, node = entity.record, entity.node
    assert record is not None
    assert node is not None
    parents = store.parents(record, link.name)
    if not parents:
        if link.required:
            entity.errors.append(
                EntityError(
                    f"Entity is missing required link to {link.name}",
                    (link.name,),
                    rule="link-missing",
                    detail={"link": link.name},
                )
            )
        return 0, link.name
    if link.multiplicity in ("many_to_one", "one_to_one") and len(parents) > 1:
        named = {parent.id for name, parent in entity.destinations if name == link.name}
        held = [parent for parent in parents if parent.id not in named]
        entity.errors.append(
            EntityError(
                f"'{link.name}' link has to be {link.multiplicity}",
                (link.name,),
                rule="link-too-many",
                detail={"link": link.name, "parents": parents, "held": held},
            )
        )
    if link.has_one_child:
        for parent in parents:
            children = store.children(parent, node.id, link.name)
            if len(children) > 1:
                entity.errors.append(
                    EntityError(
                        f"'{link.name}' link has to be {link.multiplicity}, target node {parent.type} already has"
                        f" {link.backref}",
                        (link.name,),
                        rule="link-parent-taken",
                        detail={"link": link.name, "parent": parent, "children": children},
                    )
                )
    return len(parents), link.name
