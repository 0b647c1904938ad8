"""Keeps a run in a folder: begins it or goes on, saves it on the way, and marks its end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, kinds, randomness
from lamina.core.errors import ArgumentError, LoadError, StateError
from lamina.core.names import shown, shown_path
from lamina.data import StreamBatches
from lamina.train import checkpoint_document, random_state, snapshot
from lamina.train.callbacks.backup import BackupAndRestore
from lamina.train.checkpoint import Checkpoints, Saved
from lamina.train.feeding import Fed
from lamina.train.history import History
from lamina.train.plain_data import decode, encode
from lamina.train.printing import say
from lamina.train.run_facts import Facts, differences, same_rate
from lamina.train.snapshot import Parts, Place
from lamina.train.watch import NEVER, checked_every

_BROKEN = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError),
    *(RuntimeError, TypeError, ValueError),
)


class Keeper:
    """One run and its folder, from before the data are prepared until the end of `fit`.

    Args:
        checkpoints: The folder, held by this run.
        every: Steps (int), seconds (float) or "epoch" between checkpoints.
        strict: Whether a run that was begun with other settings is an error.
        leaves: Whether the checkpoints stay when the run has ended.

    Raises:
        LoadError: The folder's checkpoints cannot be used.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        every: int | float | str,
        strict: bool = True,
        leaves: bool = True,
    ) -> None:
        self.checkpoints, self.every = checkpoints, every
        self._strict, self._leaves = strict, leaves
        self._saved: Saved | None = checkpoint_document.checked(checkpoints.latest())
        self._facts: Facts = {}
        self._changed: dict[str, str] = {}
        self._epoch_random: Any = None
        self._held_random: random_state.Moment | random_state.Collected | None = None
        if self._saved is not None and not randomness.is_seed_chosen():
            _, drawn = randomness.state()
            randomness.load_state(self._saved.document["facts"]["seed"], drawn)

    # -- going on ----------------------------------------------------------------------------

    def compare(self, facts: Facts) -> None:
        """Takes note of what the run is made of.

        Raises:
            ArgumentError: The folder holds a run that was made of something else.
        """
        self._facts = facts
        if self._saved is None:
            return
        old = self._saved.document["facts"]
        self._changed = differences(old, facts)
        rate = self._saved.tensors.get("counters/learning_rate")
        kept = float(rate) if rate is not None and rate.numel() == 1 else None
        if same_rate(old, facts, kept):
            self._changed.pop("learning_rate", None)
        if not self._changed:
            self._facts = old
        elif self._strict:
            raise self._other_run()
        else:
            say(f"goes on with other settings: {'; '.join(self._changed.values())}")

    def has_ended(self, epochs: int) -> bool:
        """Whether the run has been trained for so many epochs, or stopped itself before."""
        if self._saved is None or not self._saved.document["finished"]:
            return False
        document = self._saved.document
        return document["stop_training"] or document["place"]["epoch"] >= epochs

    def put_end(self, parts: Parts) -> History:
        """Brings model and optimizer to where the finished run left them; returns its history."""
        saved = self._taken()
        with _explained(saved):
            snapshot.restore(parts, saved.document, saved.tensors)
            final = {k: v for k, v in saved.tensors.items() if k.startswith("final/")}
            own = snapshot.model_tensors(parts.session.module)
            with torch.no_grad():
                for name, tensor in final.items():
                    own[name.replace("final/", "weights/")].copy_(tensor)
        parts.session.module.eval()
        history = next(c for c in parts.callbacks.callbacks if isinstance(c, History))
        parts.model.__dict__["history"] = history
        return history

    def place(self) -> Place | None:
        """Where the run goes on; `None` where it begins."""
        if self._saved is None:
            return None
        with _explained(self._saved):
            place = Place(**decode(self._saved.document["place"]))
        if place.step and {"batch_size", "data", "shuffle", "seed"} & self._changed.keys():
            return Place(place.epoch, 0, place.done)  # steps mean something else now
        return place

    def restore(self, parts: Parts, loop: Any, place: Place) -> None:
        """Puts everything back to where it was at this place.

        Raises:
            LoadError: The checkpoint does not fit the model.
        """
        saved = self._taken()
        tensors = saved.tensors
        if not (place.step and place.logs is None):
            tensors = {k: v for k, v in tensors.items() if not k.startswith("totals/")}
        with _explained(saved):
            snapshot.restore(parts, saved.document, tensors)
            if place.step and place.logs is None:
                checkpoint_document.check_terms(saved, place.step, loop.known_steps())
                loop.set_terms(*saved.document["terms"])
                loop.take_logs(decode(saved.document.get("logs")))
        if "epoch_random" in saved.document:
            self._epoch_random = (
                saved.document["epoch_random"],
                snapshot.under(saved.tensors, "epoch_random/"),
            )

    def refeed(
        self, parts: Parts, batches: StreamBatches, feeding: Iterator[Fed], place: Place
    ) -> None:
        """Takes the batches from a stream that were used up to this place, and their randomness."""
        saved = self._taken()
        before = saved.document.get("epoch_random")
        if before is not None and batches.starts_anew:
            own = snapshot.under(saved.tensors, "epoch_random/")
            random_state.restore(parts.session.module, before, own)
        for _ in range(place.step):
            next(feeding)
        own = snapshot.under(saved.tensors, "random/")
        random_state.restore(parts.session.module, saved.document["random"], own)

    # -- saving ------------------------------------------------------------------------------

    def note_epoch(self, parts: Parts) -> None:
        """Keeps where the random streams stand before a stream of batches begins an epoch."""
        self._epoch_random = random_state.collect(parts.session.module)

    def hold_random(self, parts: Parts, *, with_layers: bool = False) -> None:
        """Keeps where the random streams stand before something that may be broken off.

        What is broken off is done anew after a resume, so that a checkpoint that is written in
        the middle of it has to hold the streams as they were before.

        Args:
            parts: The run.
            with_layers: Whether the streams of layers are meant too, not only the global ones.
        """
        module = parts.session.module
        self._held_random = random_state.collect(module) if with_layers else random_state.moment()

    def free_random(self) -> None:
        """What might have been broken off came to its end."""
        self._held_random = None

    def save(self, parts: Parts, place: Place, terms: tuple[int, int], logs: Any = None) -> None:
        """Writes a checkpoint, unless the state is worth nothing.

        Args:
            parts: The run.
            place: Where it stands.
            terms: First update and number of updates whose numbers are computed.
            logs: What a `train_step` of the user's returned last, if there is one.

        Raises:
            StorageError: It cannot be written; the run and older checkpoints are unharmed.
        """
        reason = snapshot.first_not_finite(parts.session)
        if reason is not None:
            say(f"no checkpoint after step {place.done}: {reason}")
            return
        document, tensors = snapshot.collect(parts, place)
        document |= {"facts": self._facts, "finished": False}
        if self._held_random is not None:
            held, own = _described(self._held_random)
            document["random"] |= held
            tensors |= {f"random/{key}": value for key, value in own.items()}
        if place.step and place.logs is None:
            document["terms"] = list(terms)
            document["logs"] = encode(logs, "what train_step() returned")
            if self._epoch_random is not None:
                document["epoch_random"], own = self._epoch_random
                tensors |= {f"epoch_random/{key}": value for key, value in own.items()}
        self.checkpoints.save(place.done, document, tensors)

    def freeze(self, parts: Parts, place: Place) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
        """The state at the end of the last epoch, before averages or best weights come in."""
        if snapshot.first_not_finite(parts.session) is not None:
            return None
        document, tensors = snapshot.collect(parts, place)
        return document, {name: tensor.clone() for name, tensor in tensors.items()}

    def finish(self, parts: Parts, frozen: Any, done: int) -> None:
        """Marks the run as finished; what the end changed in the weights is kept beside."""
        if not self._leaves:
            self.checkpoints.remove_all()
        elif frozen is not None:
            document, tensors = frozen
            final = {
                name.replace("weights/", "final/"): tensor.detach()
                for name, tensor in snapshot.model_tensors(parts.session.module).items()
                if not torch.equal(tensor, tensors[name])
            }
            document |= {"facts": self._facts, "finished": True}
            self.checkpoints.save(done, document, tensors | final)

    def _taken(self) -> Saved:
        if self._saved is None:
            raise StateError(
                "there is no checkpoint to go on from.",
                expected="a call after place() returned one.",
                fix="report this, please.",
            )
        return self._saved

    def _other_run(self) -> ArgumentError:
        folder = shown_path(self.checkpoints.folder, 60)
        names = ", ".join(self._changed)
        return ArgumentError(
            f"the run in {folder} was begun with other settings: {names}."[:200],
            expected="the same run. " + "; ".join(self._changed.values()) + ".",
            fix="take these back, choose another folder, or pass strict=False to go on "
            "with bits that may differ.",
        )


def _described(held: random_state.Moment | random_state.Collected) -> random_state.Collected:
    return random_state.described(held) if isinstance(held, random_state.Moment) else held


@contextmanager
def keeper_of(options: Mapping[str, Any]) -> Iterator[Keeper | None]:
    """The keeper that the arguments of `fit` ask for; the folder is free again afterwards.

    Raises:
        ArgumentError: An argument has no possible value.
        StorageError: Another run holds the folder, or it cannot be written to.
    """
    folder, every = options.get("checkpoint"), checked_every(options.get("every"))
    strict = checks.boolean("fit", "strict", options.get("strict", True))
    if folder is None:
        _refuse_alone(options)
        with _keeper_of_backup(options.get("callbacks")) as keeper:
            yield keeper
        return
    with Checkpoints(kinds.path("fit", "checkpoint", folder)) as checkpoints:
        yield Keeper(checkpoints, every, strict)


@contextmanager
def _keeper_of_backup(callbacks: Any) -> Iterator[Keeper | None]:
    """The keeper that does the work of a BackupAndRestore among the callbacks."""
    given = getattr(callbacks, "callbacks", callbacks)
    listed = given if isinstance(given, (list, tuple)) else [given]
    backup = next((one for one in listed if isinstance(one, BackupAndRestore)), None)
    if backup is None:
        yield None
        return
    every = backup.save_freq or NEVER
    backup.stands_aside = True
    try:
        with Checkpoints(backup.backup_dir) as checkpoints:
            leaves = not backup.delete_checkpoint
            yield Keeper(checkpoints, every, strict=False, leaves=leaves)
    finally:
        backup.stands_aside = False


def _refuse_alone(options: Mapping[str, Any]) -> None:
    if options.get("every") is not None:
        raise ArgumentError(
            f"fit(every={shown(options['every'])}) was given without 'checkpoint'.",
            expected="the folder that checkpoints are written to.",
            fix='pass checkpoint="runs/first" too.',
        )


@contextmanager
def _explained(saved: Saved) -> Iterator[None]:
    """Says which file it was when its content cannot be used."""
    try:
        yield
    except LoadError as error:
        error.add_note(f"  where: {saved.path}.")
        raise
    except _BROKEN as error:
        raise LoadError(
            f"{saved.path.name} cannot be used: {shown(str(error), 80)}.",
            expected="a checkpoint that this version wrote for the same program.",
            fix="choose another folder for this run.",
        ) from error
