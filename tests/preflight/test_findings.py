"""Findings as a notebook shows them: one alone, a list of them, and those of a training."""

import copy
import pickle

import numpy as np
import pytest

import lamina as keras
from lamina.core.finding import Finding
from lamina.preflight import Report
from lamina.preflight.findings import Findings
from lamina.preflight.guide import PAGES

UNSCALED = Finding(
    "unscaled-input",
    "warning",
    "x <b> goes up to 255.",
    "values near 1.",
    "x / 255",
    {"high": 255.0, "rows": list(range(400))},
    details=("dense: 3e4", "dense_1: 8e8"),
)
OTHER = Finding("tiny-data", "hint", "x has 4 rows.", "more rows.", "collect more.")


def test_a_finding_shows_its_parts():
    page = UNSCALED._repr_html_()

    parts = ["x &lt;b&gt; goes up to 255.", "values near 1.", "<code>x / 255</code>", "high: 255\n"]
    assert [part for part in parts if part not in page] == []
    assert "<dt>way</dt><dd>dense: 3e4</dd><dt></dt><dd>dense_1: 8e8</dd>" in page


def test_long_evidence_is_cut():
    assert "298, 299" not in UNSCALED._repr_html_()


def test_findings_are_shown_in_the_order_of_the_list():
    page = Findings([OTHER, UNSCALED])._repr_html_()

    assert page.index("tiny-data") < page.index("unscaled-input")
    assert page.count("<style>") == 1


def test_a_list_says_why_each_mistake_costs():
    assert "<dt>why</dt>" in Findings([UNSCALED])._repr_html_()
    assert PAGES["unscaled-input"].why[:20] in Findings([UNSCALED])._repr_html_()


def test_a_report_and_its_list_show_the_same_sections():
    report = Report([UNSCALED, OTHER])
    sections = report.findings._repr_html_().partition("<section")[2]

    assert report._repr_html_().partition("<section")[2] == sections


def test_no_findings_say_so():
    assert "<p>nothing found</p>" in Findings()._repr_html_()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
def test_findings_survive_a_copy(copied):
    again = copied(Findings([UNSCALED]))

    assert type(again) is Findings
    assert again == [UNSCALED]


def test_the_findings_of_a_training_have_a_page():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")

    history = model.fit(np.ones((4, 2), "float32"), np.zeros(4), verbose=0)

    assert type(history.findings) is Findings
    codes = [finding.code for finding in history.findings]
    assert codes
    assert [code for code in codes if code not in history.findings._repr_html_()] == []
