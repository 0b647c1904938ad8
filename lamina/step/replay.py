"""Tier `captured`: a recording as straight-line Python that calls kernels and nothing else.

Tensors of the state, intermediate results and all their views are fixed when the code is written;
only what arrives with the batch is looked at anew.
"""

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from lamina.core.private_torch import InferenceGuard
from lamina.step import kernels
from lamina.step.memory import place_results
from lamina.step.passes import (
    drop_dead_calls,
    fold_constants,
    plain_casts,
    reuse_arguments,
    write_in_place,
)
from lamina.step.recording import Call, Recording, Ref


class Replay:
    """Runs a recording again on other inputs of the same shapes and dtypes.

    Args:
        recording: What to run.
        plan_memory: Whether intermediate results get fixed memory. It saves time, and makes the
            replay unfit for being called from two threads at once.

    Attributes:
        source: The straight-line code.
        num_calls: Kernel calls made at each run, views included.
        planned_bytes: Bytes of fixed memory for intermediate results.
    """

    def __init__(self, recording: Recording, *, plan_memory: bool = True) -> None:
        cleaned = drop_dead_calls(fold_constants(plain_casts(recording)))
        if plan_memory:
            cleaned = drop_dead_calls(write_in_place(cleaned))
            cleaned = reuse_arguments(cleaned)
        placed = place_results(cleaned) if plan_memory else dict(cleaned.constants)
        writer = _Writer(cleaned, placed)
        self.recording = cleaned
        self.source = writer.source()
        self.num_calls = writer.num_calls
        self.planned_bytes = sum(
            {
                t.untyped_storage().data_ptr(): t.untyped_storage().nbytes()
                for ref, t in placed.items()
                if ref not in cleaned.constants
            }.values()
        )
        exec(compile(self.source, "<captured step>", "exec"), writer.names)
        self.run: Callable[..., Any] = writer.names["replay"]

    def __call__(self, *inputs: Tensor) -> Any:
        """Runs the calls; returns what the recorded function returned."""
        with InferenceGuard(True):
            return self.run(*inputs)


class _Writer:
    """Turns calls into lines, and Python objects into names that the lines use."""

    def __init__(self, recording: Recording, placed: dict[Ref, Tensor]) -> None:
        self.names: dict[str, Any] = {}
        self.num_calls = 0
        self._recording = recording
        self._placed = placed
        self._bound: dict[int, str] = {}
        self._inputs = {ref: f"x{number}" for number, ref in enumerate(recording.inputs)}
        self._lines: list[str] = []

    def source(self) -> str:
        """The function `replay`, whose parameters are the inputs."""
        last = self._last_uses()
        for index, call in enumerate(self._recording.calls):
            self._write(call)
            done = [self._of(ref) for ref in last.get(index, []) if ref not in self._inputs]
            if done:
                self._lines.append(f"del {', '.join(done)}")
        result = self._expression(self._recording.outputs)
        body = "\n    ".join([*self._lines, f"return {result}"])
        return f"def replay({', '.join(self._inputs.values())}):\n    {body}\n"

    def _last_uses(self) -> dict[int, list[Ref]]:
        """Results in memory of their own that nobody needs after a call."""
        last: dict[Ref, int] = {}
        for index, call in enumerate(self._recording.calls):
            for ref in (*call.reads(), *(ref for ref in call.results if ref is not None)):
                if ref not in self._placed:
                    last[ref] = index
        for ref in self._recording.output_refs():
            last.pop(ref, None)
        by_index: dict[int, list[Ref]] = {}
        for ref, index in last.items():
            by_index.setdefault(index, []).append(ref)
        return by_index

    def _write(self, call: Call) -> None:
        results = [ref for ref in call.results if ref is not None]
        new = [ref for ref in results if ref not in set(call.reads())]
        if new and all(ref in self._placed for ref in new):
            if kernels.has_out_form(call):  # otherwise a view of fixed memory: fixed itself
                self._write_into(call, new[0])
        elif kernels.has_out_form(call) and self._recording.base[new[0]] != new[0]:
            self._write_over(call, new[0])
        elif new or call.changed():
            self._write_new(call)

    def _write_into(self, call: Call, target: Ref) -> None:
        self.num_calls += 1
        if kernels.is_copy(call):
            copy = self._bind(Tensor.copy_, "copy_")
            self._lines.append(f"{copy}({self._of(target)}, {self._expression(call.args[0])})")
            return
        function, keyword = kernels.out_form(call)
        arguments = self._arguments(call)
        self._lines.append(
            f"{self._bind(function, call.name)}({arguments}, {keyword}={self._of(target)})"
        )

    def _write_over(self, call: Call, target: Ref) -> None:
        """The result takes the place of an argument in memory that is not fixed."""
        owner = self._recording.base[target]
        victim = next(ref for ref in call.reads() if self._recording.base[ref] == owner)
        function, keyword = kernels.out_form(call)
        self.num_calls += 1
        self._lines.append(
            f"{self._of(target)} = {self._bind(function, call.name)}({self._arguments(call)}, "
            f"{keyword}={self._of(victim)})"
        )

    def _write_new(self, call: Call) -> None:
        self.num_calls += 1
        line = f"{self._bind(kernels.binding(call), call.name)}({self._arguments(call)})"
        read = set(call.reads())
        targets = ["_" if ref is None or ref in read else self._of(ref) for ref in call.results]
        if _returns_many(call):
            line = f"{', '.join(targets)}, = {line}"
        elif targets != ["_"]:
            line = f"{targets[0]} = {line}"
        self._lines.append(line)

    def _arguments(self, call: Call) -> str:
        schema = call.operation._schema.arguments
        positional = [self._expression(arg) for arg in kernels.positional(call)]
        known = {argument.name for argument in schema}
        named = [
            f"{key}={self._expression(value)}" for key, value in call.kwargs.items() if key in known
        ]
        return ", ".join([*positional, *named])

    def _expression(self, tree: Any) -> str:
        if isinstance(tree, Ref):
            return self._of(tree)
        if isinstance(tree, dict):
            entries = (f"{key!r}: {self._expression(value)}" for key, value in tree.items())
            return f"{{{', '.join(entries)}}}"
        if isinstance(tree, list):
            return f"[{', '.join(map(self._expression, tree))}]"
        if isinstance(tree, tuple):
            return f"({', '.join(map(self._expression, tree))}{',' if len(tree) == 1 else ''})"
        if tree is None or isinstance(tree, (bool, int, str)):
            return repr(tree)
        if isinstance(tree, float) and math.isfinite(tree):
            return repr(tree)
        return self._bind(tree, type(tree).__name__)

    def _of(self, ref: Ref) -> str:
        """The name of a tensor in the code."""
        if ref in self._inputs:
            return self._inputs[ref]
        if ref in self._placed:
            name = f"t{ref.number}"
            self.names.setdefault(name, self._placed[ref])
            return name
        return f"v{ref.number}"

    def _bind(self, value: Any, hint: str) -> str:
        """A name that the code can use for any Python object."""
        if id(value) not in self._bound:
            word = "".join(c if c.isalnum() else "_" for c in hint.removeprefix("aten."))
            name = f"{word}_{len(self._bound)}"
            self._bound[id(value)] = name
            self.names[name] = value
        return self._bound[id(value)]


def _returns_many(call: Call) -> bool:
    returns = call.operation._schema.returns
    return len(returns) > 1 or (len(returns) == 1 and "List" in str(returns[0].type))
