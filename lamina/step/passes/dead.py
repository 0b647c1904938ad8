"""Drops calls whose results nobody reads: views taken for nothing, values only autograd wanted."""

from lamina.step.kernels import has_out_form
from lamina.step.recording import Call, Recording, Ref


def drop_dead_calls(recording: Recording) -> Recording:
    """Keeps calls that change lasting memory, draw random numbers, or feed such a call."""
    wanted: set[Ref] = set(recording.output_refs())
    lasting = {recording.base[ref] for ref in (*recording.constants, *recording.inputs)}
    lasting |= {recording.base[ref] for ref in wanted}
    kept: list[Call] = []
    for call in reversed(recording.calls):
        changed = {recording.base[ref] for ref in call.changed()}
        is_needed = (
            call.is_random
            or changed & (lasting | {recording.base[ref] for ref in wanted})
            or any(ref in wanted for ref in call.results if _is_new(call, ref))
            or (has_out_form(call) and call.results[0] in recording.constants)
        )
        if is_needed:
            wanted.update(call.reads())
            kept.append(call)
    return recording.copy(kept[::-1])


def _is_new(call: Call, ref: Ref | None) -> bool:
    """Whether a result is more than an argument handed back (detach, a view of equal shape)."""
    return ref is not None and ref not in set(call.reads())
