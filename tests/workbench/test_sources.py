"""Messages about a source name settings of the shell where the loader names Python's arguments."""

import pytest

from lamina.core.errors import DataError
from lamina.workbench import sources, spoken
from lamina.workbench.settings import Settings


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ('pass on_bad_file="skip" to go on.', "pass --set skip_bad_files=true to go on."),
        ("add some, or change test_share=.", "add some, or change --set test_share=0.5."),
        ("pass picture_size=(64, 48).", "pass --set picture_size=64x48."),
        ('read it so: kinds={"zip": "category"}.', "read it so: --set 'columns.zip=category'."),
        ('pass task="regression", or save.', "pass --task regression, or save."),
        ("pass target='b' (on the command line: --target 'b').", "pass --target 'b'."),
        ("(picture_size= changes it)", "(--set picture_size=64 changes it)"),
        ("pass validation_share=0.1.", "pass --set validation_share=0.1."),
        ("remove the empty folder.", "remove the empty folder."),
    ],
)  # fmt: skip
def test_arguments_become_settings(said, wanted):
    with pytest.raises(DataError, match="is broken") as caught, spoken.in_shell():
        raise DataError("A file is broken.", expected="a good one.", fix=said)

    assert caught.value.fix == wanted


def test_a_source_is_read_as_its_settings_say(tmp_path):
    rows = "\n".join(f"{n * 1.7 % 9:.3f},{n % 3},{'ab'[n % 2]}" for n in range(40))
    (tmp_path / "t.csv").write_text(f"size,zip,kind\n{rows}\n")
    asked = Settings(str(tmp_path / "t.csv"), target="kind", columns={"zip": "category"})

    dataset = sources.load(asked, say=lambda line: None)

    assert [column.kind for column in dataset.schema.columns] == ["number", "category"]
