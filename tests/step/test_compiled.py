"""The compiled tier: what is handed to the compiler here, its numbers in the slow tests.

Sums are taken in another order than in the other tiers, so numbers agree to 1e-5, not to the bit.
"""

import shutil

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers, optimizers
from lamina.core import private_torch, randomness
from lamina.core.errors import CaptureError
from lamina.step.compiled import Compiled
from lamina.step.record import record

CLOSE = {"rtol": 1e-5, "atol": 1e-5}

needs_compiler = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not any(map(shutil.which, ("g++", "clang++"))), reason="there is no C++ compiler"
    ),
    # torch's compiler opens files that it leaves to the garbage collector, and warns of old names
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def compiled(function, *inputs):
    return Compiled(record(function, list(inputs))[1])


@pytest.fixture
def traced(monkeypatch):
    """Runs the traced graph as it is instead of compiling it."""

    def run(graph, examples, cpp_text):
        return lambda tensors: graph(*tensors)

    monkeypatch.setattr(private_torch, "compile_graph", run)


@pytest.mark.usefixtures("traced")
class TestGraph:
    """Without the compiler itself: the graph computes what the recording does."""

    def test_results_come_in_the_nesting_of_the_function(self):
        made = compiled(lambda x: {"a": x + 1, "b": [x * 2, 3]}, torch.ones(2))

        result = made(torch.tensor([1.0, 2.0]))

        assert result["a"].tolist() == [2.0, 3.0]
        assert result["b"][0].tolist() == [2.0, 4.0]
        assert result["b"][1] == 3

    def test_lasting_tensors_are_changed_in_place(self):
        total = torch.zeros(2)

        compiled(lambda x: total.add_(x), torch.ones(2))(torch.tensor([1.0, 2.0]))

        assert total.tolist() == [2.0, 3.0]  # the recorded run added 1

    def test_neighbours_in_one_buffer_are_changed_apart(self):
        flat = torch.zeros(4)
        first, second = flat[:2], flat[2:]

        def work(x):
            first.add_(x)
            second.sub_(x)

        made = compiled(work, torch.zeros(2))
        made(torch.ones(2))

        assert flat.tolist() == [1.0, 1.0, -1.0, -1.0]

    def test_views_that_overlap_see_each_others_changes(self):
        flat = torch.zeros(4)
        whole, part = flat.view(2, 2), flat[1:3]

        def work(x):
            part.add_(x)
            doubled = whole * 2
            whole.add_(1)
            return doubled

        made = compiled(work, torch.zeros(2))
        flat.zero_()
        doubled = made(torch.tensor([1.0, 2.0]))

        assert doubled.tolist() == [[0.0, 2.0], [4.0, 0.0]]
        assert flat.tolist() == [1.0, 2.0, 3.0, 1.0]

    def test_draws_are_those_of_the_generator(self):
        stream = randomness.step_generator(torch.device("cpu"))

        def noise(x):
            return x * x.new_empty(8).bernoulli_(0.5, generator=stream)

        made = compiled(noise, torch.ones(8))
        stream.manual_seed(5)
        wanted = [noise(torch.ones(8)), noise(torch.ones(8))]
        stream.manual_seed(5)

        assert all(torch.equal(made(torch.ones(8)), one) for one in wanted)

    def test_inputs_may_lie_in_memory_in_another_order(self):
        made = compiled(lambda x: x * torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.ones(2, 2))

        result = made(torch.tensor([[1.0, 2.0], [3.0, 4.0]]).t())

        assert result.tolist() == [[1.0, 6.0], [6.0, 16.0]]

    def test_calls_are_counted_with_those_that_draw(self):
        stream = torch.Generator()

        plain = compiled(lambda x: x.exp().sin(), torch.ones(2))
        drawing = compiled(lambda x: x * torch.rand(2, generator=stream), torch.ones(2))

        assert plain.num_calls == 1
        assert drawing.num_calls == 2


def test_draws_that_depend_on_changed_values_are_refused():
    stream, lasting = torch.Generator(), torch.zeros(2)

    def work(x):
        lasting.add_(x)
        return torch.bernoulli(lasting.sigmoid(), generator=stream)

    with pytest.raises(
        CaptureError,
        match=(
            r"^a random draw \(aten\.bernoulli\.default\) depends on values that the step computes"
            r"\.\n  expected: draws whose shape and settings are known before the step\.\n"
            r"  fix: draw with fixed settings and scale the result afterwards\.$"
        ),
    ):
        compiled(work, torch.ones(2))


def test_a_compiler_that_gives_up_is_a_refusal(monkeypatch):
    def fail(*_):
        raise RuntimeError("no kernel\nand more")

    monkeypatch.setattr(private_torch, "compile_graph", fail)

    with pytest.raises(
        CaptureError,
        match=(
            r"^torch's compiler gave up on the step: no kernel\n"
            r"  expected: operations that Inductor knows\.\n"
            r'  fix: compile\(jit="auto"\), which runs the same step without the compiler\.$'
        ),
    ):
        compiled(lambda x: x + 1, torch.ones(2))


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


MODELS = {
    "table": (lambda: [layers.Dense(7, "swish"), layers.Dense(2)], (12, 6)),
    "noise": (
        lambda: [layers.Dense(5, "relu"), layers.Dropout(0.3), layers.BatchNormalization(),
                 layers.Dense(2)],
        (12, 6),
    ),
    "images": (
        lambda: [layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(),
                 layers.Dense(2)],
        (12, 6, 6, 2),
    ),
}  # fmt: skip
OPTIMIZERS = {
    "adam": lambda: "adam",
    "accumulating": lambda: optimizers.SGD(0.1, momentum=0.9, gradient_accumulation_steps=2),
    "clipped and averaged": lambda: optimizers.Adam(clipnorm=0.1, use_ema=True),
    "per weight": lambda: optimizers.Lamb(),
}
CASES = [(net, "adam") for net in MODELS] + [("table", name) for name in list(OPTIMIZERS)[1:]]


@pytest.mark.parametrize(("net", "optimizer"), CASES)
class TestNumbers:
    pytestmark = needs_compiler

    def test_compiled_steps_are_close_to_eager_ones(self, net, optimizer, capsys):
        make, shape = MODELS[net]
        keras.utils.set_random_seed(1)
        model = keras.Sequential([layers.Input(shape[1:]), *make()])
        model.compile(OPTIMIZERS[optimizer](), "mse", metrics=["mae"])

        report = keras.step.verify(model, (numbers(*shape), numbers(shape[0], 2)), ["compiled"])

        assert report["compiled"].refusal is None
        assert report["compiled"].largest < 1e-5


class TestFit:
    pytestmark = needs_compiler

    def test_a_run_that_begins_captured_ends_compiled(self):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([layers.Input((3,)), layers.Dense(2, "tanh"), layers.Dense(1)])
        model.compile("adam", "mse", jit="max")

        history = model.fit(numbers(140, 3), numbers(140, 1), batch_size=2, verbose=0)

        assert history.tier == "compiled"
        assert history.refusals == []

    @pytest.mark.parametrize(
        ("shape", "transposed"),
        [((32, 8, 32), ""), ((5, 3, 1), ""), ((32, 32, 17), "left"), ((9, 16, 40), "right"),
         ((70, 70, 70), "")],
        ids=str,
    )  # fmt: skip
    def test_small_products_are_right_in_every_shape(self, shape, transposed):
        rows, depth, columns = shape
        draw = torch.Generator().manual_seed(0)
        left, right = (
            torch.randn(rows, depth, generator=draw),
            torch.randn(depth, columns, generator=draw),
        )
        bias = torch.randn(columns, generator=draw)
        a = left.t().contiguous() if transposed == "left" else left
        b = right.t().contiguous() if transposed == "right" else right

        def work(x):
            one = x.t() if transposed == "left" else x
            other = b.t() if transposed == "right" else b
            return torch.addmm(bias, one, other), torch.mm(one, other)

        added, plain = compiled(work, a)(a)

        torch.testing.assert_close(plain, left @ right, **CLOSE)
        torch.testing.assert_close(added, left @ right + bias, **CLOSE)
