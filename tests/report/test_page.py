"""The page holds what the run folder holds, and nothing that could run or be fetched."""

import json
import re
from html.parser import HTMLParser

import pytest

from lamina.core.errors import ArgumentError, LoadError
from lamina.report import Report, page
from tests.report import runs

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Reader(HTMLParser):
    """Collects the elements of a page, and those that were not closed in order."""

    def __init__(self):
        super().__init__()
        self.elements, self.open, self.wrong = [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def read(path):
    reader = Reader()
    reader.text = page.write(path).read_text()
    reader.feed(reader.text)
    return reader


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return {
        "pictures": read(runs.pictures(root / "pictures").path),
        "table": read(runs.table(root / "table").path),
        "regression": read(runs.regression(root / "regression").path),
        "interrupted": read(runs.interrupted(root / "interrupted")),
        "hundred": read(
            runs.pictures(root / "hundred", tuple(f"class {i:02}" for i in range(100)), each=2).path
        ),
        "hostile pictures": read(runs.pictures(root / "hostile", runs.HOSTILE).path),
        "hostile table": read(runs.table(root / "hostile-table", hostile=True).path),
    }


every_page = pytest.mark.parametrize(
    "kind",
    [
        "pictures", "table", "regression", "interrupted", "hundred", "hostile pictures",
        "hostile table",
    ],
)  # fmt: skip


@every_page
def test_elements_are_closed_in_order(pages, kind):
    assert (pages[kind].wrong, pages[kind].open) == ([], [])


@every_page
def test_there_is_one_script_and_it_is_ours(pages, kind):
    scripts = [attributes for tag, attributes in pages[kind].elements if tag == "script"]

    assert scripts == [{}]


@every_page
def test_nothing_is_fetched(pages, kind):
    addresses = [
        value
        for _, attributes in pages[kind].elements
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "data")
    ]

    assert [a for a in addresses if not a.startswith(("#", "data:"))] == []


@every_page
def test_no_element_has_an_event_handler(pages, kind):
    names = {name for _, attributes in pages[kind].elements for name in attributes}

    assert [name for name in names if name.startswith("on")] == []


@every_page
def test_every_chart_has_words_for_those_who_cannot_see_it(pages, kind):
    charts = [a for tag, a in pages[kind].elements if tag == "svg" and "data-chart" in a]

    assert charts
    assert all(attributes["aria-label"] for attributes in charts)


@every_page
def test_every_heading_cell_has_a_scope(pages, kind):
    assert all(a.get("scope") for tag, a in pages[kind].elements if tag == "th")


@every_page
def test_names_are_used_once(pages, kind):
    names = [a["id"] for _, a in pages[kind].elements if "id" in a]

    assert len(names) == len(set(names))


@every_page
def test_page_is_small(pages, kind):
    assert len(pages[kind].text.encode()) < 400_000


@every_page
def test_controls_of_text_direction_never_reach_the_page(pages, kind):
    assert not re.search("[\x00\x1b\u202a-\u202e\u2066\u2067]", pages[kind].text)


def test_hostile_names_are_shown_as_text(pages):
    text = pages["hostile pictures"].text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7 * 7 }}" in text
    assert "x" * 201 not in text


CHARTS = {
    "pictures": "balance confidence confusion curve-accuracy curve-loss drawing mistakes outcome "
    "reliability",
    "table": "balance confidence confusion curve-accuracy curve-loss importance mistakes outcome "
    "reliability",
    "regression": "balance curve-loss curve-mae drawing errors importance mistakes outcome "
    "predicted residuals",
    "interrupted": "curve-loss",
    "hundred": "balance confidence confusion curve-accuracy curve-loss drawing mistakes outcome "
    "reliability",
}


@pytest.mark.parametrize("kind", CHARTS)
def test_every_chart_is_there(pages, kind):
    charts = [a["data-chart"] for _, a in pages[kind].elements if "data-chart" in a]

    assert sorted(charts) == CHARTS[kind].split()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("pictures", "test pictures named correctly"),
        ("pictures", "Class balance of the training part."),
        ("pictures", "class (&#39;a&#39;,) has few examples."),
        ("pictures", "multiply-adds for one example"),
        ("pictures", "Compute-bound: the time is spent inside the kernels."),
        ("pictures", '<span class="word">--epochs 8</span>'),
        ("table", "every row has its own value"),
        ("table", "No model was kept: model.lamina is not there."),
        ("regression", "Always answering"),
        ("interrupted", "This run was interrupted after 2 of 10 epochs."),
        ("interrupted", "There is no test result."),
        ("hundred", "Top-5 accuracy"),
        ("hundred", "All of 100 classes"),
    ],
)
def test_page_says(pages, kind, words):
    assert words in pages[kind].text


def test_a_good_model_is_called_better_than_a_constant(tmp_path):
    text = read(runs.regression(tmp_path / "run").path).text

    assert "not clearly better" not in text


def test_damaged_evidence_is_left_out_and_named(tmp_path):
    run = runs.regression(tmp_path / "run")
    (run.path / "evidence.json").write_text("{")

    text = page.write(run.path).read_text()

    assert "evidence.json is left out:" in text
    assert "There is no test result." in text


@pytest.mark.parametrize(
    "facts",
    [
        {"data": 7, "settings": [], "findings": {}, "speed": "fast", "model": None},
        {"data": {"class_names": 3, "notes": "x"}, "findings": [1, {"severity": []}]},
        {"started": 5, "seconds": True, "results": {"test": [], "best_epoch": "one"}},
        {"speed": {"examples_per_second": 5, "threads": "many", "refusals": [3]}},
    ],
)
def test_facts_of_another_type_are_left_out(tmp_path, facts):
    path = runs.interrupted(tmp_path / "run")
    (path / "run.json").write_text(json.dumps(facts))

    assert read(path).wrong == []


def test_a_damaged_run_is_refused(tmp_path):
    (tmp_path / "run.json").write_text("[]")

    with pytest.raises(LoadError, match="it is no object"):
        page.write(tmp_path)


def test_a_folder_without_a_run_is_refused(tmp_path):
    shown = repr(str(tmp_path))
    shown = shown if len(shown) <= 80 else shown[:79] + "…"
    message = (
        f"{shown} holds no run.\n"
        "  expected: a folder with a run.json, as `lamina train` leaves it.\n"
        "  fix: name the folder of a run."
    )

    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        page.write(tmp_path)


def test_a_damaged_line_of_history_is_named(tmp_path):
    path = runs.interrupted(tmp_path / "run")
    (path / "history.jsonl").write_text('{"epoch": 1, "loss": 1}\n[2]\n')

    assert "line 2 is not the record of an epoch." in page.write(path).read_text()


def test_notebook_shows_the_page_in_a_frame(tmp_path):
    report = Report(runs.interrupted(tmp_path / "run"))

    shown = report._repr_html_()

    assert shown.startswith("<iframe ")
    assert 'sandbox="allow-scripts"' in shown
    assert "&lt;!DOCTYPE html&gt;" in shown
    assert repr(report).endswith("There is no test result.>")
