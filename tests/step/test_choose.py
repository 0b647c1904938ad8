"""Which tier runs for which wish on which device."""

import pytest
import torch

from lamina.core import private_torch
from lamina.step.choose import Choice, choose, choose_reading

cpu, cuda, mps = torch.device("cpu"), torch.device("cuda"), torch.device("mps")


@pytest.fixture
def tools(monkeypatch):
    """A machine with a C++ compiler and Triton."""
    monkeypatch.setattr(private_torch, "cpp_compiler", lambda: "g++")
    monkeypatch.setattr(private_torch, "has_triton", lambda: True)


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(
    ("wish", "device", "tier"),
    [
        ("eager", cpu, "eager"),
        ("captured", cpu, "captured"),
        ("compiled", cpu, "compiled"),
        ("eager", cuda, "eager"),
        ("captured", cuda, "graphed"),
        ("graphed", cuda, "graphed"),
        ("compiled", cuda, "compiled"),
        ("captured", mps, "captured"),
    ],
)
def test_a_wish_is_granted_where_the_device_can(wish, device, tier):
    assert choose(wish, device) == Choice(tier)


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(
    ("wish", "device", "tier"),
    [("compiled", cpu, "captured"), ("compiled", cuda, "graphed"), ("eager", cpu, "eager")],
)
def test_evaluation_is_not_compiled(wish, device, tier):
    assert choose_reading(wish, device) == Choice(tier)


def test_without_a_compiler_the_step_is_captured(monkeypatch):
    monkeypatch.setattr(private_torch, "cpp_compiler", lambda: None)
    tier, refusal = choose("compiled", cpu)

    assert tier == "captured"
    assert str(refusal) == (
        "the step cannot be compiled: this machine has no C++ compiler.\n"
        "  expected: g++ or clang++ on the path, or its name in the variable CXX.\n"
        '  fix: install g++, or compile(jit="auto"), which needs no compiler.'
    )


def test_without_triton_a_gpu_takes_the_graph(monkeypatch):
    monkeypatch.setattr(private_torch, "has_triton", lambda: False)
    tier, refusal = choose("compiled", cuda)

    assert tier == "graphed"
    assert str(refusal) == (
        "the step cannot be compiled: triton is missing or does not know this GPU.\n"
        "  expected: the package triton, which comes with torch for Linux, and a GPU it serves.\n"
        '  fix: pip install triton, or compile(jit="auto"), which needs no compiler.'
    )


def test_a_device_without_a_compiler_of_its_own_is_refused():
    tier, refusal = choose("compiled", mps)

    assert tier == "captured"
    assert str(refusal) == (
        "the step cannot be compiled for device 'mps'.\n"
        "  expected: a model on the CPU or on an NVIDIA or AMD GPU.\n"
        '  fix: compile(jit="auto").'
    )


def test_a_graph_needs_a_gpu():
    tier, refusal = choose("graphed", cpu)

    assert tier == "captured"
    assert str(refusal) == (
        "the step cannot become a CUDA graph on device 'cpu'.\n"
        "  expected: a model on an NVIDIA or AMD GPU.\n"
        '  fix: compile(jit="auto"), which takes the best tier of each device.'
    )
