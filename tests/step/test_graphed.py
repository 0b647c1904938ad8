"""CUDA graphs: what is planned and refused is tested everywhere, what runs only with a GPU."""

import pytest
import torch

import lamina as keras
from lamina import layers
from lamina.core.errors import CaptureError
from lamina.step.graphed import (
    Graphed,
    changed_tensors,
    generators_of,
    graph_refusal,
    static_inputs,
)
from lamina.step.record import record
from lamina.step.recording import Recording


def recorded(function, *inputs):
    return record(function, list(inputs))[1]


def moved(recording: Recording, device: str, *kept: int) -> Recording:
    """The recording as if its tensors, but for some by number, lay on a device."""
    for ref, layout in recording.layouts.items():
        if ref.number not in kept:
            recording.layouts[ref] = layout._replace(device=torch.device(device))
    return recording


def test_inputs_get_buffers_of_their_own_layout():
    recording = recorded(lambda x, y: x + y, torch.ones(2, 3), torch.ones(3, 2).t())

    first, second = static_inputs(recording)

    assert (first.stride(), second.stride()) == ((3, 1), (1, 2))
    assert not first.any()


def test_whatever_is_changed_is_saved_before_the_warm_up():
    state, weight = torch.zeros(4), torch.ones(2)
    half = state[:2]

    def step(x):
        half.add_(x * weight)

    found = changed_tensors(recorded(step, torch.ones(2)))

    assert [tensor.data_ptr() for tensor in found] == [state.data_ptr()]


def test_every_view_of_changed_memory_is_saved():
    state = torch.zeros(4)
    low, high = state[:2], state[2:]

    def step(x):
        high.add_(low + x)

    assert len(changed_tensors(recorded(step, torch.ones(2)))) == 2


def test_generators_are_found_once():
    stream = torch.Generator()

    def step(x):
        return x * torch.rand(2, generator=stream) + torch.rand(2, generator=stream)

    assert len(generators_of(recorded(step, torch.ones(2)))) == 1


def test_a_step_on_the_cpu_is_refused():
    with pytest.raises(
        CaptureError,
        match=(
            r"^a CUDA graph cannot run a step whose inputs lie on the CPU\.\n"
            r"  expected: a model and batches on an NVIDIA or AMD GPU\.\n"
            r"  fix: compile\(jit=True\), which runs the captured step call by call\.$"
        ),
    ):
        Graphed(recorded(lambda x: x + 1, torch.ones(2)))


def test_a_step_on_one_gpu_is_welcome():
    recording = moved(recorded(lambda x: x.exp() + 1, torch.ones(2)), "cuda:0")

    assert graph_refusal(recording) is None


def test_a_result_on_the_cpu_is_refused_by_name():
    recording = moved(recorded(lambda x: x.exp(), torch.ones(2)), "cuda:0", 1)

    assert str(graph_refusal(recording)) == (
        "the step cannot become a CUDA graph: aten.exp.default writes to cpu, not to cuda:0.\n"
        "  expected: kernels on one GPU only, without waiting for the host.\n"
        "  fix: keep every tensor of the model on the GPU; the step is captured without a graph."
    )


def test_a_table_on_the_cpu_is_refused_by_name():
    table = torch.ones(2)
    recording = moved(recorded(lambda x: x + table, torch.ones(2)), "cuda:0", 1)

    assert graph_refusal(recording).problem == (
        "the step cannot become a CUDA graph: aten.add.Tensor reads a tensor on cpu."
    )


def test_a_fixed_number_on_the_cpu_may_stay():
    number = torch.tensor(2.0)
    recording = moved(recorded(lambda x: x + number, torch.ones(2)), "cuda:0", 1)

    assert graph_refusal(recording) is None


needs_gpu = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU"),
]


class TestOnGpu:
    pytestmark = needs_gpu

    def test_a_graph_computes_what_the_function_does(self):
        weight = torch.randn(4, 4, device="cuda")
        made = Graphed(recorded(lambda x: (x @ weight).tanh(), torch.ones(2, 4, device="cuda")))
        x = torch.randn(2, 4, device="cuda")

        torch.testing.assert_close(made(x), (x @ weight).tanh())

    def test_making_a_graph_changes_nothing(self):
        total = torch.zeros(2, device="cuda")
        recording = recorded(lambda x: total.add_(x), torch.ones(2, device="cuda"))
        made = Graphed(recording)
        before = total.tolist()

        made(torch.ones(2, device="cuda"))

        assert before == [1.0, 1.0]
        assert total.tolist() == [2.0, 2.0]

    def test_a_seed_set_before_a_launch_takes_effect(self):
        stream = torch.Generator("cuda")

        def noise(x):
            return x * x.new_empty(64).bernoulli_(0.5, generator=stream)

        ones = torch.ones(64, device="cuda")
        made = Graphed(recorded(noise, ones))
        stream.manual_seed(5)
        wanted = noise(ones).clone()
        stream.manual_seed(5)
        first = made(ones).clone()
        second = made(ones).clone()
        stream.manual_seed(5)

        assert torch.equal(first, wanted)
        assert not torch.equal(second, first)
        assert torch.equal(made(ones), first)

    def test_graphs_of_one_pool_do_not_disturb_each_other(self):
        pool = torch.cuda.graph_pool_handle()
        totals = [torch.zeros(64, device="cuda") for _ in range(2)]
        ones = torch.ones(64, device="cuda")
        made = [
            Graphed(recorded(lambda x, t=total: t.add_((x * 2).exp().log()), ones), pool)
            for total in totals
        ]

        for _ in range(3):
            [one(ones) for one in made]

        torch.testing.assert_close(totals[0], torch.full_like(ones, 8.0))
        torch.testing.assert_close(totals[1], torch.full_like(ones, 8.0))

    def test_all_tiers_agree_on_a_net_with_noise(self):
        model = keras.Sequential(
            [
                layers.Input((8,)),
                layers.Dense(16, "swish"),
                layers.Dropout(0.3),
                layers.BatchNormalization(),
                layers.Dense(1),
            ]
        )
        model.compile("adam", "mse", metrics=["mae"])

        report = keras.step.verify(model, (torch.randn(32, 8), torch.randn(32, 1)))

        assert report["graphed"].largest == 0.0
        assert report["compiled"].largest < 1e-4

    def test_fit_takes_the_graph_by_itself(self):
        model = keras.Sequential([layers.Input((3,)), layers.Dense(1)])
        model.compile("adam", "mse")

        history = model.fit(torch.randn(40, 3), torch.randn(40, 1), batch_size=4, verbose=0)

        assert (history.tier, history.refusals) == ("graphed", [])
