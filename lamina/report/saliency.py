"""Which pixels spoke for an answer: the gradient of its score times the input, smoothed."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core.scores import scores_of

_COPIES = 8
_NOISE = 0.1  # share of the range of a picture
_AT_ONCE = 64  # pictures in a pass, copies included
_TINY = 1e-30


def saliency(model: Any, pictures: np.ndarray, answers: np.ndarray, labels: np.ndarray) -> Any:
    """How much each pixel spoke for the given answer rather than the right one.

    Averages |gradient x input| of the score of the answer less that of the label (of the answer
    alone where the two agree) over slightly noisy copies of each picture, sums the channels, blurs
    a little and scales each picture to 0 to 255.

    Args:
        model: A built classifier of pictures.
        pictures: (n, height, width) or (n, height, width, channels).
        answers: The class that each was given.
        labels: The class that each has.

    Returns:
        (n, height, width), uint8; `None` where the model has no gradient.

    Reference:
        Smilkov, Thorat, Kim, Viégas and Wattenberg, "SmoothGrad: removing noise by adding noise",
        2017, for the noisy copies; Shrikumar, Greenside, Shcherbina and Kundaje, "Not Just a Black
        Box: Learning Important Features Through Propagating Activation Differences", 2016, for
        gradient x input.
    """
    was_training = model.training
    model.eval()
    each = max(1, _AT_ONCE // _COPIES)
    try:
        maps = [
            _of_some(
                model, pictures[at : at + each], answers[at : at + each], labels[at : at + each]
            )
            for at in range(0, len(pictures), each)
        ]
    except RuntimeError:  # a part of the model has no derivative
        return None
    finally:
        model.train(was_training)
    return np.stack([_as_bytes(one) for some in maps for one in some])


def _of_some(model: Any, pictures: np.ndarray, answers: np.ndarray, labels: np.ndarray) -> Any:
    device = next((weight.device for weight in model.parameters()), torch.device("cpu"))
    x = torch.from_numpy(np.array(pictures, dtype=np.float32)).to(device)
    generator = torch.Generator().manual_seed(0)
    spread = (x.amax() - x.amin()) * _NOISE
    noise = torch.randn((_COPIES, *x.shape), generator=generator).to(device) * spread
    copies = (x + noise).flatten(0, 1).requires_grad_()
    with torch.enable_grad():
        scores = _scores(model(copies))
        given = torch.from_numpy(np.tile(answers, _COPIES)).to(device)
        right = torch.from_numpy(np.tile(labels, _COPIES)).to(device)
        value = _margin(scores, given.long(), right.long()).sum()
        (gradient,) = torch.autograd.grad(value, copies)
    found = (gradient * copies).abs().detach().reshape(_COPIES, *x.shape).mean(0)
    found = found.sum(-1) if found.ndim == 4 else found
    return _blurred(found).cpu().numpy()


def _scores(outputs: Tensor) -> Tensor:
    """Scores of the classes; from probabilities by their logarithm where no scores are known."""
    if outputs.shape[-1] == 1:
        score = scores_of(outputs, "sigmoid")
        if score is None:
            score = torch.logit(outputs, eps=1e-7)
        return torch.cat([torch.zeros_like(score), score], dim=-1)
    scores = scores_of(outputs, "softmax")
    if scores is not None:
        return scores
    is_share = bool((outputs >= 0).all()) and bool((outputs <= 1).all())
    return torch.log(outputs + _TINY) if is_share else outputs


def _margin(scores: Tensor, given: Tensor, right: Tensor) -> Tensor:
    rows = torch.arange(len(scores), device=scores.device)
    against = torch.where(given == right, torch.zeros_like(scores[:, 0]), scores[rows, right])
    return scores[rows, given] - against


def _blurred(maps: Tensor) -> Tensor:
    """A small Gaussian blur, so that neighbouring pixels speak together."""
    side = max(maps.shape[1:])
    sigma = max(0.6, side / 40)
    reach = max(1, round(2 * sigma))
    places = torch.arange(-reach, reach + 1, device=maps.device, dtype=maps.dtype)
    bell = torch.exp(-(places**2) / (2 * sigma**2))
    bell = bell / bell.sum()
    rows = torch.nn.functional.conv2d(maps[:, None], bell.view(1, 1, -1, 1), padding=(reach, 0))
    both = torch.nn.functional.conv2d(rows, bell.view(1, 1, 1, -1), padding=(0, reach))
    return both[:, 0]


def _as_bytes(one: np.ndarray) -> np.ndarray:
    top = float(np.quantile(one, 0.995)) or float(one.max())
    share = one / top if np.isfinite(top) and top > 0 else np.zeros_like(one)
    return (np.nan_to_num(share).clip(0, 1) * 255).round().astype(np.uint8)
