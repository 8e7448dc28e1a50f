"""The symbols and n-grams that have columns of U, and documents written in these columns.

In: documents, each a string (of characters), a list of tokens, or None. Out: `Alphabet`,
and `Sequences` of columns. Knows numpy alone: n-grams are counted and looked up as whole
numbers, an array at a time.
"""

from itertools import chain, repeat

import numpy as np

from skrnn._sequences import Sequences
from skrnn._trie import Trie

MISSING, EMPTY, UNKNOWN = range(3)  # the first columns of U; the n-grams follow
N_SPECIAL = 3
START, END = "\x02", "\x03"  # the marks around every sequence, where n-grams are read


class Alphabet:
    """N-grams and their columns of U, after those of missing, empty and unknown.

    Parameters
    ----------
    grams : iterable of (str or tuple of str)
        Of characters: strings. Of tokens: a token, or a tuple of several.
    ngram_range : (int, int)
        Smallest and largest n. If the largest is above 1, every sequence stands between
        the marks START and END, and END is a step of its own.
    """

    def __init__(self, grams, ngram_range=(1, 1)):
        self.grams, self.ngram_range = list(grams), tuple(ngram_range)
        self._finders = {}  # made when they are first needed

    def __getstate__(self):
        return {**vars(self), "_finders": {}}

    def __len__(self):
        return N_SPECIAL + len(self.grams)

    @classmethod
    def learn(cls, documents, count, *, min_df=1, max_features=None, ngram_range=(1, 1)):
        """Collect the n-grams of `documents`, sorted; document i is there `count[i]` times.

        `min_df` spares the shortest ones, if there are longer ones: what is rare is read
        by its parts.
        """
        low, high = ngram_range
        run = _Run(_marked(documents) if high > 1 else documents, _is_text(documents))
        grams, df, tf = [], [], []
        for n in range(low, high + 1):
            ends = np.flatnonzero(run.within >= max(n - 1, high > 1))
            _, first, which = np.unique(run.codes(n)[ends], return_index=True, return_inverse=True)
            owner = run.owner[ends]
            n_grams = max(len(first), 1)
            pairs = np.unique(owner * n_grams + which)
            documents_of = np.bincount(pairs % n_grams, count[pairs // n_grams], len(first))
            df.append(documents_of.astype(float))
            tf.append(np.bincount(which, count[owner], len(first)))
            grams += run.spell(ends[first], n)
        if high > low:
            df[0][:] = np.inf
        least = min_df * count.sum() if isinstance(min_df, float) else min_df
        kept = _frequent(np.concatenate(df), np.concatenate(tf), least, max_features)
        return cls([grams[i] for i in kept], ngram_range)

    def encode(self, documents):
        """Write `documents` as columns of U: values of (steps, largest n - smallest n + 1).

        Row t holds the columns of the known n-grams that end there, the shortest first.
        Where one is not known, len(self) stands for no column; where none is, the first
        is that of the unknown. A missing or empty document is one step long.
        """
        low, high = self.ngram_range
        text, marks = _is_text(documents), 2 * (high > 1)
        if text not in self._finders:
            self._finders[text] = _Finder(self.grams, text, len(self))
        present = [d for d in documents if d]
        lengths = np.fromiter((len(d) + marks if d else 0 for d in documents), np.int64)
        ids = self._finders[text].ids(present, marks)
        starts = (np.cumsum(lengths) - lengths)[lengths > 0] if marks else []
        columns = np.full((len(ids), high - low + 1), len(self), dtype=np.int32)
        for n, found in enumerate(self._finders[text].trie.values(ids, starts), 1):
            if n >= low:
                columns[:, n - low] = found
        if marks:  # START is no step
            columns, lengths = np.delete(columns, starts, axis=0), np.maximum(lengths - 1, 0)
        bare = np.flatnonzero(columns[:, 0] == len(self))
        columns[bare[(columns[bare] == len(self)).all(axis=1)], 0] = UNKNOWN
        return _with_bare(documents, columns, lengths, len(self))


class _Finder:
    """The n-grams of an alphabet as a tree, and the numbers of their symbols."""

    def __init__(self, grams, text, none):
        self.text = text
        if not text:
            grams = [g if isinstance(g, tuple) else (g,) for g in grams]
        symbols = "".join(grams) if text else list(chain.from_iterable(grams))
        lengths = np.fromiter(map(len, grams), np.int64, len(grams))
        if text:
            names = np.unique(_code_points(symbols))
            self.place = np.zeros(int(names.max(initial=0)) + 2, dtype=np.int32)
            self.place[names] = np.arange(1, len(names) + 1)
        else:
            names = dict.fromkeys(symbols)
            self.place = {name: i for i, name in enumerate(names, 1)}
        values = np.arange(N_SPECIAL, N_SPECIAL + len(grams))
        self.trie = Trie(self._numbers(symbols), lengths, values, none, len(names))

    def ids(self, documents, marks):
        """Number the symbols of documents that are not empty, between marks if there are any."""
        if self.text:
            joined = (END + START if marks else "").join(documents)
            return self._numbers(START + joined + END if marks and documents else joined)
        edges = ([START], [END]) if marks else ((), ())
        return self._numbers(
            [token for d in documents for part in (edges[0], d, edges[1]) for token in part]
        )

    def _numbers(self, symbols):
        if self.text:
            points = _code_points(symbols)
            return self.place[np.minimum(points, len(self.place) - 1)]
        return np.fromiter(map(self.place.get, symbols, repeat(0)), np.int64, len(symbols))


class _Run:
    """Documents end to end, as numbers of symbols in sorted order."""

    def __init__(self, documents, text):
        present = [d for d in documents if d]
        lengths = np.fromiter((len(d) if d else 0 for d in documents), np.int64, len(documents))
        if text:
            self.names, ids = np.unique(_code_points("".join(present)), return_inverse=True)
        else:
            tokens = list(chain.from_iterable(present))
            self.names = sorted(set(tokens))
            place = {token: i for i, token in enumerate(self.names)}
            ids = np.fromiter(map(place.__getitem__, tokens), np.int64, len(tokens))
        self.ids, self.lengths, self.text = ids.astype(np.int64), lengths, text
        self.owner = np.repeat(np.arange(len(documents)), lengths)
        self.within = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)

    def codes(self, n):
        """Number the n symbols that end at each place; windows are sorted as their numbers.

        Only where `within` is at least n - 1 does the window lie in one document.
        """
        base, code = max(len(self.names), 1), self.ids
        for _ in range(n - 1):
            if code.size and int(code.max()) >= 2**62 // base:  # number them anew
                code = np.unique(code, return_inverse=True)[1]
            code = np.concatenate([code[:1] * 0, code[:-1]]) * base + self.ids
        return code

    def spell(self, ends, n):
        """Write the windows of n symbols that end at the given places."""
        windows = self.ids[ends[:, None] + np.arange(1 - n, 1)]  # (windows, n)
        if self.text:
            points = self.names[windows].astype("<u4").tobytes()
            text = points.decode("utf-32-le", "surrogatepass")
            return [text[i : i + n] for i in range(0, len(text), n)]
        tokens = [tuple(self.names[i] for i in window) for window in windows.tolist()]
        return [window[0] for window in tokens] if n == 1 else tokens


def _marked(documents):
    """Put START and END around each document that is not missing or empty."""
    if _is_text(documents):
        return [d and START + d + END for d in documents]
    return [d and [START, *d, END] for d in documents]


def _is_text(documents):
    """Tell strings, read by code point, from lists of tokens."""
    return any(isinstance(d, str) for d in documents)


def _code_points(text):
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _frequent(df, tf, least, most):
    """Find the n-grams in enough documents, and of these the most frequent, in their order."""
    kept = np.flatnonzero(df >= least)
    if most is not None:
        kept = np.sort(kept[np.argsort(-tf[kept], kind="stable")[:most]])
    return kept


def _with_bare(documents, columns, lengths, none):
    """Put in the one step of each missing or empty document."""
    bare = np.flatnonzero(lengths == 0)
    if not len(bare):
        return Sequences(columns, lengths)
    steps = np.full((len(bare), columns.shape[1]), none)
    steps[:, 0] = [MISSING if documents[i] is None else EMPTY for i in bare]
    starts = (np.cumsum(lengths) - lengths)[bare]
    return Sequences(np.insert(columns, starts, steps, axis=0), np.maximum(lengths, 1))
