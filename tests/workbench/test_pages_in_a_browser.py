"""Pages of comparisons, seeds and sources in a real browser: every width, both colours."""

import pytest

from lamina.workbench import comparison, comparison_page, showing
from lamina.workbench.experiment import carry_out
from lamina.workbench.settings import Settings
from tests.report.browser import PROGRAM, Browser
from tests.report.test_browser import CONTRASTS, EMPTY_CHARTS, HIDDEN_TEXTS

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")

CURVES = ["curves-val_accuracy", "curves-val_loss", "curves-accuracy", "curves-loss"]
CHARTS = {
    "compare": ["scores", *CURVES],
    "seeds": ["scores", *CURVES],
    "seeds of numbers": ["scores", "curves-val_mae", "curves-val_loss", "curves-loss"],
    "show": [],
    "show a table": [],
}


def silent(line):
    """Keeps a line to itself."""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    root = tmp_path_factory.mktemp("pages")
    rows = "\n".join(f"{n % 9}.{n % 7},{'ab'[n % 2]},{n % 13}.5" for n in range(120))
    table = root / "houses.csv"
    table.write_text(f"size,kind,price\n{rows}\n")

    def train(name, source="iris", seeds=1, **options):
        asked = Settings(source, epochs=3, seeds=seeds, out=root / name, **options)
        return carry_out(asked, say=silent, verbose=0)

    runs = [train("linear", model="linear", report=False), train("mlp", model="mlp", report=False)]
    comparison_page.write(comparison.compare(runs), root / "compare.html")
    seeds = train("seeds", seeds=2, model="linear")
    numbers = train("numbers", str(table), seeds=2, model="linear", target="price")
    showing.show(Settings("digits"), out=root / "show.html", say=silent)
    showing.show(Settings(str(table), target="price"), out=root / "rows.html", say=silent)
    files = {
        "compare": root / "compare.html",
        "seeds": seeds / "report.html",
        "seeds of numbers": numbers / "report.html",
        "show": root / "show.html",
        "show a table": root / "rows.html",
    }
    return {kind: file.as_uri() for kind, file in files.items()}


@pytest.fixture(scope="module")
def browser():
    with Browser() as running:
        yield running


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("kind", CHARTS)
def test_page_opens_clean_with_all_its_charts(browser, addresses, kind, width, dark):
    browser.errors.clear()
    browser.requests.clear()

    browser.open(addresses[kind], width=width, dark=dark)

    charts = "[...document.querySelectorAll('[data-chart]')].map(c => c.dataset.chart)"
    assert (browser.errors, browser.requests) == ([], [])
    assert browser.run(charts) == CHARTS[kind]
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(EMPTY_CHARTS) == []
    assert browser.run(HIDDEN_TEXTS) == []
    assert browser.run(CONTRASTS) >= 4.5  # WCAG 2.2, level AA


@pytest.mark.parametrize("kind", CHARTS)
def test_what_scrolls_can_be_reached_by_keyboard(browser, addresses, kind):
    browser.open(addresses[kind], width=390)

    unreachable = "[...document.querySelectorAll('.scroll, pre')].filter(e => e.tabIndex !== 0)"
    assert browser.run(f"{unreachable}.length") == 0


@pytest.mark.parametrize("kind", CHARTS)
def test_page_prints_in_light_colours_with_nothing_cut(browser, addresses, kind):
    browser.open(addresses[kind], dark=True)
    browser.look(794)  # a page of A4 in pixels
    browser.page("Emulation.setEmulatedMedia", media="print")

    wide = "[...document.querySelectorAll('svg, code, figure')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"  # noqa: E501
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    cut = browser.run(f"{wide}.length")
    browser.page("Emulation.setEmulatedMedia", media="")

    assert (paper, cut) == ("rgb(255, 255, 255)", 0)
    assert browser.printed()[:5] == b"%PDF-"
