"""``gen3submit fix`` as it is used: what it prints, writes and answers."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from gen3submit.cli.main import run
from gen3submit.dictionary import practice_dictionary_folder

SAMPLE_DATA = Path(__file__).parent.parent / "sample_data"
WHERE = ["--dictionary", str(practice_dictionary_folder()), "--project", "practice-study"]
KNOWN = ["--existing", str(SAMPLE_DATA / "study")]
BAD = (
    "type\tsubmitter_id\tsubjects.submitter_id\tsample_type\tvolume_ml\n"
    "sample\tNEW-1\tSUBJ-0001\tplasma\t1\n"
    "sample\tNEW-2\tSUBJ-0001\tplasma\t1,5\n"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "sample.tsv"
    path.write_text(BAD, encoding="utf-8", newline="")
    return path


def test_without_a_place_to_write_to_it_only_shows(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fix", str(table), *WHERE, *KNOWN]) == 1
    out = capsys.readouterr().out
    assert f"{table}:2  sample_type  `plasma` → `Plasma`" in out
    assert "also on line 3" in out
    assert "nothing was written" in out
    assert "error[wrong-type]" in out  # what is left
    assert table.read_text(encoding="utf-8") == BAD


def test_corrected_copies_and_the_list_of_changes(table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    assert run(["fix", str(table), "--output", str(folder), "--unsafe", *WHERE, *KNOWN]) == 0
    assert (folder / "sample.tsv").read_text(encoding="utf-8") == BAD.replace("plasma", "Plasma").replace("1,5", "1.5")
    assert table.read_text(encoding="utf-8") == BAD
    with (folder / "changes" / "changes.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert [(row["line"], row["column"], row["before"], row["after"], row["guess"]) for row in rows] == [
        ("2", "sample_type", "plasma", "Plasma", "false"),
        ("3", "sample_type", "plasma", "Plasma", "false"),
        ("3", "volume_ml", "1,5", "1.5", "true"),
    ]
    listed = json.loads((folder / "changes" / "changes.json").read_text(encoding="utf-8"))
    assert [change["lines"] for change in listed["changes"]] == [[2, 3], [3]]
    # The list is no table of the submission that the folder is.
    assert run(["check", str(folder), "-qq", *WHERE, *KNOWN]) == 0


def test_in_place_only_when_asked_for(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fix", str(table), "--in-place", *WHERE, *KNOWN]) == 1
    assert table.read_text(encoding="utf-8") == BAD.replace("plasma", "Plasma")
    assert run(["fix", str(table), "--output", str(table.parent), *WHERE, *KNOWN]) == 2
    assert "one of the tables themselves" in capsys.readouterr().err


def test_files_in_the_output_folder_are_not_replaced_unless_asked_for(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir()
    (folder / "sample.tsv").write_text("precious", encoding="utf-8")
    assert run(["fix", str(table), "--output", str(folder), *WHERE]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (folder / "sample.tsv").read_text(encoding="utf-8") == "precious"
    run(["fix", str(table), "--output", str(folder), "--overwrite", *WHERE])
    assert (folder / "sample.tsv").read_text(encoding="utf-8") == BAD.replace("plasma", "Plasma")


def test_machine_formats_stand_alone_on_stdout(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["fix", str(table), "--format", "json", *WHERE])
    assert json.loads(capsys.readouterr().out)["version"] == 1
    run(["fix", str(table), "--format", "tsv", *WHERE])
    assert capsys.readouterr().out.startswith("file\tline\tcolumn\tbefore\tafter\tguess\tkind\twhy\n")


def test_usage_mistakes_are_told_in_one_line(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fix", str(table), "--in-place", "--output", str(tmp_path / "x"), *WHERE]) == 2
    assert run(["fix", str(table), "--changes", "changes.xml", *WHERE]) == 2
    assert run(["fix", str(tmp_path / "none.tsv"), *WHERE]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 3
    assert "Traceback" not in err


def test_hostile_values_stay_text_in_the_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "diagnosis.tsv"
    hostile = [" =HYPERLINK(1)", " \x1b[31mred", " +1"]
    rows = [f"diagnosis\tD-{n}\t{value}" for n, value in enumerate(hostile)]
    path.write_text("\n".join(["type\tsubmitter_id\tcomment", *rows]), encoding="utf-8")
    run(["fix", str(path), "--changes", str(tmp_path / "changes.tsv"), *WHERE])
    assert "\x1b" not in capsys.readouterr().out
    text = (tmp_path / "changes.tsv").read_text(encoding="utf-8")
    assert "\t'=HYPERLINK(1)\t" in text
    assert "\t+1\t" in text  # a plain number is no formula


def test_a_sheet_of_a_workbook_becomes_a_text_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Samples"
    for line in BAD.splitlines():
        book.active.append(line.split("\t"))
    book.save(tmp_path / "book.xlsx")
    assert run(["fix", str(tmp_path / "book.xlsx"), "--in-place", *WHERE]) == 2
    assert "cannot be corrected in place" in capsys.readouterr().err
    run(["fix", str(tmp_path / "book.xlsx"), "--output", str(tmp_path / "out"), *WHERE])
    assert (tmp_path / "out" / "Samples.tsv").read_text(encoding="utf-8") == BAD.replace("plasma", "Plasma")
