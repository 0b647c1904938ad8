"""A run killed at some step and begun again ends on the very same bits."""

import os

import numpy as np
import pytest
import torch

import lamina as keras
from lamina.train.callbacks import kept_weights
from tests.faults import program
from tests.faults.program import EPOCHS, FEATURES, At, digest, fit, model, run

KILLED = -9
ROWS = {
    "all": FEATURES,
    "none": (),
    **{f"{one} alone": (one,) for one in FEATURES},
    **{f"all but {one}": tuple(f for f in FEATURES if f != one) for one in FEATURES},
}


class CrashError(Exception):
    """Ends a run where it stands."""


def crash():
    raise CrashError


def outcome(trainer, folder, **request):
    """The hash of a run, and how its processes ended."""
    result = folder / "result"
    deaths = request.pop("deaths")
    codes = [
        trainer.train(folder=str(folder / "run"), result=str(result), die_at=die_at, **request)
        for die_at in deaths
    ]
    return result.read_text(), codes


@pytest.mark.parametrize(("number", "features"), list(enumerate(ROWS.values())), ids=ROWS)
def test_killed_run_ends_on_the_same_bits(trainer, tmp_path, number, features):
    every = (3, "epoch", 1, 4)[number % 4]
    die_at = 4 + number % 9

    found, codes = outcome(trainer, tmp_path, deaths=[die_at, None], features=features, every=every)

    assert codes == [KILLED, 0]
    assert found == run(features)


@pytest.mark.parametrize("every", [1, 2, 3, "epoch", "0.02s"])
def test_run_killed_many_times_ends_on_the_same_bits(trainer, tmp_path, every):
    deaths = [7, 6, 6, None]

    found, codes = outcome(trainer, tmp_path, deaths=deaths, every=every)

    assert codes[-1] == 0
    assert found == run()


@pytest.mark.parametrize("step", [1, 4, 5, 6, 10])
def test_run_goes_on_from_any_step_of_an_epoch(tmp_path, step):
    with pytest.raises(CrashError):
        run(callbacks=[At(step, crash)], checkpoint=tmp_path, every=1)

    assert run(checkpoint=tmp_path, every=1) == run()


def test_keeping_a_run_does_not_change_it(tmp_path):
    assert run(checkpoint=tmp_path, every=1) == run()


def test_finished_run_returns_its_history_and_weights(tmp_path):
    first = run(checkpoint=tmp_path)
    steps = []

    again = run(callbacks=[At(1, lambda: steps.append(1))], checkpoint=tmp_path)

    assert again == first
    assert steps == []


def test_finished_run_asked_for_more_epochs_goes_on(tmp_path):
    features = tuple(f for f in FEATURES if f != "early_stopping")
    run(features, checkpoint=tmp_path, epochs=2)

    assert run(features, checkpoint=tmp_path) == run(features)


def test_history_has_each_epoch_once(tmp_path):
    network = model(())
    with pytest.raises(CrashError):
        fit(network, (), [At(13, crash)], checkpoint=tmp_path)

    history = fit(network, (), checkpoint=tmp_path)

    assert history.epoch == list(range(EPOCHS))
    assert {len(values) for values in history.history.values()} == {EPOCHS}


def test_run_without_a_seed_goes_on_with_the_one_it_had(tmp_path, monkeypatch):
    monkeypatch.setattr("lamina.core.randomness._is_chosen", False)
    monkeypatch.setattr("lamina.core.randomness._seed", 11)
    whole = model((), seed=None)
    start = [value.copy() for value in whole.get_weights()]
    expected = digest(whole, fit(whole, ("shuffle",)))
    first = model((), seed=None)
    first.set_weights(start)
    with pytest.raises(CrashError):
        fit(first, ("shuffle",), [At(8, crash)], checkpoint=tmp_path)
    monkeypatch.setattr("lamina.core.randomness._seed", 12)
    second = model((), seed=None)

    assert digest(second, fit(second, ("shuffle",), checkpoint=tmp_path)) == expected


def test_model_built_again_in_the_same_session_goes_on(tmp_path):
    names = [model().layers[-1].name for _ in range(2)]
    with pytest.raises(CrashError):
        run(callbacks=[At(8, crash)], checkpoint=tmp_path)

    assert names[0] != names[1]
    assert run(checkpoint=tmp_path) == run()


def batches(count, rng):
    """An endless generator that draws from NumPy's global stream."""
    x, y = program.data()
    while True:
        rows = np.random.permutation(len(x))[:count]
        yield x[rows] + np.random.normal(size=(count, 4, 4, 1)).astype("float32"), y[rows]


def stream_run(source, crash_at=None, **options):
    keras.utils.set_random_seed(3)
    network = model(("dropout",), seed=4)
    callbacks = [At(crash_at, crash)] if crash_at else []
    history = network.fit(source(), epochs=3, verbose=0, callbacks=callbacks, **options)
    return digest(network, history)


def loader():
    x, y = program.data()
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    return torch.utils.data.DataLoader(pairs, batch_size=8, shuffle=True)


class Pairs(torch.utils.data.Dataset):
    def __len__(self):
        return 40

    def __getitem__(self, index):
        x, y = program.data()
        return x[index], y[index]


STREAMS = {
    "generator": (lambda: batches(8, None), {"steps_per_epoch": 5}),
    "loader": (loader, {}),
    "dataset": (Pairs, {"batch_size": 8, "shuffle": True}),
}


@pytest.mark.parametrize("crash_at", [3, 8])
@pytest.mark.parametrize(("source", "options"), STREAMS.values(), ids=STREAMS)
def test_run_on_a_stream_goes_on_where_it_was(tmp_path, source, options, crash_at):
    with pytest.raises(CrashError):
        stream_run(source, crash_at, checkpoint=tmp_path, every=2, **options)

    found = stream_run(source, checkpoint=tmp_path, every=2, **options)

    assert found == stream_run(source, **options)


class Draws(keras.layers.Layer):
    """Adds noise in evaluation as well."""

    def call(self, x):
        return x + keras.random.normal(tuple(x.shape)) * 0.1


def noisy_run(**options):
    keras.utils.set_random_seed(5)
    network = keras.Sequential(
        [keras.layers.Input((4, 4, 1)), keras.layers.Flatten(), Draws(), keras.layers.Dense(3)]
    )
    network.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return digest(network, fit(network, (), **options))


def test_randomness_in_validation_goes_on(tmp_path):
    with pytest.raises(CrashError):
        noisy_run(callbacks=[At(8, crash)], checkpoint=tmp_path)

    assert noisy_run(checkpoint=tmp_path) == noisy_run()


def test_averages_in_the_model_between_epochs_go_on(tmp_path):
    def averaged(*more, **options):
        swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
        return run(("ema",), [swap, *more], **options)

    with pytest.raises(CrashError):
        averaged(At(8, crash), checkpoint=tmp_path)

    assert averaged(checkpoint=tmp_path) == averaged()


def test_learning_rate_changed_by_a_callback_goes_on(tmp_path):
    def reduced(*more, **options):
        callback = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=9)
        scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
        return run((), [callback, scheduler, *more], **options)

    with pytest.raises(CrashError):
        reduced(At(13, crash), checkpoint=tmp_path, every=2)

    assert reduced(checkpoint=tmp_path, every=2) == reduced()


def test_state_is_in_no_more_than_two_files(tmp_path):
    run(checkpoint=tmp_path, every=1)

    assert len([name for name in os.listdir(tmp_path) if name.endswith(".ckpt")]) == 2


def test_backup_and_restore_goes_on_to_the_same_bits(tmp_path):
    def backed_up(*more):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup", save_freq=3)
        return run(callbacks=[backup, *more])

    with pytest.raises(CrashError):
        backed_up(At(8, crash))
    kept = sorted(os.listdir(tmp_path / "backup"))

    assert kept == ["lock", "step-3.ckpt", "step-6.ckpt"]
    assert backed_up() == run()
    assert os.listdir(tmp_path / "backup") == ["lock"]


def test_backup_without_a_crash_trains_again_the_next_time(tmp_path):
    network = model(("shuffle",))
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    histories = [fit(network, (), [backup], epochs=2) for _ in range(2)]

    assert [history.epoch for history in histories] == [[0, 1], [0, 1]]
    assert network.optimizer.calls == 20


def test_best_weights_survive_several_resumes_in_any_order(tmp_path):
    def stopped(*more, **options):
        stopping = keras.callbacks.EarlyStopping("loss", mode="max", restore_best_weights=True,
                                                 patience=9)  # fmt: skip
        return run(("batch_normalization",), [stopping, *more], **options)

    for _ in range(2):
        with pytest.raises(CrashError):
            stopped(At(6, crash), checkpoint=tmp_path)

    assert stopped(checkpoint=tmp_path) == stopped()


def test_kept_weights_come_back_in_the_order_of_the_model():
    network = model()
    kept = kept_weights.numbered(kept_weights.copied(network))
    mixed = dict(sorted(kept.items(), reverse=True))

    assert list(kept_weights.renamed(network, mixed)) == list(kept_weights.copied(network))


def test_stream_of_validation_data_goes_on_where_it_was(tmp_path):
    def endless():
        x, y = program.data()
        for start in range(10**6):
            rows = np.arange(start, start + 4) % len(x)
            yield x[rows], y[rows]

    def validated(*more, **options):
        validation = {"validation_data": endless(), "validation_steps": 3, "validation_split": 0.0}
        return run(("dropout",), more, **validation, **options)

    with pytest.raises(CrashError):
        validated(At(16, crash), checkpoint=tmp_path)

    assert validated(checkpoint=tmp_path) == validated()
