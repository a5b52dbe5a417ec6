"""A check shown in a notebook: short, and nothing of the data is more than text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from gen3submit import check
from gen3submit.dictionary import practice_dictionary_folder
from gen3submit.report import notebook

SAMPLE_DATA = Path(__file__).parent.parent / "sample_data"


class Read(HTMLParser):
    """The tags of a document, and its text."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(*paths: Path) -> Read:
    known = [SAMPLE_DATA / "study"]
    result = check(list(paths), dictionary=practice_dictionary_folder(), project="practice-study", existing=known)
    return Read(result._repr_html_())  # what a notebook calls


def test_the_verdict_and_the_problems_are_told() -> None:
    found = shown(SAMPLE_DATA / "mistakes" / "value-letter-case.tsv")
    assert "1 of 3 rows would not go in" in found.text
    assert "error[value-not-allowed]" in found.text
    assert "plasma is not an allowed value of sample_type" in found.text
    assert "value-letter-case.tsv:3" in found.text


def test_a_clean_check_has_no_problems() -> None:
    found = shown(*sorted((SAMPLE_DATA / "study").glob("su*t.tsv")))
    assert "everything would go in" in found.text
    assert found.tags.count("table") == 1


def test_it_stays_short_however_much_is_wrong() -> None:
    found = shown(SAMPLE_DATA / "mistakes")
    assert found.tags.count("tr") == 1 + notebook.MOST_FILES + 1 + notebook.MOST_PROBLEMS
    assert "more files" in found.text
    assert "more problems" in found.text


def test_hostile_values_columns_and_names_stay_text(tmp_path: Path) -> None:
    script = "<script>alert(1)</script>"
    path = tmp_path / "<img src=x onerror=alert(1)>.tsv"
    path.write_text(
        f"type\tsubmitter_id\tsample_type\t{script}\nsample\t{script}`<b>\t{script}\x1b[31m\t1\n", encoding="utf-8"
    )
    found = shown(path)
    assert set(found.tags) <= {"div", "p", "b", "br", "table", "thead", "tbody", "tr", "th", "td", "span", "i", "code"}
    assert found.attributes <= {"style"}
    assert script in found.text
    assert "\x1b" not in found.text
