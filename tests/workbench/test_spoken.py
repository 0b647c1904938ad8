"""Messages and findings in the shell name options and settings, never arguments in Python."""

import pytest

from lamina.core.errors import ArgumentError
from lamina.core.finding import Finding
from lamina.workbench import spoken
from lamina.workbench.settings import Settings

DECIDED = Settings("t.csv", model="mlp", epochs=3, learning_rate=0.002, dropout=0.2)


@pytest.mark.parametrize(
    ("command", "said", "wanted"),
    [
        ("train", "train(epochs=0) is not possible.", "--epochs 0 is not possible."),
        ("train", "train(dropout=1.0) is not possible.", "--set dropout=1.0 is not possible."),
        ("train", "pass learning_rate=0.001.", "pass --learning-rate 0.001."),
        ("train", "write for example epochs = 20.", "write for example --epochs 20."),
        ("train", 'pass on_bad_file="skip".', "pass --set skip_bad_files=true."),
        ("predict", 'pass on_bad_file="skip".', "pass --skip-bad-files."),
        ("train", 'use lamina.device("cpu"), or wait.', "--device cpu, or wait."),
        ("train", "leave task= out.", "leave --task out."),
        ("train", "use the model 'mlp'.", "--model mlp."),
        ("train", "pass --set test_share=0.2.", "pass --set test_share=0.2."),
        ("train", "did you mean \"age\"?", "did you mean \"age\"?"),
    ],
)  # fmt: skip
def test_texts_name_what_to_type(command, said, wanted):
    assert spoken.text(said, command) == wanted


def test_a_message_keeps_its_form():
    error = ArgumentError("fit(jit='x') is not possible.", expected="a word.", fix="jit='off'.")

    assert spoken.message(error, "train") == (
        "--jit x is not possible.\n  expected: a word.\n  fix: --jit off."
    )


@pytest.mark.parametrize(
    ("code", "fix", "wanted"),
    [
        (
            "lr-too-high",
            "make the optimizer with a lower rate: Adam(learning_rate=0.001).",
            "lower the learning rate: --learning-rate 0.001.",
        ),
        (
            "undertrained",
            "pass epochs=30 to fit().",
            "train longer: --epochs 30, with --set patience=5 to end in time.",
        ),
        (
            "class-imbalance",
            "pass class_weight={0: 0.52, 1: 15.56} to fit().",
            "--set class_weight=balanced lets rare classes weigh as much as others in the loss.",
        ),
        (
            "overfitting",
            "stop in time: callbacks=[keras.callbacks.EarlyStopping(patience=3)].",
            "stop in time with the best weights: --set patience=3; or learn less by heart: "
            "--set dropout=0.5, --set width=0.5, or more data.",
        ),
        ("bottleneck", "make 'dense' wider.", "make 'dense' wider."),
    ],
)
def test_findings_have_fixes_to_type(code, fix, wanted):
    finding = Finding(code, "warning", "a problem.", "a rule.", fix)

    assert spoken.speaker(DECIDED)(finding).fix == wanted


def test_numbers_that_ran_over_are_put_down_to_the_rate_of_a_preset():
    problem = "not finite. Likely cause: inputs as large as 9.1e+18; the weights grew 9 times."
    finding = Finding("nan-loss", "error", problem, "numbers.", "scale the inputs.")

    found = spoken.speaker(DECIDED)(finding)

    assert found.problem == (
        "not finite. Likely cause: a learning rate of 0.002; the weights grew 9 times."
    )
    assert found.fix == "lower the learning rate: --learning-rate 0.0002."
