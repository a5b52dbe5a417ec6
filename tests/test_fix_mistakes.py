"""What a fix mends without guessing, what only with guesses, and what it leaves to the person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.fixing import Change, FixResult, fix

SAMPLE_DATA = Path(__file__).parent.parent / "sample_data"
MISTAKES = SAMPLE_DATA / "mistakes"
EXPECTED = json.loads((MISTAKES / "expected.json").read_text(encoding="utf-8"))

MENDED = {
    "boolean-yes.tsv": "boolean",
    "byte-order-mark.tsv": "byte-order-mark",
    "column-letter-case.tsv": "column-name",
    "column-misspelt.tsv": "column-name",
    "commas-in-tsv.tsv": "delimiter",
    "comment-line.tsv": "comment-line",
    "integer-decimal-point.tsv": "integer",
    "latin-1.tsv": "encoding",
    "line-separator.tsv": "line-separator",
    "link-column-misspelt.tsv": "column-name",
    "md5-upper-case.tsv": "letter-case",
    "parent-invisible-character.tsv": "invisible-character",
    "parent-of-project.tsv": "project-code",
    "trailing-tab-everywhere.tsv": "nameless-column",
    "trailing-tab-in-row.tsv": "cells-too-many",
    "type-letter-case.tsv": "type",
    "value-letter-case.tsv": "allowed-value",
    "value-no-break-space.tsv": "allowed-value",
}
GUESSED = {
    "array-semicolon.tsv": ("Hoarseness; Fatigue", "Hoarseness,Fatigue"),
    "column-twice.tsv": ("", ""),
    "date-local-form.tsv": ("11.05.2023", "2023-05-11T00:00:00Z"),
    "date-time-no-offset.tsv": ("2023-05-12T10:30:00", "2023-05-12T10:30:00Z"),
    "integer-exponent.tsv": ("1.50E+09", "1500000000"),
    "none-text.tsv": ("None", ""),
    "number-decimal-comma.tsv": ("8,5", "8.5"),
    "number-na.tsv": ("NA", ""),
    "number-nan.tsv": ("NaN", ""),
    "number-with-unit.tsv": ("4 ml", "4"),
    "open-quote.tsv": ('"to be discussed', '"""to be discussed"'),
    "parent-missing.tsv": ("SUBJ-0O02", "SUBJ-0002"),
    "parents-comma.csv": ("CMC-0001,CMC-0003", "CMC-0001#CMC-0003"),
    "parents-semicolon.tsv": ("CMC-0001;CMC-0003", "CMC-0001,CMC-0003"),
    "type-blank.tsv": ("", "sample"),
    "type-misspelt.tsv": ("samples", "sample"),
    "value-not-allowed.tsv": ("Primary Tumour", "Primary Tumor"),
}


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return Dictionary.load(practice_dictionary_folder())


def fixed(name: str, dictionary: Dictionary, *, unsafe: bool = False) -> FixResult:
    return fix(
        MISTAKES / name,
        dictionary=dictionary,
        project="practice-study",
        existing=[SAMPLE_DATA / "study"],
        unsafe=unsafe,
    )


def only(changes: tuple[Change, ...]) -> Change:
    found = {change.kind: change for change in changes if change.lines} or {change.kind: change for change in changes}
    assert len(found) == 1, changes
    return next(iter(found.values()))


def sample(tmp_path: Path, dictionary: Dictionary, text: str | bytes, *, unsafe: bool = False) -> FixResult:
    path = tmp_path / "table.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return fix(path, dictionary=dictionary, project="practice-study", existing=[SAMPLE_DATA / "study"], unsafe=unsafe)


HEADER = "type\tsubmitter_id\tsubjects.submitter_id\tsample_type\tis_ffpe\tdays_to_collection\n"
ROW = "sample\tNEW-1\tSUBJ-0001\tPlasma\ttrue\t3\n"


@pytest.mark.parametrize("name", MENDED)
def test_what_cannot_alter_the_meaning_is_mended_and_then_checks_clean(name: str, dictionary: Dictionary) -> None:
    result = fixed(name, dictionary)
    change = only(result.changes)
    assert (change.kind, change.guess) == (MENDED[name], False)
    if change.kind in ("column-name", "nameless-column"):
        assert change.lines == (1,)
    elif change.lines:
        assert change.lines == (EXPECTED[name]["line"],)
    assert result.left.summary()["findings_by_code"] == {}
    assert result.ok


@pytest.mark.parametrize("name", GUESSED)
def test_guesses_are_made_only_where_they_were_asked_for_and_are_marked(name: str, dictionary: Dictionary) -> None:
    assert fixed(name, dictionary).changes == ()
    result = fixed(name, dictionary, unsafe=True)
    change = only(result.changes)
    assert change.guess
    assert (change.before, change.after) == GUESSED[name]
    assert result.left.summary()["findings_by_code"] == {}


@pytest.mark.parametrize("name", sorted(EXPECTED.keys() - MENDED.keys() - GUESSED.keys()))
def test_what_nobody_can_know_is_left_as_it_is_and_said(name: str, dictionary: Dictionary) -> None:
    result = fixed(name, dictionary, unsafe=True)
    assert result.changes == ()
    assert result.tables[0].data == (MISTAKES / name).read_bytes()
    if name.startswith("duplicate-across"):  # the mistake is only seen in the two of them together
        result = fix([MISTAKES / f"duplicate-across-files-{n}.tsv" for n in (1, 2)], dictionary=dictionary, unsafe=True)
    assert result.left.summary()["findings_by_code"]


def test_the_corrected_bytes_differ_in_the_mended_cell_alone(dictionary: Dictionary) -> None:
    before = (MISTAKES / "value-letter-case.tsv").read_bytes()
    assert fixed("value-letter-case.tsv", dictionary).tables[0].data == before.replace(b"\tplasma", b"\tPlasma")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_unicode_encodings_become_utf_8(encoding: str, tmp_path: Path, dictionary: Dictionary) -> None:
    result = sample(tmp_path, dictionary, (HEADER + ROW).encode(encoding))
    assert result.tables[0].data == (HEADER + ROW).encode()
    assert result.ok


def test_bytes_of_two_encodings_in_one_file_are_left_alone(tmp_path: Path, dictionary: Dictionary) -> None:
    data = HEADER.encode() + ROW.encode().replace(b"NEW-1", "NEW-ö".encode() + b"\xf6")
    result = sample(tmp_path, dictionary, data, unsafe=True)
    assert result.tables[0].data == data
    assert result.left.summary()["findings_by_code"] == {"not-utf8": 1}


def test_line_ends_are_made_alike_only_where_they_are_not(tmp_path: Path, dictionary: Dictionary) -> None:
    windows = (HEADER + ROW).replace("\n", "\r\n")
    assert sample(tmp_path, dictionary, windows).changes == ()
    mixed = HEADER.replace("\n", "\r\n") + ROW
    assert sample(tmp_path, dictionary, mixed).tables[0].data == (HEADER + ROW).encode()
    macintosh = (HEADER + ROW).replace("\n", "\r")
    assert sample(tmp_path, dictionary, macintosh).tables[0].data == (HEADER + ROW).encode()


def test_blank_lines_and_stray_white_space_go(tmp_path: Path, dictionary: Dictionary) -> None:
    text = "\n" + HEADER + "\n" + ROW.replace("Plasma", " Plasma\xa0") + "\t\t\t\t\t\n\n"
    result = sample(tmp_path, dictionary, text)
    assert result.tables[0].data == (HEADER + ROW).encode()
    assert {change.kind: change.lines for change in result.changes} == {
        "blank-line": (1, 3, 5, 6),
        "white-space": (4,),
    }


def test_comments_before_the_header_go(tmp_path: Path, dictionary: Dictionary) -> None:
    result = sample(tmp_path, dictionary, "# exported on a Tuesday\n" + HEADER + ROW)
    assert result.tables[0].data == (HEADER + ROW).encode()


def test_a_header_that_repeats_among_the_rows_goes(tmp_path: Path, dictionary: Dictionary) -> None:
    second = ROW.replace("NEW-1", "NEW-2")
    result = sample(tmp_path, dictionary, HEADER + ROW + HEADER + second)
    assert result.tables[0].data == (HEADER + ROW + second).encode()
    assert [change.kind for change in result.changes] == ["header-repeated"]


@pytest.mark.parametrize("odd", ["Type", " type", "type*", "* type", "**TYPE", "\u200btype"])
def test_an_odd_spelling_of_the_type_column_is_mended(odd: str, tmp_path: Path, dictionary: Dictionary) -> None:
    assert sample(tmp_path, dictionary, (HEADER + ROW).replace("type", odd, 1)).ok


def test_asterisks_that_the_server_takes_away_itself_stay(tmp_path: Path, dictionary: Dictionary) -> None:
    result = sample(tmp_path, dictionary, ("*" + HEADER).replace("sample_type", "*Sample Type") + ROW)
    assert result.tables[0].data.startswith(b"*type\tsubmitter_id\tsubjects.submitter_id\t*sample_type\t")
    assert result.ok


@pytest.mark.parametrize("written", ["weight_kg", "volume_l", "is_ffpe2", "diagnosis", "days_to_correction"])
def test_a_column_that_may_be_another_one_is_not_renamed(written: str, tmp_path: Path, dictionary: Dictionary) -> None:
    text = HEADER.replace("is_ffpe", written) + ROW.replace("true", "5")
    result = sample(tmp_path, dictionary, text)
    assert result.changes == ()
    assert result.left.summary()["findings_by_code"] == {"unknown-column": 1}


def test_the_property_of_another_node_type_is_no_slip(tmp_path: Path, dictionary: Dictionary) -> None:
    text = HEADER.replace("is_ffpe", "volumes_ml") + ROW.replace("true", "5")
    assert [change.after for change in sample(tmp_path, dictionary, text).changes] == ["volume_ml"]
    served = dictionary.served()
    served["subject"]["properties"]["volumes_ml"] = {"type": "array", "items": {"type": "number"}}
    assert sample(tmp_path, Dictionary.load(served), text).changes == ()


def test_a_misspelt_column_beside_the_right_one_is_not_renamed(tmp_path: Path, dictionary: Dictionary) -> None:
    text = HEADER.replace("is_ffpe", "Sample_Type") + ROW.replace("true", "Plasma")
    assert sample(tmp_path, dictionary, text, unsafe=True).changes == ()


def test_a_link_named_by_the_parents_type_gets_its_name(tmp_path: Path, dictionary: Dictionary) -> None:
    result = sample(tmp_path, dictionary, (HEADER + ROW).replace("subjects.", "subject."))
    assert result.ok
    guessed = sample(tmp_path, dictionary, (HEADER + ROW).replace("subjects.submitter_id", "subject_id"), unsafe=True)
    assert [(change.kind, change.guess) for change in guessed.changes] == [("column-name", True)]
    assert guessed.ok


@pytest.mark.parametrize("written", ["Plasma ", "PLASMA", "plas ma", "\u200bPlasma", "Pl\u00adasma"], ids=ascii)
def test_spellings_of_an_allowed_value(written: str, tmp_path: Path, dictionary: Dictionary) -> None:
    result = sample(tmp_path, dictionary, HEADER + ROW.replace("Plasma", written))
    assert result.tables[0].data == (HEADER + ROW).encode()


@pytest.mark.parametrize("written", ["Plasm", "Not Plasma", "Primary", "Serum", "PlasmaX"])
def test_another_word_is_no_spelling_of_an_allowed_value(written: str, tmp_path: Path, dictionary: Dictionary) -> None:
    assert sample(tmp_path, dictionary, HEADER + ROW.replace("Plasma", written)).changes == ()


@pytest.mark.parametrize(("written", "right"), [("yes", "true"), ("N", "false"), ("1", "true"), ("0.0", "false")])
def test_words_for_true_and_false(written: str, right: str, tmp_path: Path, dictionary: Dictionary) -> None:
    result = sample(tmp_path, dictionary, HEADER + ROW.replace("true", written))
    assert result.tables[0].data == (HEADER + ROW.replace("true", right)).encode()


@pytest.mark.parametrize("written", ["TRUE", "True", "false"])
def test_words_that_the_server_takes_stay(written: str, tmp_path: Path, dictionary: Dictionary) -> None:
    assert sample(tmp_path, dictionary, HEADER + ROW.replace("true", written)).changes == ()


@pytest.mark.parametrize("written", ["12.5", "1,500", "1e3", "12 months"])
def test_numbers_that_are_not_whole_stay(written: str, tmp_path: Path, dictionary: Dictionary) -> None:
    assert sample(tmp_path, dictionary, HEADER + ROW.replace("\t3\n", f"\t{written}\n")).changes == ()


def test_thousands_are_no_decimal_comma(tmp_path: Path, dictionary: Dictionary) -> None:
    text = HEADER.replace("is_ffpe", "volume_ml") + ROW.replace("true", "1,500")
    assert sample(tmp_path, dictionary, text, unsafe=True).changes == ()


def test_an_id_that_differs_in_its_digits_is_not_the_nearest_one(tmp_path: Path, dictionary: Dictionary) -> None:
    result = sample(tmp_path, dictionary, HEADER + ROW.replace("SUBJ-0001", "SUBJ-9001"), unsafe=True)
    assert result.changes == ()


def test_an_id_of_its_own_keeps_what_cannot_be_seen_if_the_commons_may_know_it(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    path = tmp_path / "table.tsv"
    path.write_text(HEADER + ROW.replace("NEW-1", "NEW-1\u200b"), encoding="utf-8")
    assert fix(path, dictionary=dictionary).changes == ()
    held = tmp_path / "held.tsv"
    held.write_bytes(path.read_bytes())
    assert fix(path, dictionary=dictionary, project="practice-study", existing=[held]).changes == ()
    known = fix(path, dictionary=dictionary, project="practice-study", existing=[SAMPLE_DATA / "study"])
    assert known.tables[0].data == (HEADER + ROW).encode()


def test_a_mended_id_is_found_by_the_links_that_name_it(tmp_path: Path, dictionary: Dictionary) -> None:
    (tmp_path / "subject.tsv").write_text(
        "type\tsubmitter_id\tstudies.submitter_id\tspecies\nsubject\tS-1\u200b\tSTUDY-0001\tHomo sapiens\n",
        encoding="utf-8",
    )
    (tmp_path / "sample.tsv").write_text(HEADER + ROW.replace("SUBJ-0001", "S-1\u200b"), encoding="utf-8")
    result = fix(tmp_path, dictionary=dictionary, project="practice-study", existing=[SAMPLE_DATA / "study"])
    assert {change.kind for change in result.changes} == {"invisible-character"}
    assert "parent-missing" not in result.left.summary()["findings_by_code"]
