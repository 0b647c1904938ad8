"""What Fashion-MNIST and MNIST share: four gzipped IDX files."""

from lamina.core.errors import LoadError
from lamina.data.catalog.description import Description, Split
from lamina.files.downloads import RemoteFile, fetch
from lamina.files.idx import read_idx_pair

NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def idx_files(
    folders: tuple[str, ...], hashes: tuple[tuple[str, str], ...]
) -> tuple[RemoteFile, ...]:
    """Describes the four files, each with the hash of the published file and of its content."""
    return tuple(
        RemoteFile(
            name,
            tuple(f"{folder}/{name}" for folder in folders),
            file_sha256=published,
            content_sha256=content,
            max_bytes=64 * 2**20,
        )
        for name, (published, content) in zip(NAMES, hashes, strict=True)
    )


def load_idx_set(
    description: Description, subfolder: str, elsewhere: tuple[str, ...] = ()
) -> Split:
    """Finds or fetches the four files and reads them.

    Raises:
        LoadError: A file is damaged or has another shape than the data set.
        StorageError: A file could not be fetched.
    """
    paths = [fetch(file, subfolder=subfolder, elsewhere=elsewhere) for file in description.files]
    train = read_idx_pair(paths[0], paths[1], num_classes=description.num_classes)
    test = read_idx_pair(paths[2], paths[3], num_classes=description.num_classes)
    for (images, _), count in ((train, description.num_train), (test, description.num_test)):
        if images.shape != (count, *description.input_shape):
            raise LoadError(
                f"{description.title} has pictures of shape {images.shape}.",
                expected=f"the shape {(count, *description.input_shape)}.",
                fix="remove the files from the cache and load the data set again.",
            )
    return train, test
