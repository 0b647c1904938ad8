"""The recipe cnn_fast in plain torch by hand: same net, same updates, no part of Lamina.

    python -m benchmarks.peers.torch_cnn_fast pictures.npz --minutes 10 [--validation 0.1]

The file holds x_train (uint8, n, height, width, channels), y_train, x_test and y_test. Arrays are
scaled once before training, in channels-last memory; convolutions run in bfloat16 by autocast.
"""

import argparse
import json
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

MOMENTUM, PEAK, DECAY, SMOOTHING, OFFSET_RATE = 0.85, 1.5, 0.0089, 0.2, 64.0
PERIOD, LAST_SHARE = 5, 1 - 0.95**5
_REHEARSED, _SAFETY = 14, 0.98  # updates that find the pace; share of the minutes planned for


class Normalized(nn.Sequential):
    """Convolution, pooling, normalization without scale, GELU."""

    def __init__(self, channels: int, filters: int, pooling: int) -> None:
        convolution = nn.Conv2d(channels, filters, 3, padding=1, bias=False)
        with torch.no_grad():
            nn.init.dirac_(convolution.weight[: min(channels, filters)])
        norm = nn.BatchNorm2d(filters, eps=1e-6, momentum=0.4)
        norm.weight.requires_grad_(False)
        pool = [nn.MaxPool2d(pooling)] if pooling > 1 else []
        super().__init__(convolution, *pool, norm, nn.GELU())


class Net(nn.Module):
    """Whitened patches, three groups of two convolutions, a linear layer."""

    def __init__(self, x: Tensor, num_classes: int, filters: tuple[int, ...]) -> None:
        super().__init__()
        kernel = whitening(x, 2 if x.shape[1] > 1 else 3)
        self.first = nn.Conv2d(x.shape[1], len(kernel), kernel.shape[-1])
        self.first.weight = nn.Parameter(kernel, requires_grad=False)
        nn.init.zeros_(self.first.bias)
        channels = [len(kernel), *filters]
        self.groups = nn.Sequential(
            *(
                nn.Sequential(Normalized(before, after, 2), Normalized(after, after, 1))
                for before, after in zip(channels, filters, strict=False)
            )
        )
        self.head = nn.Linear(filters[-1], num_classes, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of a batch."""
        z = self.groups(F.gelu(self.first(x)))
        return self.head(z.amax((2, 3))).float() / 9


def whitening(x: Tensor, size: int) -> Tensor:
    """Eigenvectors of small patches over their deviation, with both signs."""
    patches = x[:5000].float().unfold(2, size, 1).unfold(3, size, 1).permute(0, 2, 3, 1, 4, 5)
    rows = patches.reshape(-1, x.shape[1] * size * size)
    values, vectors = torch.linalg.eigh(torch.cov(rows.T, correction=0))
    filters = (vectors / (values + 5e-4).sqrt()).T.reshape(-1, x.shape[1], size, size)
    return torch.cat([filters, -filters])


def changed(x: Tensor, shift: int, mirrored: Tensor) -> Tensor:
    """The pictures moved within their reflected surroundings, some of them mirrored: one gather."""
    n, channels, height, width = x.shape
    y, z = torch.arange(height), torch.arange(width)
    moves = torch.randint(-shift, shift + 1, (2, n, 1))
    rows = reflected(y + moves[0], height)
    columns = torch.where(mirrored[:, None], width - 1 - z, z)
    columns = reflected(columns + moves[1], width)
    places = ((torch.arange(n)[:, None] * height + rows) * width)[:, :, None] + columns[:, None, :]
    pixels = x.permute(0, 2, 3, 1).reshape(-1, channels).index_select(0, places.reshape(-1))
    return pixels.reshape(n, height, width, channels).permute(0, 3, 1, 2)


def reflected(places: Tensor, size: int) -> Tensor:
    """Places beyond a border, mirrored about it."""
    places = places.abs()
    return torch.where(places > size - 1, 2 * (size - 1) - places, places)


def rate(share: float) -> float:
    """The triangle, as a share of the peak."""
    return 0.2 + 0.8 * share / 0.23 if share < 0.23 else 1 - 0.93 * (share - 0.23) / 0.77


def train(x: Tensor, y: Tensor, epochs: int, batch_size: int, steps: int) -> tuple[Net, dict]:
    """Trains the net; times all updates but the first two."""
    net = Net(x, int(y.max()) + 1, (64, 256, 256)).to(memory_format=torch.channels_last)
    optimizer, slow = optimizer_of(net, batch_size), None
    total = steps or epochs * -(-len(x) // batch_size)
    begins = torch.rand(len(x)) < 0.5
    done, began, cpu = 0, time.perf_counter(), time.process_time()
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(batch_size)[: total - done]:
            if done == 2:
                began, cpu = time.perf_counter(), time.process_time()
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * rate(done / total)
            pictures = changed(x.index_select(0, rows), 2, begins[rows] ^ bool(epoch % 2))
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(pictures)
            loss = F.cross_entropy(logits, y[rows], label_smoothing=SMOOTHING)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            slow = followed(net, slow, done, total)
            done += 1
    with torch.no_grad():
        for weight, kept in zip(trained(net), slow or [], strict=True):
            weight.copy_(kept)
    timed = max(done - 2, 1)
    return net, {
        "epochs": epochs,
        "updates": done,
        "seconds_an_update": (time.perf_counter() - began) / timed,
        "cpu_seconds_an_update": (time.process_time() - cpu) / timed,
    }


def trained(net: Net) -> list[nn.Parameter]:
    """The weights that are trained."""
    return [weight for weight in net.parameters() if weight.requires_grad]


def optimizer_of(net: Net, batch_size: int) -> torch.optim.Optimizer:
    """SGD whose decay is that of Lamina's: a share of the weight, apart from the momentum."""
    peak = PEAK * batch_size / 1024
    offsets = [m.bias for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    known = {id(weight) for weight in [*offsets, net.first.bias]}
    kernels = [weight for weight in trained(net) if id(weight) not in known]
    # torch's decay passes through the momentum, which multiplies it by 1 / (1 - momentum).
    groups = [
        {"params": kernels, "peak": peak, "weight_decay": DECAY * (1 - MOMENTUM)},
        {"params": offsets, "peak": OFFSET_RATE * peak, "weight_decay": 0.0},
        {"params": [net.first.bias], "peak": peak, "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, lr=peak, momentum=MOMENTUM, nesterov=True, fused=True)


@torch.no_grad()
def followed(net: Net, slow: list[Tensor] | None, done: int, total: int) -> list[Tensor]:
    """Lookahead: every few updates slow weights go a share of the way, and fast ones meet them."""
    weights = trained(net)
    if slow is None:
        slow = [weight.detach().clone() for weight in weights]
    if (done + 1) % PERIOD == 0:
        share = LAST_SHARE + (1 - LAST_SHARE) * (1 - done / total) ** (1 / 3)
        torch._foreach_lerp_(slow, weights, share)
        torch._foreach_copy_(weights, slow)
    return slow


@torch.no_grad()
def accuracy(net: Net, x: Tensor, y: Tensor) -> float:
    """Share named right, averaged over mirrored and shifted views as Lamina's recipe does."""
    net.eval()
    right = 0
    for pictures, wanted in zip(x.split(1000), y.split(1000), strict=True):
        padded = F.pad(pictures.float(), (1, 1, 1, 1), "reflect")
        height, width = pictures.shape[2:]
        moved = [padded[:, :, i : i + height, i : i + width] for i in (0, 2)]
        views = [(0.5, pictures), *((0.25, one.to(pictures.dtype)) for one in moved)]
        with torch.autocast("cpu", torch.bfloat16):
            logits = sum(s * (net(view) + net(view.flip(3))) for s, view in views)
        right += int((logits.argmax(1) == wanted).sum())
    return right / len(y)


def main() -> None:
    """Trains once and prints one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--minutes", type=float, help="instead of epochs: as many as fit")
    parser.add_argument("--validation", type=float, default=0.0)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many updates")
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    with np.load(given.file) as data:
        arrays = {name: torch.from_numpy(data[name]) for name in data.files}
    x = ((arrays["x_train"].float() - 120) / 64).bfloat16().permute(0, 3, 1, 2)
    y, test_x = arrays["y_train"].long(), ((arrays["x_test"].float() - 120) / 64).bfloat16()
    test_x, test_y = test_x.permute(0, 3, 1, 2), arrays["y_test"].long()
    if given.validation:
        order = torch.from_numpy(np.random.default_rng(7).permutation(len(x)))
        held, kept = order.tensor_split([int(given.validation * len(x))])
        x, y, test_x, test_y = x[kept], y[kept], x[held], y[held]
    epochs = given.epochs
    if given.minutes:
        pace = train(x, y, 1, given.batch_size, _REHEARSED)[1]["seconds_an_update"]
        updates = -(-len(x) // given.batch_size)
        epochs = max(1, int(given.minutes * 60 * _SAFETY / (updates * pace)))
        torch.manual_seed(given.seed)
    began = time.perf_counter()
    net, speed = train(x, y, epochs, given.batch_size, given.steps)
    speed["train_seconds"] = time.perf_counter() - began
    found = {} if given.steps else {"accuracy": accuracy(net, test_x, test_y)}
    print(json.dumps(speed | found | {"threads": given.threads, "seed": given.seed}))


if __name__ == "__main__":
    main()
