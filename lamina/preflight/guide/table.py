"""All pages in one table, by the stage in which a finding can be known."""

from lamina.preflight.guide.build_pages import BUILD
from lamina.preflight.guide.compile_pages import COMPILE
from lamina.preflight.guide.data_pages import DATA
from lamina.preflight.guide.label_pages import LABELS
from lamina.preflight.guide.page import Page
from lamina.preflight.guide.train_pages import AFTER, DEEP, TRAIN

PAGES: dict[str, Page] = {**BUILD, **COMPILE, **DATA, **LABELS, **TRAIN, **DEEP, **AFTER}

STAGES: dict[str, tuple[str, frozenset[str]]] = {
    "build": ("From the model alone", frozenset(BUILD)),
    "compile": ("From the model and its plan", frozenset(COMPILE)),
    "data": ("From the data, before the first step", frozenset({**DATA, **LABELS})),
    "train": ("From the training", frozenset(TRAIN)),
    "deep": ("From trying the model out: check(deep=True)", frozenset(DEEP)),
    "after": ("At predict", frozenset(AFTER)),
}
