"""Node types are put in order by the links of the dictionary, parents first."""

from __future__ import annotations

from dictionary_pieces import chain, link, node
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.dictionary import Dictionary
from gen3submit.dictionary.order import NodeGroup, node_order


def stages(among: list[str] | None = None, **parents: list[str]) -> list[list[tuple[str, ...]]]:
    return [[group.types for group in stage] for stage in node_order(Dictionary.load(chain(**parents)), among)]


def test_parents_come_before_their_children() -> None:
    assert stages(aliquot=["sample"], sample=["subject"], subject=[]) == [
        [("subject",)],
        [("sample",)],
        [("aliquot",)],
    ]


def test_types_that_do_not_depend_on_each_other_stand_side_by_side_by_name() -> None:
    assert stages(subject=[], visit=["subject"], diagnosis=["subject"], sample=["visit"]) == [
        [("subject",)],
        [("diagnosis",), ("visit",)],
        [("sample",)],
    ]


def test_only_the_types_asked_for_and_the_links_between_them_count() -> None:
    parents = {"subject": [], "sample": ["subject"], "aliquot": ["sample"]}
    assert stages(among=["aliquot", "subject"], **parents) == [[("aliquot",), ("subject",)]]
    assert stages(among=["aliquot", "sample", "unheard_of"], **parents) == [[("sample",)], [("aliquot",)]]
    assert stages(among=[], **parents) == []


def test_types_that_link_in_a_circle_are_one_group_to_be_ordered_record_by_record() -> None:
    order = node_order(Dictionary.load(chain(a=[], b=["a", "d"], c=["b"], d=["c"], e=["c"])))
    assert order == [
        (NodeGroup(("a",), record_by_record=False),),
        (NodeGroup(("b", "c", "d"), record_by_record=True),),
        (NodeGroup(("e",), record_by_record=False),),
    ]


def test_a_type_that_links_to_itself_is_ordered_record_by_record() -> None:
    assert node_order(Dictionary.load(chain(sample=["sample"]))) == [(NodeGroup(("sample",), True),)]


def test_links_in_groups_count_too() -> None:
    group = {"exclusive": True, "required": True, "subgroup": [link("sample"), link("subject")]}
    served = {"image": node("image", [group]), "sample": node("sample"), "subject": node("subject")}
    assert [[g.types for g in stage] for stage in node_order(Dictionary.load(served))] == [
        [("sample",), ("subject",)],
        [("image",)],
    ]


def test_a_chain_longer_than_the_recursion_limit_is_ordered() -> None:
    parents: dict[str, list[str]] = {"n0": []}
    for n in range(1, 3000):
        parents[f"n{n}"] = [f"n{n - 1}"]
    assert len(stages(**dict(reversed(parents.items())))) == 3000


TYPES = st.sampled_from("abcdefg")


@given(links=st.dictionaries(TYPES, st.lists(TYPES, unique=True, max_size=4)))
def test_any_graph_of_types_is_ordered(links: dict[str, list[str]]) -> None:
    parents = {name: links.get(name, []) for name in "abcdefg"}
    order = node_order(Dictionary.load(chain(**parents)))
    place = {name: n for n, stage in enumerate(order) for group in stage for name in group.types}
    group_of = {name: group for stage in order for group in stage for name in group.types}
    assert sorted(name for stage in order for group in stage for name in group.types) == sorted(parents)

    def ancestors(name: str) -> set[str]:
        found: set[str] = set()
        ahead = list(parents[name])
        while ahead:
            if (parent := ahead.pop()) not in found:
                found.add(parent)
                ahead += parents[parent]
        return found

    for name, own in parents.items():
        circle = {other for other in ancestors(name) if name in ancestors(other)}
        assert set(group_of[name].types) == circle | {name}
        assert group_of[name].record_by_record == bool(circle)
        for parent in set(own) - circle:
            assert place[parent] < place[name]
        # No type waits longer than it must.
        outside = {parent for member in group_of[name].types for parent in parents[member]} - circle - {name}
        assert place[name] == max((place[parent] + 1 for parent in outside), default=0)
