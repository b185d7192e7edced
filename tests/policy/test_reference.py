"""The reference is made from the model and up to date; every key has help."""

import dataclasses
from pathlib import Path

from weerklank.policy.fields import yaml_name
from weerklank.policy.model import Policy
from weerklank.policy.moments import MADE, PLAIN
from weerklank.policy.reference import models, reference

PAGE = Path(__file__).parents[2] / "docs" / "policy.md"


def test_it_is_what_the_repository_holds() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run: weerklank policy reference > docs/policy.md"


def test_it_documents_every_key_of_the_model_with_help() -> None:
    sections = {part.split("\n", 1)[0]: part for part in reference().split("\n## ")}
    for model in models(Policy):
        text = sections["The whole file" if model is Policy else model.__name__] + sections["Element"]
        for declared in dataclasses.fields(model):
            assert declared.metadata["help"].strip().endswith((".", ")")), f"{model.__name__}.{declared.name}"
            assert f"| `{yaml_name(declared)}` |" in text, f"{model.__name__}.{declared.name}"
            assert declared.metadata["help"] in text


def test_it_documents_every_moment() -> None:
    text = reference()
    for name in PLAIN:
        assert f"| `{name}` |" in text
    for said in MADE.values():
        assert said in text
