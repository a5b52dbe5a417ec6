"""Templates: what they give, filled in, checks clean; in a text file and in a workbook."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from gen3submit import check
from gen3submit.cli.main import run
from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.errors import UsageProblem
from gen3submit.templates import template
from gen3submit.templates.workbook import workbook

openpyxl = pytest.importorskip("openpyxl")

STUDY = Path(__file__).parent.parent / "sample_data" / "study"
DICTIONARY = Dictionary.load(practice_dictionary_folder())
WHERE = ["--dictionary", str(practice_dictionary_folder())]
NODES = [node.id for node in DICTIONARY.values() if node.is_submittable]


def study_rows(node: str) -> list[dict[str, str]]:
    with (STUDY / f"{node}.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def own_dictionary(**properties: Any) -> Dictionary:
    """The practice dictionary, its samples with other properties besides."""
    served = DICTIONARY.served()
    served["sample"]["properties"].update(properties)
    return Dictionary.load(served)


def opened(folder: Path, data: bytes) -> Any:
    path = folder / "book.xlsx"
    path.write_bytes(data)
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("node", NODES)
def test_a_template_has_every_column_of_the_study_and_the_required_ones_first(node: str) -> None:
    columns = template(DICTIONARY, node).columns
    names = [column.name for column in columns]
    assert set(study_rows(node)[0]) <= set(names)
    assert names[:2] == ["type", "submitter_id"]
    assert len(names) == len(set(names))
    needed = [column.required for column in columns]
    assert needed == sorted(needed, reverse=True)
    told = DICTIONARY[node]
    assert {column.name.partition(".")[0] for column in columns if column.required} >= set(told.required)
    assert not told.system_properties & set(names)


def test_a_filled_in_template_checks_clean(tmp_path: Path) -> None:
    for node in NODES:
        given = template(DICTIONARY, node)
        lines = ["\t".join(row.get(column.name, "") for column in given.columns) for row in study_rows(node)]
        (tmp_path / f"{node}.tsv").write_text(given.tsv() + "\n".join(lines) + "\n", encoding="utf-8")
    result = check(tmp_path, dictionary=DICTIONARY, project="practice-study", existing=[])
    assert result.ok
    assert result.summary()["findings_by_code"] == {}
    assert result.summary()["rows"] == sum(len(study_rows(node)) for node in NODES)


@pytest.mark.parametrize("mark_required", [False, True])
def test_a_filled_in_workbook_checks_clean(mark_required: bool, tmp_path: Path) -> None:
    templates = [template(DICTIONARY, node) for node in NODES]
    book = opened(tmp_path, workbook(templates, mark_required=mark_required))
    for given in templates:
        for row in study_rows(given.node):
            book[given.node].append([row.get(column.name) or None for column in given.columns])
    book.save(tmp_path / "book.xlsx")
    result = check(tmp_path / "book.xlsx", dictionary=DICTIONARY, project="practice-study", existing=[])
    assert result.ok
    assert result.summary()["findings_by_code"] == {}
    assert result.summary()["rows"] == sum(len(study_rows(node)) for node in NODES)


@pytest.mark.parametrize("node", NODES)
def test_no_column_of_a_template_is_unknown_to_the_server(node: str, tmp_path: Path) -> None:
    given = template(DICTIONARY, node)
    row = [node if name == "type" else "x" for name in given.header()]
    path = tmp_path / "table.tsv"
    path.write_text(given.tsv(mark_required=True) + "\t".join(row) + "\n", encoding="utf-8")
    codes = check(path, dictionary=DICTIONARY).summary()["findings_by_code"]
    assert not codes.keys() & {"unknown-column", "unknown-link", "column-repeated", "required-column-missing"}


def test_cells_of_a_workbook_are_text_so_that_ids_and_dates_stay(tmp_path: Path) -> None:
    book = opened(tmp_path, workbook([template(DICTIONARY, "sample")]))
    sheet = book["sample"]
    formats = {dimension.number_format for dimension in sheet.column_dimensions.values()}
    assert formats == {"@"}
    assert len(sheet.column_dimensions) == len(template(DICTIONARY, "sample").columns)
    assert sheet.freeze_panes == "A2"


def test_allowed_values_are_drop_down_lists_from_a_hidden_sheet(tmp_path: Path) -> None:
    book = opened(tmp_path, workbook([template(DICTIONARY, "sample")]))
    lists = book["allowed values"]
    assert lists.sheet_state == "hidden"
    names = [cell.value for cell in book["sample"][1]]
    by_column = {}
    for validation in book["sample"].data_validations.dataValidation:
        area = validation.formula1.partition("!")[2]
        column = names[next(iter(validation.sqref.ranges)).min_col - 1]
        by_column[column] = [cell.value for (cell,) in lists[area.replace("$", "")]]
    assert by_column["type"] == ["sample"]
    assert by_column["sample_type"] == list(DICTIONARY["sample"].properties["sample_type"].enum)
    assert by_column["is_ffpe"] == ["true", "false"]
    assert "volume_ml" not in by_column


def test_long_lists_and_lists_of_several_values_are_there_too(tmp_path: Path) -> None:
    many = [f"value, {number}" for number in range(3_000)]
    dictionary = own_dictionary(
        many={"enum": many},
        several={"type": "array", "items": {"enum": ["a", "b"]}},
        either={"oneOf": [{"enum": ["Unknown"]}, {"type": "string", "pattern": "^X"}]},
    )
    book = opened(tmp_path, workbook([template(dictionary, "sample")]))
    names = [cell.value for cell in book["sample"][1]]
    found = {
        names[next(iter(each.sqref.ranges)).min_col - 1]: each
        for each in book["sample"].data_validations.dataValidation
    }
    assert found["many"].formula1.endswith("$3001")
    assert found["many"].showErrorMessage
    assert not found["several"].showErrorMessage  # `a,b` is a value as well
    assert "either" not in found or not found["either"].showErrorMessage


def test_the_notes_tell_of_every_column(tmp_path: Path) -> None:
    given = template(DICTIONARY, "sample")
    rows = list(opened(tmp_path, workbook([given]))["notes"].iter_rows(values_only=True))
    assert rows[0] == ("node type", "column", "required", "what a cell holds", "allowed values", "description")
    by_column = {row[1]: row for row in rows[1:]}
    assert list(by_column) == given.header()
    assert by_column["sample_type"][2] == "yes"
    assert "Plasma" in by_column["sample_type"][4]
    assert "more than 0" in by_column["volume_ml"][3]


def test_texts_of_a_dictionary_are_no_formulas_and_break_no_workbook(tmp_path: Path) -> None:
    hostile = {"enum": ["=1+1", "\x00\x07a", "<b>&amp;"], "description": "=HYPERLINK(\x1b[31m)"}
    book = opened(tmp_path, workbook([template(own_dictionary(hostile=hostile), "sample")]))
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert types == {"s"}
    values = [cell.value for row in book["allowed values"].iter_rows() for cell in row]
    assert "=1+1" in values


def test_names_of_node_types_that_sheets_cannot_have(tmp_path: Path) -> None:
    served = DICTIONARY.served()
    long = "a_node_type_with_a_very_long_name_"
    for name in (f"{long}1", f"{long}2", "notes"):
        served[name] = {**served["sample"], "id": name}
    dictionary = Dictionary.load(served)
    templates = [template(dictionary, name) for name in (f"{long}1", f"{long}2", "notes")]
    book = opened(tmp_path, workbook(templates))
    assert len(book.sheetnames) == 5
    assert all(len(name) <= 31 for name in book.sheetnames)


@pytest.mark.parametrize("node", ["project", "program", "sampel", "no such"])
def test_what_has_no_template_is_told(node: str) -> None:
    with pytest.raises(UsageProblem) as told:
        template(DICTIONARY, node)
    assert node in str(told.value)
    assert ("`sample`" in str(told.value)) == (node == "sampel")


def test_one_template_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["template", "sample", "--mark-required", *WHERE]) == 0
    out = capsys.readouterr().out
    assert out.startswith("*type\t*submitter_id\t*subjects.submitter_id\t*sample_type\t")
    assert out.count("\n") == 1


def test_several_go_into_a_folder_or_into_one_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["template", "sample", "subject", "--output", str(tmp_path / "out"), *WHERE]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["sample.tsv", "subject.tsv"]
    assert run(["template", "sample", "subject", "--output", str(tmp_path / "both.xlsx"), *WHERE]) == 0
    assert openpyxl.load_workbook(tmp_path / "both.xlsx").sheetnames == ["sample", "subject", "notes", "allowed values"]
    args = ["template", "sample", "--format", "xlsx", "--output", str(tmp_path / "out"), *WHERE]
    assert run(args) == 0
    assert (tmp_path / "out" / "sample.xlsx").exists()
    capsys.readouterr()


@pytest.mark.parametrize(
    "arguments",
    [
        ["sample", "subject"],
        ["sample", "--format", "xlsx"],
        ["sample", "subject", "--output", "one.tsv"],
        ["sample", "--format", "tsv", "--output", "one.xlsx"],
        ["sampel"],
    ],
)
def test_usage_mistakes_are_one_sentence(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["template", *arguments, *WHERE]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_there_are_kept_unless_asked_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sample.tsv"
    path.write_text("precious", encoding="utf-8")
    assert run(["template", "sample", "--output", str(path), *WHERE]) == 2
    assert path.read_text(encoding="utf-8") == "precious"
    assert run(["template", "sample", "--output", str(path), "--overwrite", *WHERE]) == 0
    assert path.read_text(encoding="utf-8").startswith("type\t")
    assert json.dumps(capsys.readouterr().err).count("--overwrite") == 1
