"""The tensors of a model by name: gathered, compared with those of a file, and overwritten.

Nothing is changed before every name, shape and dtype has been compared.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core.errors import LoadError
from lamina.core.names import to_snake_case
from lamina.core.variables import Variable
from lamina.files.opening import damaged, printable

_SHOWN = 5


def named_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Weights and saved state by their names in `state_dict`, each tensor once."""
    found: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, value in model.state_dict(keep_vars=True).items():
        if isinstance(value, Tensor) and id(value) not in seen:
            seen.add(id(value))
            found[name] = value
    return found


def plain_tensors(model: nn.Module) -> dict[str, Tensor]:
    """The same as ordinary tensors without a gradient."""
    return {n: value.detach().as_subclass(Tensor) for n, value in named_tensors(model).items()}


def renumbered(model: nn.Module, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a file under the names of a model that was made by the same program.

    Automatic names count on with every layer made: the file has dense_2 where the model has
    dense_4. Where names differ, automatic ones are matched by their order.
    """
    own = named_tensors(model)
    if own.keys() == given.keys():
        return dict(given)
    automatic = {to_snake_case(type(part).__name__) for part in model.modules()}
    ours, theirs = _numbered(own, automatic), _numbered(given, automatic)
    name_of = {number: name for name, number in ours.items()}
    return {name_of.get(theirs[name], name): value for name, value in given.items()}


def _numbered(names: Iterable[str], automatic: set[str]) -> dict[str, tuple]:
    """Each name with its automatic parts replaced by their place among those of one kind."""
    found: dict[tuple, set[int]] = {}
    split = {name: [_automatic_part(part, automatic) for part in name.split(".")] for name in names}
    for parts in split.values():
        for depth, part in enumerate(parts):
            if isinstance(part, tuple):
                found.setdefault((depth, part[0]), set()).add(part[1])
    places = {key: sorted(numbers) for key, numbers in found.items()}
    return {
        name: tuple(
            (part[0], places[depth, part[0]].index(part[1])) if isinstance(part, tuple) else part
            for depth, part in enumerate(parts)
        )
        for name, parts in split.items()
    }


def _automatic_part(part: str, automatic: set[str]) -> str | tuple[str, int]:
    """("dense", 2) for dense_2 where "dense" is an automatic name, else the part itself."""
    match: Any = re.fullmatch(r"(.*?)(?:_(\d{1,9}))?", part)
    base, number = match[1], match[2]
    return (base, int(number or 0)) if base in automatic else part


class Differences:
    """How the tensors of a file differ from those a model has.

    Args:
        model: The model.
        given: The tensors of the file.
    """

    def __init__(self, model: nn.Module, given: Mapping[str, Tensor]) -> None:
        own = named_tensors(model)
        free = set(_free_sizes(model))
        self.missing = [name for name in own if name not in given]
        self.unexpected = sorted(name for name in given if name not in own)
        self.different = [
            name
            for name, value in own.items()
            if name in given and not _fits(value, given[name], name in free)
        ]
        self._own, self._given = own, given

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.different)

    @property
    def fitting(self) -> list[str]:
        """Names of the tensors that can be taken over."""
        wrong = {*self.missing, *self.different}
        return [name for name in self._own if name not in wrong]

    def sentences(self) -> list[str]:
        """What differs, a sentence for each way to differ."""
        changed = [
            f"{printable(name, 60)} is {_told(self._given[name])}, the model's {_told(own)}"
            for name, own in self._own.items()
            if name in self.different
        ]
        lists = (
            ("missing", [printable(name, 60) for name in self.missing]),
            ("unexpected", [printable(name, 60) for name in self.unexpected]),
            ("of another shape or dtype", changed),
        )
        return [f"{what}: {_some(names)}" for what, names in lists if names]

    def error(self, label: str, fix: str) -> LoadError:
        """All differences in one error, with advice."""
        count = len(self.missing) + len(self.unexpected) + len(self.different)
        return damaged(
            label,
            f"{count} of its tensors do not fit the model; {'; '.join(self.sentences())}.",
            expected="exactly the weights of the model. " + "; ".join(self.sentences()) + ".",
            fix=fix,
        )


def overwrite(model: nn.Module, given: Mapping[str, Tensor], names: list[str]) -> None:
    """Copies tensors of a file into a model that has memory; the weights stay where they are."""
    free = _free_sizes(model)
    own = named_tensors(model)
    with torch.no_grad():
        for name in names:
            if name in free and own[name].shape != given[name].shape:
                _replace_state(*free[name], given[name])
            else:
                own[name].copy_(given[name])


def fill(model: nn.Module, given: Mapping[str, Tensor]) -> None:
    """Hands the tensors of a file to a model, whose empty weights take over their memory."""
    with torch.no_grad():
        for name, own in named_tensors(model).items():
            if own.is_meta:
                _swap(own, given[name])
            else:
                overwrite(model, given, [name])


def _swap(own: Tensor, values: Tensor) -> None:
    """Makes `own`, wherever it is referred to, the same kind of tensor with these values."""
    if isinstance(own, nn.Parameter):
        new: Tensor = type(own)(values, requires_grad=own.requires_grad)
    else:
        new = Variable(values) if isinstance(own, Variable) else values
    new.__dict__.update(own.__dict__)
    torch.utils.swap_tensors(own, new)


def _free_sizes(model: nn.Module) -> dict[str, tuple[nn.Module, str]]:
    """State whose size was learned, by name, with its layer and the name there."""
    return {
        f"{prefix}.{key}".lstrip("."): (module, key)
        for prefix, module in model.named_modules()
        for key in getattr(module, "_resizable", ())
    }


def _replace_state(layer: nn.Module, key: str, values: Tensor) -> None:
    old = layer._buffers[key]
    new = Variable(values.to(old.device))
    new.__dict__.update(old.__dict__)
    layer.register_buffer(key, new)


def _fits(own: Tensor, given: Tensor, size_is_free: bool) -> bool:
    shapes_fit = own.shape == given.shape or (size_is_free and own.ndim == given.ndim)
    return shapes_fit and own.dtype == given.dtype


def _told(value: Tensor) -> str:
    return f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def weight_names(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Weights that training changes, by name."""
    return ((name, weight) for name, weight in model.named_parameters() if weight.requires_grad)
