"""One page of explanation for each code: why it costs, a program that shows it, and the fix."""

from lamina.preflight.guide.page import PREAMBLE, Page
from lamina.preflight.guide.render import index_text, page_text
from lamina.preflight.guide.table import PAGES

__all__ = ["PAGES", "PREAMBLE", "Page", "index_text", "page_text"]
