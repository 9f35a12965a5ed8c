"""A recipe says what is meant, or which key of it cannot be used."""

from pathlib import Path

import pytest

from edge_nlu.errors import SettingsError
from edge_nlu_export.recipe import Data, Recipe, Studying, Teaching, read_recipe

SHIPPED = sorted((Path(__file__).parents[2] / "export" / "recipes").glob("*.toml"))
LEAST = 'name = "small"\n[data]\nlabelled = ["massive/en-US"]\n'


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "recipe.toml"


def test_what_a_recipe_leaves_out_has_a_default(written: Path) -> None:
    written.write_text(LEAST)
    assert read_recipe(written) == Recipe("small", Data(("massive/en-US",)), seed=1, hub="zero-2w")
    assert read_recipe(written).teacher == Teaching()
    assert read_recipe(written).student == Studying()


def test_what_a_recipe_says_replaces_the_default(written: Path) -> None:
    written.write_text(
        "seed = 7\n" + LEAST + "[teacher]\nseeds = [1, 2]\n[student]\ntable_rate = 1\nepochs = 3\n"
    )
    recipe = read_recipe(written)
    assert (recipe.seed, recipe.teacher.seeds, recipe.student.epochs) == (7, (1, 2), 3)
    assert type(recipe.student.table_rate) is float


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        pytest.param("nmae = 1\n" + LEAST, "nmae", "name", id="misspelt"),
        pytest.param(LEAST + "swap = 1", "data: swap", "swaps", id="misspelt in a section"),
        pytest.param(LEAST + "[studnet]\nepochs = 1", "studnet", "student", id="misspelt section"),
        pytest.param(LEAST + "[teacher]\nzzz = 1", "teacher: zzz", "'adapt'", id="like nothing known"),
        pytest.param(LEAST.replace('name = "small"', ""), "name", "a value", id="no name"),
        pytest.param('name = "small"', "data", "a value", id="no data"),
        pytest.param('name = "small"\n[data]', "data: labelled", "a value", id="nothing labelled"),
        pytest.param('name = "small"\ndata = "massive"', "data", "a table", id="no section"),
        pytest.param(LEAST + 'text = "slurp"', "data: text", "a list of str", id="one name where many go"),
        pytest.param(LEAST + "text = [1]", "data: text", "a list of str", id="list of other things"),
        pytest.param(
            LEAST + "[teacher]\nseeds = [true]", "teacher: seeds", "a list of int", id="list of yes"
        ),
        pytest.param(LEAST.replace('"small"', "3"), "name", "a text in quotes", id="number for text"),
        pytest.param(LEAST + "swaps = 1.5", "data: swaps", "an int of 0 or more", id="part of a number"),
        pytest.param("first = 1\n" + LEAST, "first", "true or false", id="number for yes"),
        pytest.param(LEAST + "swaps = -1", "data: swaps", "an int of 0 or more", id="less than nothing"),
        pytest.param(LEAST + "swaps = true", "data: swaps", "an int of 0 or more", id="yes for a number"),
        pytest.param(LEAST + '[student]\nrate = "a"', "student: rate", "a float of 0 or more", id="text"),
    ],
)
def test_a_key_that_cannot_be_used_is_named(written: Path, text: str, key: str, expected: str) -> None:
    written.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_recipe(written)
    assert caught.value.setting == f"{written}: {key}"
    assert expected in caught.value.expected


@pytest.mark.parametrize("content", [b"name = ", b"\xff", None], ids=["no TOML", "no text", "not there"])
def test_a_file_that_is_no_recipe_is_named(written: Path, content: bytes | None) -> None:
    if content is not None:
        written.write_bytes(content)
    with pytest.raises(SettingsError, match="a recipe in TOML") as caught:
        read_recipe(written)
    assert caught.value.setting == str(written)


def test_two_recipes_that_say_the_same_have_the_same_fingerprint(written: Path) -> None:
    written.write_text(LEAST)
    first = read_recipe(written).fingerprint()
    written.write_text("# the default, said\nseed = 1\n" + LEAST)
    assert read_recipe(written).fingerprint() == first
    written.write_text("seed = 2\n" + LEAST)
    assert read_recipe(written).fingerprint() != first


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_recipe_that_comes_along_can_be_read(path: Path) -> None:
    assert read_recipe(path).name == path.stem


def test_recipes_come_along() -> None:
    assert "default-en" in [path.stem for path in SHIPPED]
