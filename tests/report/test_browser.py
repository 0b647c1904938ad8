"""The page in a real browser: no error, no request, no sideways scrolling, in both colours."""

from pathlib import Path

import pytest

from lamina.report import page
from tests.report import runs
from tests.report.browser import PROGRAM, Browser

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")

HIDDEN_TEXTS = """[...document.querySelectorAll('svg.chart text')].filter(text => {
  const inner = text.getBoundingClientRect();
  const outer = text.ownerSVGElement.getBoundingClientRect();
  return inner.left < outer.left - 1 || inner.right > outer.right + 1
    || inner.top < outer.top - 2 || inner.bottom > outer.bottom + 2;
}).map(text => text.textContent)"""
EMPTY_CHARTS = """[...document.querySelectorAll('[data-chart]')].filter(chart => {
  const box = chart.getBoundingClientRect();
  return box.width < 100 || box.height < 30;
}).map(chart => chart.dataset.chart)"""
CONTRASTS = """(() => {
  const shade = c => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
  const light = rgb => {
    const [r, g, b] = rgb.match(/[0-9.]+/g).map(Number);
    return .2126 * shade(r) + .7152 * shade(g) + .0722 * shade(b);
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$/.test(color)) { return color; }
    }
    return 'rgb(255, 255, 255)';
  };
  const words = [...document.querySelectorAll('p, h1, h2, th, dd, dt, summary, figcaption')];
  return Math.min(...words.map(e => {
    const one = light(getComputedStyle(e).color), other = light(behind(e));
    return (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
  }));
})()"""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    folders = {
        "pictures": runs.pictures(root / "pictures").path,
        "table": runs.table(root / "table").path,
        "regression": runs.regression(root / "regression").path,
        "interrupted": runs.interrupted(root / "interrupted"),
        "hostile": runs.pictures(root / "hostile", runs.HOSTILE).path,
        "hostile table": runs.table(root / "hostile-table", hostile=True).path,
        "hundred": runs.pictures(
            root / "hundred", tuple(f"class {i:02}" for i in range(100)), each=2
        ).path,
    }
    return {kind: page.write(folder).as_uri() for kind, folder in folders.items()}


@pytest.fixture(scope="module")
def browser():
    with Browser() as running:
        yield running


KINDS = ["pictures", "table", "regression", "interrupted", "hostile", "hostile table", "hundred"]


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("kind", KINDS)
def test_page_opens_clean_at_every_width(browser, addresses, kind, width):
    browser.errors.clear()
    browser.requests.clear()

    browser.open(addresses[kind], width=width, dark=width == 1280)

    assert (browser.errors, browser.requests) == ([], [])
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(EMPTY_CHARTS) == []
    assert browser.run(HIDDEN_TEXTS) == []


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_what_is_behind_it(browser, addresses, dark):
    browser.open(addresses["table"], dark=dark)

    assert browser.run(CONTRASTS) >= 4.5  # WCAG 2.2, level AA


def test_hostile_names_run_nothing(browser, addresses):
    browser.open(addresses["hostile"])

    assert browser.run("document.querySelectorAll('img[src=x], main script, main b').length") == 0


def test_colours_follow_the_button_and_are_kept(browser, addresses):
    browser.open(addresses["interrupted"], dark=False)
    paper = "getComputedStyle(document.body).backgroundColor"
    light = browser.run(paper)

    browser.run("document.getElementById('theme').click()")
    browser.run("document.getElementById('theme').click()")

    assert browser.run("document.getElementById('theme').textContent") == "Theme: dark"
    assert browser.run(paper) != light


def test_the_first_stop_of_the_keyboard_skips_to_the_content(browser, addresses):
    browser.open(addresses["interrupted"])

    browser.press("Tab")
    assert browser.run("document.activeElement.textContent") == "Skip to the report"
    browser.press("Enter")

    assert browser.run("document.activeElement.id") == "content"


def test_every_region_that_scrolls_can_be_reached_and_has_a_name(browser, addresses):
    browser.open(addresses["table"], width=390)

    unreachable = browser.run(
        "[...document.querySelectorAll('.scroll, .drawing')]"
        ".filter(e => e.tabIndex !== 0 || !e.getAttribute('aria-label')).length"
    )

    assert unreachable == 0


def test_menu_leads_to_every_section(browser, addresses):
    browser.open(addresses["table"])

    links = browser.run(
        "[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href').slice(1))"
    )

    assert links == browser.run("[...document.querySelectorAll('main > section')].map(s => s.id)")


def test_page_prints(browser, addresses):
    browser.open(addresses["regression"], dark=True)

    assert browser.printed()[:5] == b"%PDF-"


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_the_page_can_be_taken(browser, addresses, tmp_path, kind, width, dark):
    browser.open(addresses[kind], width=width, dark=dark)

    file = Path(tmp_path / f"{kind}.png")
    browser.whole_picture(file)

    assert file.stat().st_size > 10_000
