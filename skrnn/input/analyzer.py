"""Split strings into symbols: from samples to documents.

In: `Samples`. Out: `Samples` of the same kind, whose values are documents. A document is a string
of characters or a list of tokens, or None if missing; for numbers and series, it is the steps that
are read. Imports only numpy.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from skrnn.input.messages import short_repr
from skrnn.input.samples import Samples

_WORD = re.compile(r"\w+|[^\w\s]")
_END = "\0"  # separates texts; for lower() it ends a word, so a sigma before it is a final one


@dataclass(frozen=True)
class Analyzer:
    """Splits samples into symbols; all fields but `who` are parameters of the estimators."""

    who: str
    analyzer: str | Callable[[str], Iterable[str]]
    lowercase: bool
    max_length: int | None

    @property
    def parameters(self) -> dict[str, Any]:
        """The fields that are parameters of the estimators, by name."""
        return {name: value for name, value in vars(self).items() if name != "who"}

    def documents(self, samples: Samples) -> Samples:
        """Split strings into symbols, and cut documents to `max_length`."""
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
        """Call the user's function, and check its result."""
        tokens = list(tokens) if hasattr(tokens, "__iter__") else tokens
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise TypeError(
                f"{self.who} needs analyzer to return a list of strings, "
                f"got {short_repr(tokens)} for {short_repr(text)}."
            )
        return tokens


def _lower(texts: list[str | None]) -> list[str | None]:
    """Convert texts to lower case, all in one call: one call per text takes ten times as long."""
    present = [text for text in texts if text is not None]
    lowered = _END.join(present).lower().split(_END)
    if len(lowered) != len(present):  # a text contains the separator, or there are no texts
        return [text if text is None else text.lower() for text in texts]
    if len(present) == len(texts):
        return lowered  # type: ignore[return-value]
    found = iter(lowered)
    return [text if text is None else next(found) for text in texts]
