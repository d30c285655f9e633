"""What tests of conversations share."""

import pytest

from models.meaning.translate import Meaning
from models.words.model import TRANSLATOR, embedded
from models.worlds import load


@pytest.fixture(scope="module")
def meaning():
    if not TRANSLATOR.is_file():
        pytest.skip(
            "the trained adapter is not there: run `python -m experiments train_translator`"
        )
    return Meaning(embedded(), load("tug_of_war").vocabulary)
