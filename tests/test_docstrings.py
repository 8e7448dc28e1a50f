"""Every public object is documented in numpydoc's form."""

import re
from email.message import Message

import pytest
from numpydoc.validate import validate

import skrnn
from skrnn import _docs, datasets
from skrnn._parameters import GROUPS

OBJECTS = ["skrnn.datasets.load_names", "skrnn.BatchFunction.__call__"]
OBJECTS += [f"skrnn.{name}" for name in skrnn.__all__ if name != "__version__"]
METHODS = {
    "RNNEncoder": ["fit", "transform", "unroll"],
    "FixedEncoder": ["fit", "transform", "unroll"],
    "RNNClassifier": [
        "decision_function",
        "explain",
        "fit",
        "predict",
        "predict_proba",
        "predict_log_proba",
        "unroll",
    ],
    "RNNRegressor": ["explain", "fit", "predict", "unroll"],
}
OBJECTS += [f"skrnn.{kind}.{method}" for kind, methods in METHODS.items() for method in methods]
LEFT_OUT = {
    "ES01": "a summary may say all there is to say",
    "EX01": "the examples are those of the class",
    "SA01": "a method has no See Also of its own",
    "GL01": "the summary stands on the line of the quotes",
    "RT02": "what is returned has a name, as in scikit-learn",
}


@pytest.mark.parametrize("name", OBJECTS)
def test_numpydoc(name):
    errors = [e for e in validate(name)["errors"] if e[0] not in LEFT_OUT]
    assert errors == []


def test_no_public_name_is_left_out():
    assert datasets.__all__ == ["load_names"]
    functions = {"__version__", "BatchFunction", "load", "onnx_inputs", "save", "to_onnx"}
    assert set(METHODS) == set(skrnn.__all__) - functions
    for kind, methods in METHODS.items():
        own = {
            name
            for cls in getattr(skrnn, kind).__mro__
            if cls.__module__.startswith("skrnn")
            for name in vars(cls)
            if not name.startswith("_") and callable(getattr(cls, name))
        }
        assert own - {"set_fit_request", "set_score_request"} == set(methods)


def test_the_notes_say_where_each_group_of_parameters_begins_and_ends():
    common, less, rare = (re.findall(r"^(\w+) : ", text, re.M) for text in GROUPS.values())
    said = (
        f"from `{common[0]}` to `{common[-1]}`, less common ones from `{less[0]}` to `{less[-1]}`, "
        f"and rare ones from `{rare[0]}` on."
    )
    assert len(common) == 10
    assert said in " ".join(_docs.NOTES.split())


@pytest.mark.parametrize("name", METHODS)
def test_the_picture_of_an_estimator_links_to_its_page(name, monkeypatch, tmp_path):
    picture = getattr(skrnn, name)()._repr_html_
    declared = Message()
    monkeypatch.setattr(_docs, "metadata", lambda package: declared)
    declared["Project-URL"] = "Documentation, https://site.example/skrnn/"
    assert f'href="https://site.example/skrnn/generated/skrnn.{name}.html"' in picture()
    del declared["Project-URL"]
    monkeypatch.setattr(_docs, "BUILT", tmp_path)
    assert f'href="{tmp_path.as_uri()}/generated/skrnn.{name}.html"' in picture()
    monkeypatch.setattr(_docs, "BUILT", tmp_path / "never built")
    assert "generated/" not in picture()
