"""Split strings into symbols: from samples to documents.

In: `Samples`. Out: `Samples` of the same kind, whose values are documents: a string of characters
or a list of tokens, or None if missing; of numbers and series the steps that are read. Imports
only numpy.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from skrnn.input.messages import short_repr
from skrnn.input.samples import Samples

_WORD = re.compile(r"\w+|[^\w\s]")
_END = (
    "\0"  # of a text; lower() takes it for the end of a word, before which a sigma is a final one
)


@dataclass(frozen=True)
class Analyzer:
    """How a sample becomes a document; but for `who` the fields are the estimators' parameters."""

    who: str
    analyzer: str | Callable[[str], Iterable[str]]
    lowercase: bool
    max_length: int | None

    @property
    def parameters(self) -> dict[str, Any]:
        """The fields that are the estimators' parameters, by name."""
        return {name: value for name, value in vars(self).items() if name != "who"}

    def documents(self, samples: Samples) -> Samples:
        """Take strings apart, and cut what is longer than `max_length`."""
        if samples.kind == "numbers":
            return samples._replace(values=samples.values[:, : self.max_length])
        documents = samples.values
        if samples.kind == "strings":
            documents = self._analyze(documents)
        if self.max_length is not None:
            documents = [None if d is None else d[: self.max_length] for d in documents]
        return samples._replace(values=documents)

    def _analyze(self, texts: list[str | None]) -> list[Any]:
        if callable(self.analyzer):
            call = self.analyzer
            return [t if t is None else self._call_analyzer(call(t), t) for t in texts]
        texts = _lower(texts) if self.lowercase else texts
        if self.analyzer == "char":
            return texts
        return [text if text is None else _WORD.findall(text) for text in texts]

    def _call_analyzer(self, tokens: Any, text: str) -> list[str]:
        """Check what the user's function has made of a text."""
        tokens = list(tokens) if hasattr(tokens, "__iter__") else tokens
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise TypeError(
                f"{self.who} needs analyzer to return a list of strings, "
                f"got {short_repr(tokens)} for {short_repr(text)}."
            )
        return tokens


def _lower(texts: list[str | None]) -> list[str | None]:
    """Lower-case texts, all at once: a call for each takes ten times as long."""
    present = [text for text in texts if text is not None]
    lowered = _END.join(present).lower().split(_END)
    if len(lowered) != len(present):  # one holds the mark, or there is none
        return [text if text is None else text.lower() for text in texts]
    if len(present) == len(texts):
        return lowered  # type: ignore[return-value]
    found = iter(lowered)
    return [text if text is None else next(found) for text in texts]
