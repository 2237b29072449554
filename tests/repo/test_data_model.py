"""The data model's page is made from the models."""

from scripts.data_model import WRITTEN, document


def test_the_page_is_the_one_in_the_repository():
    assert document() == WRITTEN.read_text("utf-8"), "The models changed. If that is meant: make data-model"
