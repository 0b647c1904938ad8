"""A study trains its grid, goes on where it stopped, and says what its numbers support."""

import json
import re

import numpy as np
import pytest

from lamina.core.errors import ArgumentError, DataError
from lamina.study import plan, reasons, run, story
from lamina.study.nets import Net, build, cost
from lamina.study.plan import Settings

SMALL = (Net("dense", 1, 8), Net("convolution", 1, 4))


@pytest.fixture
def small(monkeypatch):
    """A grid of two tiny nets."""
    monkeypatch.setattr(plan, "_QUICK_NETS", SMALL)


def settings(folder, **more):
    return Settings("digits", folder, quick=True, **{"minutes": 0.06, "seeds": 1, **more})


def trial(kind, depth, width, seed, test, validation=0.5, parameters=100):
    return {
        "net": {"kind": kind, "depth": depth, "width": width},
        "seed": seed,
        "epochs": 2,
        "seconds": 1.0,
        "parameters": parameters,
        "multiply_adds": 100,
        "validation_accuracy": validation,
        "test_accuracy": test,
    }


def facts(*trials):
    return {"trials": list(trials), "data": {"title": "pictures"}, "reasons": {}}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a small study, and what was said."""
    folder = tmp_path_factory.mktemp("study") / "out"
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "_QUICK_NETS", SMALL)
        run.carry_out(settings(folder), say=said.append)
    return folder, said


def test_a_study_leaves_its_record_its_page_and_the_best_nets(finished):
    folder, said = finished
    record = json.loads((folder / "study.json").read_text())

    assert [one["net"]["kind"] for one in record["trials"]] == ["dense", "convolution"]
    assert {path.name for path in folder.iterdir()} == {
        "study.json", "study.html", "dense.lamina", "convolution.lamina"
    }  # fmt: skip
    assert said[-2].startswith("The best of 1 dense net")


def test_every_training_is_captured_and_says_what_it_cost(finished):
    record = json.loads((finished[0] / "study.json").read_text())

    assert {one["tier"] for one in record["trials"]} == {"captured"}
    assert record["trials"][0]["parameters"] == 64 * 8 + 8 + 8 * 10 + 10
    assert record["trials"][0]["multiply_adds"] == 64 * 8 + 8 * 10


@pytest.mark.parametrize(
    "chart",
    ["accuracy-parameters", "accuracy-multiply-adds", "accuracy-seconds", "curves-val_accuracy",
     "curves-loss", "shuffled", "moved", "weights-dense", "weights-convolution"],
)  # fmt: skip
def test_the_page_holds_every_chart(finished, chart):
    assert f'data-chart="{chart}"' in (finished[0] / "study.html").read_text()


def test_the_page_asks_for_nothing_from_outside(finished):
    text = (finished[0] / "study.html").read_text()

    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', text) == []


def test_a_finished_study_trains_nothing_again(finished, monkeypatch, small):
    before = (finished[0] / "study.json").read_bytes()
    monkeypatch.setattr(run, "train", None)

    run.carry_out(settings(finished[0]), say=[].append)

    assert (finished[0] / "study.json").read_bytes() == before


def test_another_study_in_the_folder_is_refused(finished, small):
    with pytest.raises(ArgumentError, match="holds a study of other nets, minutes or pictures"):
        run.carry_out(settings(finished[0], minutes=0.07), say=[].append)


def test_a_folder_with_something_else_is_refused(tmp_path, small):
    (tmp_path / "letter.txt").write_text("hello")

    with pytest.raises(ArgumentError, match="holds something already, but no study"):
        run.carry_out(settings(tmp_path), say=[].append)


def test_a_table_is_refused(tmp_path, small):
    with pytest.raises(DataError, match="holds no pictures with classes"):
        run.carry_out(Settings("wine", tmp_path / "out", quick=True), say=[].append)


def test_minutes_are_shared_by_all_trainings():
    decided = plan.decide(Settings("digits", None, minutes=6, seeds=3))

    assert decided.seconds == pytest.approx(360 / (len(decided.nets) * 3 + 2), abs=1e-3)
    assert decided.seeds == (1, 2, 3)


def test_too_few_minutes_are_refused():
    with pytest.raises(ArgumentError, match=re.escape("0.01 minutes are too few for")):
        plan.decide(Settings("digits", None, minutes=0.01))


def test_one_permutation_moves_the_pixels_of_all_pictures():
    x = np.arange(2 * 3 * 4 * 2).reshape(2, 3, 4, 2)
    moved = reasons.shuffled_pixels(3, 4, seed=1)(x)

    order = [int(np.flatnonzero((x[0].reshape(12, 2) == pixel).all(1))[0])
             for pixel in moved[0].reshape(12, 2)]  # fmt: skip
    assert sorted(order) == list(range(12))
    assert order != list(range(12))
    np.testing.assert_array_equal(moved[1].reshape(12, 2), x[1].reshape(12, 2)[order])


def test_a_picture_moves_in_four_directions_and_repeats_its_edge():
    x = np.arange(9).reshape(1, 3, 3, 1)
    found = [view[0, :, :, 0].tolist() for view in reasons._moved(x, 1)]

    assert found == [
        [[0, 1, 2], [0, 1, 2], [3, 4, 5]],
        [[3, 4, 5], [6, 7, 8], [6, 7, 8]],
        [[0, 0, 1], [3, 3, 4], [6, 6, 7]],
        [[1, 2, 2], [4, 5, 5], [7, 8, 8]],
    ]


def test_a_convolution_counts_its_multiply_adds():
    model = build(Net("convolution", 1, 4), (8, 8, 3), 10)

    assert cost(model) == 64 * 27 * 4 + 16 * 36 * 4 + 4 * 10  # the second sees 4 x 4 places


def test_the_headline_names_the_gap_the_spread_and_the_sizes():
    found = story.headline(
        facts(
            trial("dense", 1, 8, 1, 0.50, parameters=1_000),
            trial("dense", 1, 8, 2, 0.52, parameters=1_000),
            trial("convolution", 1, 4, 1, 0.70, parameters=100),
            trial("convolution", 1, 4, 2, 0.72, parameters=100),
        )
    )

    assert found.replace("\u202f", " ") == (
        "The best of 1 dense net (1 x 8) names 51.0 % ± 1.4 of the test pictures of pictures "
        "right, the best small convolution (1 x 4) 71.0 % ± 1.4 (2 seeds): 20.0 points more, with "
        "10 times fewer parameters."
    )


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [((0.70, 0.71), "ahead by 20.0 points"), ((0.49, 0.51), "no difference"),
     ((0.30, 0.31), "more, with")],
)  # fmt: skip
def test_the_verdict_follows_the_numbers(scores, verdict):
    dense = [trial("dense", 1, 8, n, s, parameters=900) for n, s in enumerate(scores)]
    convolution = [trial("convolution", 1, 4, n, s) for n, s in enumerate((0.50, 0.51))]

    assert verdict in story.headline(facts(*dense, *convolution))


@pytest.mark.parametrize(("epochs", "hurried"), [(2, True), (20, False)])
def test_a_convolution_that_lost_in_few_epochs_is_excused(epochs, hurried):
    slow = trial("convolution", 1, 4, 1, 0.50) | {"epochs": epochs}

    told = story.headline(facts(trial("dense", 1, 8, 1, 0.70), slow))

    assert ("saw each picture only 2 times" in told) == hurried
    assert ("--minutes 30" in told) == hurried


def test_the_best_net_is_chosen_on_validation_pictures():
    lines = story.lines_of(
        [trial("dense", 1, 8, 1, 0.9, validation=0.4), trial("dense", 2, 8, 1, 0.5, validation=0.6)]
    )

    assert story.best_of(lines, "dense").net.depth == 2
