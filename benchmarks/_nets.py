"""A recurrent net as one writes it today: torch's cells, packed batches, skorch around them.

In: lists of symbols' numbers. Out: a skorch classifier. The settings are in favour of the
peer: strings are turned into tensors before the clock starts, the embedding is small, and
prediction has large batches. `PlainNet` is the same for whoever has strings and labels.
"""

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
EMBEDDING, PREDICT_BATCH = 32, 1024


class Net(nn.Module):
    """Embedding, recurrence, and a linear layer on the last state."""

    def __init__(self, cell, n_symbols, nhidden, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(n_symbols, EMBEDDING)
        self.recurrence = CELLS[cell](EMBEDDING, nhidden)
        self.head = nn.Linear(nhidden, n_classes)

    def forward(self, ids, lengths):
        x, lengths = self.embedding(ids), lengths.cpu()  # where torch needs them
        _, h = self.recurrence(pack_padded_sequence(x, lengths, True, enforce_sorted=False))
        h = h[0] if isinstance(h, tuple) else h
        return self.head(h[-1])


class Symbols(torch.utils.data.Dataset):
    """Strings as tensors, with their classes."""

    def __init__(self, strings, y, place):
        self.ids = [torch.tensor([place[c] for c in text]) for text in strings]
        self.y = torch.as_tensor(y)

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return self.ids[i], self.y[i]


def collate(pairs):
    """Pad the sequences of a batch to the longest."""
    ids, y = zip(*pairs)
    lengths = torch.tensor([len(sequence) for sequence in ids])
    return {"ids": pad_sequence(ids, batch_first=True), "lengths": lengths}, torch.stack(y)


def skorch_net(
    cell,
    n_symbols,
    n_classes,
    *,
    nhidden,
    batch_size,
    epochs,
    rate=0.001,
    clip=None,
    device="cpu",
):
    """Make the classifier; nothing is held out, printed or kept beside the loss.

    clip : the largest norm of a gradient, or None.
    device : where torch computes; skorch moves each batch there.
    """
    from skorch import NeuralNetClassifier
    from skorch.callbacks import GradientNormClipping

    return NeuralNetClassifier(
        Net,
        module__cell=cell,
        module__n_symbols=n_symbols,
        module__nhidden=nhidden,
        module__n_classes=n_classes,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=rate,
        batch_size=batch_size,
        max_epochs=epochs,
        train_split=None,
        iterator_train__shuffle=True,
        iterator_train__collate_fn=collate,
        iterator_valid__collate_fn=collate,
        iterator_valid__batch_size=PREDICT_BATCH,
        callbacks=[GradientNormClipping(clip)] if clip else None,
        callbacks__print_log=None,
        callbacks__train_loss=None,
        device=device,
        verbose=0,
    )


class PlainNet(ClassifierMixin, BaseEstimator):
    """The net for a list of str, one character a step, at settings that learn order."""

    def __init__(self, cell="gru", max_iter=25, random_state=0):
        self.cell = cell
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X, y):
        self.place_ = {c: i for i, c in enumerate(sorted(set("".join(X))), start=1)}
        self.classes_, labels = np.unique(y, return_inverse=True)
        sizes = dict(nhidden=64, batch_size=32, epochs=self.max_iter, rate=0.01, clip=1.0)
        self.net_ = skorch_net(self.cell, len(self.place_) + 1, len(self.classes_), **sizes)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.random_state)
            self.net_.fit(Symbols(X, labels, self.place_), y=None)
        return self

    def predict_proba(self, X):
        unknown = set("".join(X)) - self.place_.keys()
        place = self.place_ | dict.fromkeys(unknown, 0)
        return self.net_.predict_proba(Symbols(X, np.zeros(len(X), dtype=int), place))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
