"""Several ranks train what one process trains on all of their examples."""

import numpy as np
import pytest
import torch
from ranks import in_threads
from small import by_name, network, ngrams, plan, series, symbols, windows

from skrnn.input.sequences import Examples
from skrnn.net import trainer, training
from skrnn.net.batches import pack
from skrnn.net.exchange import add_up, share
from skrnn.net.group import ALONE
from skrnn.net.network import LabelledBatch
from skrnn.net.optimizer import SOLVERS

DATA = [ngrams, symbols, series, windows]
PARTS = {  # which of nine examples each rank has
    "halves": ([0, 2, 4, 6, 8], [1, 3, 5, 7]),
    "uneven": ([0], [1, 2, 3, 4, 5, 6, 7, 8]),
    "one is empty": ([], [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    "four": ([4, 5], [], [0, 8, 7], [1, 2, 3, 6]),
}


def examples_of(data, n=9):
    sequences, inputs = data()
    rows = np.arange(n)
    return Examples(sequences, rows, rows % 3, np.arange(1.0, n + 1)), inputs


def labelled(examples):
    """Make one batch of all examples; None of none."""
    n = len(examples.rows)
    if not n:
        return None
    packed = pack(examples.sequences, examples.rows, np.zeros(n, dtype=int))
    (batch,) = packed.batches(torch.float64, torch.device("cpu"), readers=True)
    target = torch.from_numpy(examples.target[packed.order])
    return LabelledBatch(batch, target, torch.from_numpy(examples.weight[packed.order]))


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("data", [ngrams, symbols, series])
def test_gradients_add_up_to_that_of_all_examples(data, parts):
    examples, inputs = examples_of(data)
    net = network(**inputs)
    expected = by_name(net, net.backpropagate(labelled(examples))[1])

    def gradient_of(group):
        part = labelled(examples.take(np.array(parts[group.rank], dtype=int)))
        ((own, touched),) = share([part], net.weights, group)
        gradient = None if own is None else net.backpropagate(own)[1]
        return by_name(net, add_up(gradient, touched, net.weights, group))

    for found in in_threads(len(parts), gradient_of):
        for name, gradient in expected.items():
            torch.testing.assert_close(found[name], gradient, rtol=1e-12, atol=1e-12)


def test_only_rows_that_some_rank_reads_are_sent():
    examples, inputs = examples_of(ngrams)
    net = network(**inputs)
    sent = []

    def gradient_of(group):
        honest = group.add
        group.add = lambda tensor: sent.append(len(tensor)) or honest(tensor)
        part = labelled(examples.take(np.array([1, 3] if group.rank else [4])))  # cat act, a
        ((own, touched),) = share([part], net.weights, group)
        gradient = net.backpropagate(own)[1]
        add_up(gradient, touched, net.weights, group)
        return touched

    for touched in in_threads(2, gradient_of):
        assert touched.U.tolist() == [3, 4, 8]  # a, c, t
        n = len(net.weights.dense) + 3 * net.weights.U.shape[1] + len(touched.G) * 3
        assert sent == [n, n]


def test_a_process_alone_sends_nothing():
    examples, inputs = examples_of(ngrams)
    net = network(**inputs)
    ((own, touched),) = share([labelled(examples)], net.weights, ALONE)
    gradient = net.backpropagate(own)[1]
    assert add_up(gradient, touched, net.weights, ALONE) is gradient


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("data", DATA)
def test_full_batches_train_the_same_net(data, parts, solver):
    examples, inputs = examples_of(data)
    inputs = {**inputs}
    if data is windows:  # the first window of each series would begin at random
        inputs["window"] = inputs["window"]._replace(stride=1)
    options = plan(solver=solver, batch_size=9, max_iter=3, alpha=0.01, learning_rate_init=0.05)

    def train(group, places):
        net = network(**inputs)
        own = examples.take(np.array(places, dtype=int))
        generator = torch.Generator().manual_seed(group.rank)
        history = trainer.fit(net, own, options, generator, group=group)
        return net.weights.snapshot(), history.losses

    weights, losses = train(ALONE, range(9))
    found = in_threads(len(parts), lambda group: train(group, parts[group.rank]))
    for its_weights, its_losses in found:
        assert its_losses == found[0][1]
        assert its_losses == pytest.approx(losses, rel=1e-10)
        for one, first, expected in zip(its_weights, found[0][0], weights):
            assert torch.equal(one, first)
            torch.testing.assert_close(one, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_every_example_is_in_one_batch_of_an_epoch(parts):
    """Batches have the size that was asked for, whatever the parts are."""
    examples, inputs = examples_of(ngrams)
    net = network(**inputs)

    def visit(group):
        own = examples.take(np.array(parts[group.rank], dtype=int))
        layout = training._Layout.of(own, 4, group)
        given = training._random_batches(net, own, plan(), torch.Generator(), layout)
        return layout.sizes, [0 if batch is None else batch.batch.size for batch in given]

    found = in_threads(len(parts), visit)
    sizes = np.array([seen for _, seen in found]).sum(0)
    assert sizes.sum() == 9 and len(sizes) == 3
    assert all(layout == sizes.tolist() for layout, _ in found)
    assert [sum(seen) for _, seen in found] == [len(part) for part in parts]


def test_training_ends_on_all_ranks_where_one_wants_it():
    examples, inputs = examples_of(ngrams)

    class Listener:
        def __init__(self, rank):
            self.rank = rank

        def epoch_begins(self):
            pass

        def epoch_ends(self, history):
            return self.rank == 1 and len(history.losses) == 2

    def train(group):
        net, generator = network(**inputs), torch.Generator()
        own = examples.take(np.array(PARTS["halves"][group.rank]))
        options = plan(max_iter=5)
        listener = Listener(group.rank)
        return len(trainer.fit(net, own, options, generator, None, listener, group).losses)

    assert in_threads(2, train) == [2, 2]


def test_rank_0_corrects_the_others():
    """As processors of another kind may round in another way."""
    examples, inputs = examples_of(ngrams)

    def train(group):
        net = network(**inputs)
        for tensor in (net.weights.dense, net.weights.U, net.weights.G):
            tensor.add_(1e-9 * group.rank)
        own = examples.take(np.array(PARTS["halves"][group.rank]))
        trainer.fit(net, own, plan(), torch.Generator(), group=group)
        return net.weights.snapshot()

    first, second = in_threads(2, train)
    assert all(map(torch.equal, first, second))
