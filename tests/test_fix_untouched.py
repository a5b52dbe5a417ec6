"""What a fix does not mend stays byte for byte; what it did mend, it does not mend again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.fixing import fix
from gen3submit.fixing.lexing import read_written, value_of, written
from gen3submit.rules.bodies import read_table

SAMPLE_DATA = Path(__file__).parent.parent / "sample_data"
ID = "01234567-89ab-4cde-8f01-23456789abcd"
DICTIONARY = Dictionary.load(practice_dictionary_folder())

bodies = st.text(alphabet='ab"\t,\n\r *#\xa0', max_size=40)
delimiters = st.sampled_from("\t,")


@given(bodies, delimiters)
@settings(max_examples=300)
@example('a\t"b\nc', "\t")
@example('"a""', "\t")
@example(" \n\ta\tb\n\n\n", "\t")
def test_a_table_taken_to_pieces_is_the_same_put_together(text: str, delimiter: str) -> None:
    assert read_written(text, delimiter).text() == text


@given(bodies, delimiters)
@settings(max_examples=300)
@example('a\t"b\nc"d\t"e', "\t")
@example('x\n"a""\nb', "\t")
def test_its_cells_are_those_that_the_server_reads(text: str, delimiter: str) -> None:
    ours = read_written(text, delimiter)
    theirs = read_table(text, delimiter)
    rows = [
        (row.line, [value.replace("\r\n", "\n").replace("\r", "\n") for value in row.values()])
        for row in (ours.header, *ours.rows)
    ]
    server = [(row.line, [cell for cell in row.cells if cell is not None] + list(row.extra)) for row in theirs.rows]
    if not text.strip() or rows[0][1] == [""]:
        return
    assert rows[0][1] == list(theirs.header)
    # An empty line is no row for the server; a line of two quotes is one of an empty cell.
    assert [row for row in rows[1:] if row[1] != [""]] == [row for row in server if row[1] != [""]]


@given(st.text(max_size=30), delimiters, st.sampled_from(["", '"x"']))
def test_a_value_written_as_a_cell_says_the_same(value: str, delimiter: str, like: str) -> None:
    cell = written(value, delimiter, like)
    assert value_of(cell) == value


def test_a_clean_submission_is_not_touched(tmp_path: Path) -> None:
    result = fix(SAMPLE_DATA / "study", dictionary=DICTIONARY, project="practice-study", existing=[], unsafe=True)
    assert result.changes == ()
    for table in result.tables:
        assert table.data == Path(table.path).read_bytes()
    assert result.ok


cells = st.one_of(
    st.sampled_from(
        ["Plasma", "plasma", " Fresh", "yes", "12.0", "", "null", "None", '"quoted"', '"a ""b"""', "#", "x;y"]
    ),
    st.text(alphabet='aé\u200b\u2028" ,.;1\xa0', max_size=6),
)
names = st.sampled_from(
    ["sample_type", "Is_FFPE", "days_to_collection", "*comment", "volume_ml", "subjects.submitter_id", "", "subject.id"]
)


@given(st.lists(names, max_size=4), st.lists(st.lists(cells, max_size=6), max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_fix_of_a_fix_changes_nothing(columns: list[str], rows: list[list[str]]) -> None:
    lines = [["type", "submitter_id", *columns], *([f"sample\tS-{n}", *row] for n, row in enumerate(rows))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.tsv")
        path.write_text("\n".join("\t".join(line) for line in lines) + "\n", encoding="utf-8", newline="")
        once = fix(path, dictionary=DICTIONARY)
        once.write_in_place()
        assert path.read_bytes() == once.tables[0].data
        again = fix(path, dictionary=DICTIONARY)
    assert again.changes == ()
    assert again.tables[0].data == once.tables[0].data


def test_columns_that_say_the_same_once_their_cells_are_mended_become_one(tmp_path: Path) -> None:
    path = tmp_path / "sample.tsv"
    path.write_text("type\tsubmitter_id\tsample_type\tsample_type\nsample\tS-1\tplasma\tPlasma\n", encoding="utf-8")
    once = fix(path, dictionary=DICTIONARY)
    assert once.tables[0].data == b"type\tsubmitter_id\tsample_type\nsample\tS-1\tPlasma\n"
    once.write_in_place()
    assert fix(path, dictionary=DICTIONARY).changes == ()


def test_a_column_without_a_name_goes_once_its_cells_are_mended_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sample.tsv"
    path.write_text("type\tsubmitter_id\tsample_type\t\nsample\tS-1\tPlasma\t\u200b\n", encoding="utf-8")
    assert fix(path, dictionary=DICTIONARY).tables[0].data == (
        b"type\tsubmitter_id\tsample_type\nsample\tS-1\tPlasma\n"
    )


def test_a_change_leaves_quotes_order_and_line_ends_around_it(tmp_path: Path) -> None:
    path = tmp_path / "sample.tsv"
    head = b'submitter_id\t"type"\tsubjects.submitter_id\tsample_type\tstorage_position\r\n'
    first = b'"S-1"\tsample\tSUBJ-0001\tPlasma\t"F01-R1-B1"\r\n'
    second = b'S-2\tsample\tSUBJ-0001\t"plasma"\t"F01-R1-B2"\r\n'
    path.write_bytes(head + first + second)
    result = fix(path, dictionary=DICTIONARY)
    assert result.tables[0].data == head + first + second.replace(b'"plasma"', b'"Plasma"')


def test_the_corrected_tables_are_a_whole_submission_beside_the_old_one(tmp_path: Path) -> None:
    given_ = tmp_path / "given"
    shutil.copytree(SAMPLE_DATA / "study", given_)
    (given_ / "sample.tsv").write_bytes((given_ / "sample.tsv").read_bytes().replace(b"\tPlasma\t", b"\tPLASMA\t", 1))
    before = {path.name: path.read_bytes() for path in given_.iterdir()}
    result = fix(given_, dictionary=DICTIONARY, project="practice-study", existing=[])
    assert not (tmp_path / "fixed").exists()
    paths = result.write(tmp_path / "fixed")
    assert sorted(path.name for path in paths) == sorted(before)
    assert {path.name: path.read_bytes() for path in given_.iterdir()} == before
    for path in paths:
        original = (SAMPLE_DATA / "study" / path.name).read_bytes()
        assert path.read_bytes() == original


def test_tables_of_one_name_get_two_names(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "sample.tsv").write_text(f"type\tsubmitter_id\nsample\t{folder}\n", encoding="utf-8")
    result = fix([tmp_path / "a", tmp_path / "b"], dictionary=DICTIONARY)
    written_paths = result.write(tmp_path / "out")
    assert [path.name for path in written_paths] == ["sample.tsv", "sample-2.tsv"]
    assert written_paths[1].read_text(encoding="utf-8").endswith("sample\tb\n")


def test_a_data_frame_is_fixed_too_and_written_under_a_name_of_its_own(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"type": ["Sample"], "submitter_id": ["S-1"], "sample_type": ["plasma"]})
    result = fix(frame, dictionary=DICTIONARY)
    assert [change.after for change in result.changes] == ["sample", "Plasma"]
    assert [path.name for path in result.write(tmp_path)] == ["dataframe-1.tsv"]


def test_a_commons_is_asked_once_for_the_records_of_a_node_type(tmp_path: Path) -> None:
    class CommonsOfOneSubject:
        asked: ClassVar[list[str]] = []

        def export(self, project_id: str, node: str) -> Iterator[dict[str, Any]]:
            self.asked.append(node)
            return iter([{"type": "subject", "id": ID, "submitter_id": "SUBJ-1"}] if node == "subject" else [])

    path = tmp_path / "sample.tsv"
    head = "type\tsubmitter_id\tsubjects.submitter_id\tsample_type\n"
    path.write_text(f"{head}sample\tS-1\tSUBJ-1\u200b\tPlasma\n", encoding="utf-8")
    result = fix(path, dictionary=DICTIONARY, project="practice-study", existing=CommonsOfOneSubject())
    assert [change.after for change in result.changes] == ["SUBJ-1"]
    assert result.ok
    assert len(CommonsOfOneSubject.asked) == len(set(CommonsOfOneSubject.asked))


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    original = tmp_path / "original.tsv"
    original.write_text("type\tsubmitter_id\nSample\tS-1\n", encoding="utf-8")
    link = tmp_path / "link.tsv"
    link.symlink_to(original)
    fix(link, dictionary=DICTIONARY).write_in_place()
    assert link.is_symlink()
    assert original.read_text(encoding="utf-8").endswith("\nsample\tS-1\n")
