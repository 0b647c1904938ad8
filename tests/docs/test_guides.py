"""The guides name commands, options and files that exist."""

import re
from pathlib import Path

import pytest
import typer

from lamina.cli.main import COMMANDS, command_of

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
PAGES = sorted(GUIDES.glob("*.md"))
TYPED = sorted(
    {
        line.removeprefix("$ ").partition(" | ")[0].partition(";")[0]
        for page in PAGES
        for line in page.read_text().splitlines()
        if line.startswith("$ lamina ")
    }
)
LINKS = [
    (page, target)
    for page in PAGES
    for target in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", page.read_text())
]


@pytest.mark.parametrize("line", TYPED)
def test_every_line_is_a_command_with_options_that_exist(line):
    _, name, *words = line.split()
    command = command_of(name)
    known = {option for part in command.get_params(typer.Context(command)) for option in part.opts}

    assert {word for word in words if word.startswith("--")} <= known


def test_every_command_is_shown_or_named():
    text = "".join(page.read_text() for page in PAGES)

    assert [name for name in COMMANDS if f"lamina {name}" not in text] == []


@pytest.mark.parametrize(("page", "target"), LINKS, ids=str)
def test_links_lead_somewhere(page, target):
    assert (page.parent / target).exists()


def test_the_index_lists_every_page():
    index = (GUIDES / "README.md").read_text()

    assert [page.name for page in PAGES if f"({page.name})" not in index] == ["README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_place_of_the_machine_that_ran_it_is_left(page):
    assert not re.search(r"/tmp/|/root/|/work/", page.read_text())
