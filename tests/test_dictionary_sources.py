"""A dictionary is loaded from a folder, a file, an address or a value, and is the same from each."""

from __future__ import annotations

import http.server
import json
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gdcdictionary
import pytest
import yaml
from dictionary_pieces import link, node, write_folder

from gen3submit.dictionary import Dictionary, DictionaryError, load
from gen3submit.errors import UsageProblem

DOCUMENTS: dict[str, Any] = {
    "_definitions.yaml": {"id": "_definitions", "name": {"type": "string", "pattern": "^[A-Z]"}},
    "_settings.yaml": {"_dict_version": "2.3.1"},
    "subject.yaml": node("subject", name={"$ref": "_definitions.yaml#/name", "description": "in full"}),
    "sample.yaml": node("sample", [link("subject", required=True)], subjects={"type": "array"}),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "dictionary", DOCUMENTS)


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serve one body on loopback; gives its address."""
    servers = []

    def start(body: bytes, status: int = 200) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is inherited
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/dictionary"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_folder_gives_its_node_types_with_references_resolved(folder: Path) -> None:
    dictionary = Dictionary.load(folder)
    assert {"subject", "sample"} <= set(dictionary)
    assert dictionary["subject"].properties["name"].schema == {
        "type": "string",
        "pattern": "^[A-Z]",
        "description": "in full",
    }
    assert dictionary.source == str(folder)
    assert dictionary.version == "2.3.1"
    assert not dictionary.from_cache


def test_the_two_types_that_gen3_adds_are_there_for_a_folder_and_not_added_to_the_served_form(
    folder: Path,
) -> None:
    assert not Dictionary.load(folder)["root"].is_submittable
    assert set(Dictionary.load({"subject": node("subject")})) == {"subject"}


def test_a_folder_may_bring_its_own_version_of_the_added_types(folder: Path) -> None:
    own = node("root", own_property={"type": "string"})
    write_folder(folder, {"root.yaml": own})
    assert Dictionary.load(folder)["root"].schema == own


def test_every_form_and_every_way_gives_the_same_dictionary(
    folder: Path, tmp_path: Path, serve: Callable[..., str]
) -> None:
    expected = Dictionary.load(folder)
    served, artifact = expected.served(), DOCUMENTS
    sources: list[Any] = [str(folder), artifact, served]
    for name, value in (("served", served), ("artifact", artifact)):
        as_json = tmp_path / f"{name}.json"
        as_json.write_bytes(b"\xef\xbb\xbf" + json.dumps(value).encode())
        as_yaml = tmp_path / f"{name}.yaml"
        as_yaml.write_text(yaml.safe_dump(value, sort_keys=False))
        sources += [as_json, as_yaml, serve(as_json.read_bytes()), serve(as_yaml.read_bytes())]
    for source in sources:
        loaded = Dictionary.load(source)
        assert loaded.nodes == expected.nodes
        assert loaded.sha256 == expected.sha256
        assert loaded.version == expected.version
        assert loaded.served() == served


def test_a_loaded_dictionary_is_its_own_source(folder: Path) -> None:
    dictionary = Dictionary.load(folder)
    assert Dictionary.load(dictionary) is dictionary


def test_the_hash_tells_dictionaries_apart_but_not_the_order_of_their_keys() -> None:
    one = Dictionary.load({"a": node("a"), "b": node("b")})
    other_order = Dictionary.load({"b": node("b"), "a": node("a")})
    changed = Dictionary.load({"a": node("a"), "b": node("b", age={"type": "integer"})})
    assert one.sha256 == other_order.sha256
    assert one.sha256 != changed.sha256


def test_the_order_of_keys_is_that_of_the_source() -> None:
    names = ["zebra", "ant", "mule"]
    dictionary = Dictionary.load({"x": node("x", **{name: {"type": "string"} for name in names})})
    assert list(dictionary["x"].properties)[-3:] == names
    assert list(dictionary.served()["x"]["properties"])[-3:] == names


def test_changing_the_served_form_changes_nothing_in_the_dictionary(folder: Path) -> None:
    dictionary = Dictionary.load(folder)
    before = dictionary.sha256
    dictionary.served()["subject"]["properties"].clear()
    assert "name" in dictionary["subject"].properties
    assert dictionary.sha256 == before


def test_a_dictionary_survives_a_trip_to_another_process(folder: Path) -> None:
    dictionary = Dictionary.load(folder)
    copy = pickle.loads(pickle.dumps(dictionary))
    assert copy.nodes == dictionary.nodes
    assert copy.sha256 == dictionary.sha256


def test_dates_in_yaml_stay_text(tmp_path: Path) -> None:
    text = yaml.safe_dump(node("visit", day={"description": "DAY"})).replace("DAY", "2024-02-03")
    folder = write_folder(tmp_path / "d", {"visit.yaml": text})
    assert Dictionary.load(folder)["visit"].properties["day"].schema == {"description": "2024-02-03"}


def test_keys_that_yaml_takes_for_numbers_or_truth_values_become_text_as_in_json(tmp_path: Path) -> None:
    text = "id: visit\nproperties:\n  2: {type: string}\n  yes: {type: string}\n  null: {type: string}\n"
    folder = write_folder(tmp_path / "d", {"visit.yaml": text})
    assert list(Dictionary.load(folder)["visit"].properties) == ["2", "true", "null"]


def test_the_folder_of_the_gen3dictionary_package_gives_the_same_as_its_served_form() -> None:
    recorded = Path(os.environ.get("GEN3SUBMIT_CONFORMANCE") or "nowhere") / "gen3dictionary" / "dictionary.json"
    if not recorded.exists():
        pytest.skip("GEN3SUBMIT_CONFORMANCE names no folder with the recordings of a real server")
    from_yaml, served = Dictionary.load(gdcdictionary.SCHEMA_DIR), Dictionary.load(recorded)
    assert from_yaml.nodes == served.nodes
    assert from_yaml.sha256 == served.sha256


def test_a_served_dictionary_with_a_metaschema_keeps_the_references_in_it() -> None:
    metaschema = {"allOf": [{"$ref": "http://json-schema.org/draft-04/schema#"}]}
    dictionary = Dictionary.load({"metaschema": metaschema, "a": node("a")})
    assert set(dictionary) == {"a"}
    assert dictionary.served()["metaschema"] == metaschema


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"<!DOCTYPE html><title>Gen3</title>", 200, "a web page, not a dictionary"),
        (b"{}", 404, "the server answered 404"),
        (b'{"a": ', 200, "invalid JSON"),
        (b"a: [1", 200, "invalid YAML"),
        (b"\xff\xfe", 200, "not UTF-8"),
        (b"", 200, "not nothing"),
        (b"just words", 200, "not text"),
    ],
)
def test_an_address_that_answers_no_dictionary_is_told_in_one_sentence(
    serve: Callable[..., str], body: bytes, status: int, expected: str
) -> None:
    url = serve(body, status)
    with pytest.raises(DictionaryError, match=expected) as caught:
        Dictionary.load(url)
    assert str(caught.value).startswith(url)


def test_an_address_where_nobody_listens_is_told(serve: Callable[..., str]) -> None:
    with pytest.raises(DictionaryError, match="cannot be fetched"):
        Dictionary.load("http://127.0.0.1:9/dictionary.json")


def test_an_answer_without_end_is_cut_off(
    serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(load, "MAX_BYTES", 1000)
    with pytest.raises(DictionaryError, match="which no dictionary is"):
        Dictionary.load(serve(b" " * 2000))
    big = folder.parent / "big.json"
    big.write_bytes(b" " * 2000)
    with pytest.raises(DictionaryError, match="which no dictionary is"):
        Dictionary.load(big)


def test_what_is_not_there_or_no_source_is_told(tmp_path: Path) -> None:
    with pytest.raises(DictionaryError, match="neither a file nor a folder"):
        Dictionary.load(tmp_path / "nowhere")
    with pytest.raises(DictionaryError, match=r"no `\*\.yaml` file"):
        Dictionary.load(tmp_path)
    with pytest.raises(UsageProblem, match="not from `int`"):
        Dictionary.load(3)  # type: ignore[arg-type]
