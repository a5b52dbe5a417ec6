"""The HTML report: what it holds, and that nothing of the data becomes more than text."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from headless import Browser, find_browser
from report_examples import HOSTILE, Submission, clean, hostile, large, mistakes, plan, submission, view_of, written

from gen3submit.report import html

HERE = Path()


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Elements(HTMLParser):
    """Every element with its attributes, and the text of those that are asked for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = f"{tag}#{dict(attrs).get('id', '')}"

    def handle_data(self, data: str) -> None:
        self.texts[self._inside] = self.texts.get(self._inside, "") + data


def data_of(page: str) -> dict[str, object]:
    return json.loads(Elements(page).texts["script#report-data"])


def test_sections_stand_in_their_order() -> None:
    page = Elements(written("html", submission(HERE)))
    assert [attributes["id"] for tag, attributes in page.found if tag == "section"] == [
        "facts", "next", "picture", "problems", "changes", "files", "rows", "requests", "events", "codes", "data",
    ]  # fmt: skip
    assert re.search(r"<h1>.*5 of 9 rows are not confirmed</h1>", written("html", submission(HERE)))


def test_nothing_is_loaded_and_only_our_script_runs() -> None:
    page = written("html", mistakes(HERE))
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    script = page.rpartition("<script>")[2].partition("</script>")[0]
    style = page.partition("<style>")[2].partition("</style>")[0]
    for kind, text in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src &#39;sha256-{digest}&#39;;" in policy
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "unsafe" not in policy
    assert "innerHTML" not in script
    for tag, attributes in Elements(page).found:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form") or attributes.get("id") == "filters"
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:,"))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_the_data_makes_an_element(text: str) -> None:
    """The elements are those of a harmless report, whatever the cells hold."""
    harmless, page = (Elements(written("html", hostile(each))) for each in ("plain", text))

    def shape(elements: Elements) -> list[str]:
        # A value with backticks in it is no code, and a long one stands in a title: these alone may differ.
        return [tag for tag, _ in elements.found if tag != "code"]

    assert shape(page) == shape(harmless)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_data_comes_back_as_it_was(text: str) -> None:
    result = hostile(text)
    page = written("html", result)
    data = data_of(page)
    assert data["report"] == {name: part for name, part in result.to_dict().items() if name != "rows"}
    [first, second] = data["rows"]
    assert first[4] == second[4] == text
    assert data["findings"][first[7][0]] == result.files[0].row_findings[1][0].to_dict()


def test_rows_beyond_five_thousand_stand_in_the_data_only() -> None:
    page = written("html", large(6_000))
    assert page.count('<tr><td class="path" data-label="place">') == html.STATIC_ROWS
    assert len(data_of(page)["rows"]) == 6_000
    assert "The first 5,000 of 6,000 rows, those with findings first." in page


def test_a_huge_report_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "EMBEDDED_ROWS", 50)
    page = written("html", large(100))
    rows = data_of(page)["rows"]
    assert len(rows) == 50
    assert all(row[7] for row in rows[:10]), "rows with findings come first"
    assert "50 of 100 rows are in it, those with findings first" in page


def test_values_can_be_left_out() -> None:
    page = written("html", mistakes(HERE), no_values=True)
    assert "Values of the data, submitter_ids and the server&#39;s words are left out" in page
    assert not re.search(r"\bS-\d\b|Primary Tumour\b(?! in)", page.partition('id="codes"')[0])


def test_a_clean_report_is_calm() -> None:
    page = written("html", clean(HERE))
    assert "everything would go in: 2 rows of 1 file" in page
    assert "No problems were found." in page


# In a real browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        assert not os.environ.get("GEN3SUBMIT_REQUIRE_BROWSER"), "no Chromium, though these tests are required"
        pytest.skip("no Chromium is installed (CHROMIUM names one)")
    with Browser(path, tmp_path_factory.mktemp("profile")) as running:
        yield running


def page_of(tmp_path: Path, result: object, **options: object) -> Path:
    path = tmp_path / "report.html"
    path.write_text(written("html", result, **options), encoding="utf-8", errors="backslashreplace")
    return path


def shown_rows(browser: Browser) -> list[str]:
    return browser.run(
        "Array.from(document.querySelectorAll('#row-table tbody tr'), (row) => row.cells[0].textContent)"
    )


def choose(browser: Browser, name: str, value: str) -> None:
    browser.run(
        f"(() => {{ const s = document.getElementById('filter-{name}'); s.value = {json.dumps(value)};"
        "s.dispatchEvent(new Event('change')); })()"
    )


def type_in(browser: Browser, text: str) -> None:
    browser.run("document.getElementById('filter-text').select()")
    browser.call("Input.insertText", text=text)
    browser.run("new Promise((done) => setTimeout(done, 150))")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("dark", [False, True])
def test_the_report_opens_without_complaint_and_fits(browser: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    for result in (mistakes(HERE), plan(HERE), submission(HERE), clean(HERE), hostile("x" * 300)):
        browser.open(page_of(tmp_path, result), width=width, dark=dark)
        assert browser.complaints() == []
        assert browser.run("document.documentElement.scrollWidth") <= width, "nothing sticks out sideways"


@pytest.mark.browser
def test_rows_are_filtered_and_searched(browser: Browser, tmp_path: Path) -> None:
    browser.open(page_of(tmp_path, mistakes(HERE)))
    assert len(shown_rows(browser)) == 10
    choose(browser, "code", "value-not-allowed")
    assert shown_rows(browser) == ["sample.tsv:3", "sample.tsv:4"]
    type_in(browser, "s-3")
    assert shown_rows(browser) == ["sample.tsv:4"]
    assert browser.run("document.getElementById('shown').textContent") == "1–1 of 1 matching rows (10 in all)"
    type_in(browser, "nowhere")
    assert shown_rows(browser) == []
    assert browser.run("document.getElementById('shown').textContent") == "no row matches"
    browser.run("document.querySelector('button[type=reset]').click()")
    browser.run("new Promise((done) => setTimeout(done, 50))")
    assert len(shown_rows(browser)) == 10
    choose(browser, "state", "3")
    assert shown_rows(browser) == ["sample.tsv:5"]
    choose(browser, "state", "")
    choose(browser, "file", "2")
    assert shown_rows(browser) == ["aliquot.tsv:2", "aliquot.tsv:3"]
    choose(browser, "file", "")
    choose(browser, "type", "subject")
    assert shown_rows(browser) == ["subject.tsv:2", "subject.tsv:3"]
    assert browser.complaints() == []


@pytest.mark.browser
def test_many_rows_are_shown_page_by_page(browser: Browser, tmp_path: Path) -> None:
    browser.open(page_of(tmp_path, large(6_000)))
    assert len(shown_rows(browser)) == 100
    assert browser.run("document.getElementById('page').textContent") == "page 1 of 60"
    browser.run("document.getElementById('page-on').click()")
    assert browser.run("document.getElementById('page').textContent") == "page 2 of 60"
    type_in(browser, "S-005999")
    assert shown_rows(browser) == ["data/sample.tsv:6001"], "rows that stand in the data only are found"


@pytest.mark.browser
def test_the_keyboard_reaches_the_search(browser: Browser, tmp_path: Path) -> None:
    browser.open(page_of(tmp_path, mistakes(HERE)))
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key="/", text="/" if kind == "keyDown" else "")
    assert browser.run("document.activeElement.id") == "filter-text"
    assert browser.run("document.activeElement.value") == ""
    for kind in ("rawKeyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert browser.run("document.activeElement.id") == "filter-state"


CELLS = "Array.from(document.querySelectorAll('#row-table tbody td'), (cell) => cell.textContent.trim())"


@pytest.mark.browser
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_stay_text_in_the_browser(browser: Browser, tmp_path: Path, text: str) -> None:
    path = page_of(tmp_path, hostile(text))
    browser.open(path, script=False)
    plain = browser.run(CELLS)
    browser.open(path)
    assert browser.run(CELLS) == plain, "the script draws what stands in the page for those who have none"
    assert browser.run("window.hurt") is None
    assert browser.complaints() == []
    assert browser.run("document.querySelectorAll('main img, main script').length") == 0


@pytest.mark.browser
@pytest.mark.parametrize("make", [mistakes, submission])
def test_rows_and_script_show_the_same(browser: Browser, tmp_path: Path, make: object) -> None:
    path = page_of(tmp_path, make(HERE))
    browser.open(path, script=False)
    plain = browser.run(CELLS)
    browser.open(path)
    assert browser.run(CELLS) == plain


@pytest.mark.browser
def test_without_javascript_everything_but_the_controls_is_there(browser: Browser, tmp_path: Path) -> None:
    browser.open(page_of(tmp_path, mistakes(HERE)), script=False)
    assert len(shown_rows(browser)) == 10
    assert browser.run("getComputedStyle(document.getElementById('filters')).display") == "none"
    assert browser.run("getComputedStyle(document.getElementById('save')).display") == "none"
    assert browser.run("document.querySelectorAll('.problem').length") == 5


def asked(folder: Path) -> Submission:
    """A dry run."""
    made = submission(folder)
    return replace(made, dry_run=True, ok=True, outcomes=tuple(("not-sent", None) for _ in made.outcomes))


@pytest.mark.browser
@pytest.mark.parametrize("make", [mistakes, plan, submission, asked])
def test_the_data_is_saved_as_the_json_report_and_as_csv(browser: Browser, tmp_path: Path, make: object) -> None:
    result = make(HERE)
    browser.open(page_of(tmp_path, result))
    catch = (
        "(async (id) => {{ let blob; const make = URL.createObjectURL;"
        "URL.createObjectURL = (given) => {{ blob = given; return make.call(URL, given); }};"
        "HTMLAnchorElement.prototype.click = () => {{}};"
        "document.getElementById({id!r}).click(); return await blob.text(); }})()"
    )
    saved = json.loads(browser.run(catch.format(id="save-json")))
    assert saved == json.loads(written("json", result))
    csv = browser.run(catch.format(id="save-csv")).splitlines()
    assert csv[0].startswith("file,line,type,submitter_id,outcome,")
    assert len(csv) == 1 + len(saved["rows"])


@pytest.mark.browser
def test_no_saved_cell_is_a_formula(browser: Browser, tmp_path: Path) -> None:
    browser.open(page_of(tmp_path, hostile("=1+1")))
    saved = browser.run(
        "(async () => { let blob; URL.createObjectURL = (given) => { blob = given; return ''; };"
        "HTMLAnchorElement.prototype.click = () => {};"
        "document.getElementById('save-csv').click(); return await blob.text(); })()"
    )
    assert "'=1+1" in saved
    assert not re.search(r'(^|,)"=', saved, re.MULTILINE)


@pytest.mark.browser
def test_it_can_be_printed(browser: Browser, tmp_path: Path) -> None:
    browser.open(page_of(tmp_path, mistakes(HERE)))
    assert browser.pdf().startswith(b"%PDF")


def test_the_view_is_not_changed_by_writing() -> None:
    view = view_of(mistakes(HERE))
    assert written("html", view) == written("html", view)
