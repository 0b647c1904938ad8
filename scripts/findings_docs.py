"""Writes docs/findings from lamina/preflight/guide: one page a code, and their index."""

from pathlib import Path

from lamina.preflight.guide import PAGES, index_text, page_text

FOLDER = Path(__file__).parents[1] / "docs" / "findings"


def main() -> None:
    """Writes all pages, and removes those of codes that are gone."""
    FOLDER.mkdir(exist_ok=True)
    texts = {f"{code}.md": page_text(code) for code in PAGES}
    texts["README.md"] = index_text()
    for old in FOLDER.glob("*.md"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
