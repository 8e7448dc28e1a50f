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


@dataclass(frozen=True)
class Analyzer:
    """How a sample becomes a document; but for `who` the fields are the estimators' parameters."""

    who: str
    analyzer: str | Callable[[str], Iterable[str]]
    lowercase: bool
    max_length: int | None

    def documents(self, samples: Samples) -> Samples:
        """Take strings apart, and cut what is longer than `max_length`."""
        if samples.kind == "numbers":
            return samples._replace(values=samples.values[:, : self.max_length])
        documents = samples.values
        if samples.kind == "strings":
            documents = [None if text is None else self._analyze(text) for text in documents]
        if self.max_length is not None:
            documents = [None if d is None else d[: self.max_length] for d in documents]
        return samples._replace(values=documents)

    def _analyze(self, text: str) -> str | list[str]:
        if callable(self.analyzer):
            return self._call_analyzer(self.analyzer(text), text)
        text = text.lower() if self.lowercase else text
        return _WORD.findall(text) if self.analyzer == "word" else text

    def _call_analyzer(self, tokens: Any, text: str) -> list[str]:
        """Check what the user's function has made of a text."""
        tokens = list(tokens) if hasattr(tokens, "__iter__") else tokens
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise TypeError(
                f"{self.who} needs analyzer to return a list of strings, "
                f"got {short_repr(tokens)} for {short_repr(text)}."
            )
        return tokens
