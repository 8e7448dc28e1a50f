"""Tasks of `benchmarks.order` that a rule generates, and what the real ones share with them.

In: a random generator and a number of rows. Out: a list of str and an array of labels, of
str, in about equal shares. A function named for a task is one; its docstring asks what the
label answers.
"""

from functools import cache, partial

import numpy as np

SYMBOLS = "abcdefgh"
LETTERS = "cdefghijklmnopqrstuvwxyz"  # without a and b
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
CLOSING = {")": "(", "]": "[", "}": "{"}
DEEPEST = 5  # brackets that are open at the same time, of generated strings
LONGEST = 20  # symbols of a string of a Tomita grammar

# For each state the next ones on 0 and on 1, None where no member goes on; and the states
# in which a member ends. The state at the start is 0.
TOMITA = {
    1: ([(None, 0)], {0}),
    2: ([(None, 1), (0, None)], {0}),
    3: ([(0, 1), (2, 0), (3, None), (2, 1)], {0, 1, 3}),
    4: ([(1, 0), (2, 0), (None, 0)], {0, 1, 2}),
    5: ([(1, 2), (0, 3), (3, 0), (2, 1)], {0}),
    6: ([(2, 1), (0, 2), (1, 0)], {0}),
    7: ([(0, 1), (2, 1), (2, 3), (None, 3)], {0, 1, 2, 3}),
}


def first_letter(rng, n):
    """Which of a and b comes first? There is one of each, among 26 other letters."""
    return _which_first(rng, n, ("a", "b"), LETTERS, 26)


def first_motif(rng, n):
    """Which comes first, TATAAT or GGATCC? There is one of each, among 50 random bases."""
    return _which_first(rng, n, ("TATAAT", "GGATCC"), "ACGT", 50)


def comparison(rng, n):
    """Is "412<398" true? The numbers have 1 to 4 digits, the sign is < or >."""
    return halves(rng, n, partial(_comparison, true=True), partial(_comparison, true=False))


def tomita(rng, n, number):
    """Is a string of 0 and 1 a member of a grammar? There are 1 to 20 symbols.

    Source: M. Tomita, "Dynamic construction of finite automata from examples using
    hill-climbing", 1982. Half of the others are random strings, half are members with one
    or two symbols changed.
    """
    return halves(rng, n, partial(_member, number=number), partial(_other, number=number))


def first_is_last(rng, n):
    """Is the first symbol the last one too? There are 8 symbols, 5 to 25 of them in a row."""
    return halves(rng, n, partial(_ends, same=True), partial(_ends, same=False))


def dates(rng, n):
    """Is the first of two dates earlier? Each is 2019-03-04 or 4 Mar 2019, half of one year."""
    return halves(rng, n, partial(_dates, rising=True), partial(_dates, rising=False))


def brackets(rng, n):
    """Do the brackets match? Of two kinds, to depth 5 and length 30 (Dyck-2).

    Those that do not match had two of their symbols exchanged, so that all counts stay.
    """
    return halves(rng, n, _dyck, _broken)


def mirror(rng, n):
    """Is the part after | the part before it, reversed? One symbol or two places differ."""
    return halves(rng, n, partial(_mirror, true=True), partial(_mirror, true=False))


def ean(rng, n):
    """Is the last digit the check digit of an EAN-13 (ISBN-13)? If not, it is any other."""
    return halves(rng, n, partial(_ean, right=True), partial(_ean, right=False))


def parity(rng, n):
    """Is the number of ones even? There are 5 to 30 symbols 0 and 1."""
    return halves(rng, n, partial(_bits, odd=0), partial(_bits, odd=1))


def is_member(text, number):
    """Read 0 and 1 by the automaton of a Tomita grammar."""
    steps, ends = TOMITA[number]
    state = 0
    for c in text:
        state = steps[state][int(c)]
        if state is None:
            return False
    return state in ends


def is_balanced(text):
    """Say whether every bracket of a text is closed by its own kind."""
    left = open_brackets(text)
    return left is not None and not left


def open_brackets(text):
    """Give the brackets that are open at the end of a text; None if one is closed wrongly."""
    stack = []
    for c in text:
        if c in CLOSING.values():
            stack.append(c)
        elif c in CLOSING and (not stack or stack.pop() != CLOSING[c]):
            return None
    return stack


def ean_digit(digits):
    """Compute the check digit of the first twelve digits of an EAN-13."""
    return str(-sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(digits)) % 10)


def halves(rng, n, yes, no):
    """Draw n strings, by the first function in a random half of the rows, else by the second."""
    y = rng.permutation(np.resize(["yes", "no"], n))
    return [(yes if label == "yes" else no)(rng) for label in y], y


def some(rng, symbols, n):
    return "".join(rng.choice(list(symbols), n))


def pick(rows, rng):
    return rows[rng.integers(len(rows))]


def until(found, make):
    """Draw until what is drawn is as wanted."""
    while not found(text := make()):
        pass
    return text


def _which_first(rng, n, parts, symbols, n_others):
    y = rng.permutation(np.resize(parts, n))
    ordered = [parts if label == parts[0] else parts[::-1] for label in y]
    return [_with_both(rng, *both, symbols, n_others) for both in ordered], y


def _with_both(rng, first, second, symbols, n_others):
    """Put two parts at random places between random symbols, each of them once."""

    def make():
        others, (i, j) = some(rng, symbols, n_others), sorted(rng.integers(n_others + 1, size=2))
        return others[:i] + first + others[i:j] + second + others[j:]

    return until(lambda text: text.count(first) == text.count(second) == 1, make)


def _comparison(rng, true):
    low, high = sorted(until(lambda two: two[0] != two[1], lambda: (_number(rng), _number(rng))))
    sign = some(rng, "<>", 1)
    if (sign == "<") is not true:
        low, high = high, low
    return f"{low}{sign}{high}"


def _number(rng):
    n_digits = rng.integers(1, 5)
    return int(rng.integers(10 ** (n_digits - 1), 10**n_digits))


def _member(rng, number):
    """Draw a member: of a random length, then each with the same probability."""
    n = until(lambda n: _n_members(number, 0, n), lambda: int(rng.integers(1, LONGEST + 1)))
    state, text = 0, ""
    for left in reversed(range(n)):
        counts = [_n_members(number, state, left, symbol) for symbol in (0, 1)]
        symbol = int(rng.random() * sum(counts) >= counts[0])
        state, text = TOMITA[number][0][state][symbol], text + str(symbol)
    return text


@cache
def _n_members(number, state, n, symbol=None):
    """Count the ways from a state (after one more symbol, if given) to an end in n steps."""
    steps, ends = TOMITA[number]
    if symbol is not None:
        state = steps[state][symbol]
    if state is None or n == 0:
        return int(state in ends)
    return sum(_n_members(number, state, n - 1, symbol) for symbol in (0, 1))


def _other(rng, number):
    """Draw what is no member: a random string, or a member that was changed."""

    def make():
        if rng.random() < 0.5:
            return some(rng, "01", rng.integers(1, LONGEST + 1))
        text = list(_member(rng, number))
        for i in rng.integers(len(text), size=rng.integers(1, 3)):
            text[i] = "10"[int(text[i])]
        return "".join(text)

    return until(lambda text: not is_member(text, number), make)


def _ends(rng, same):
    def make():
        return some(rng, SYMBOLS, rng.integers(5, 26))

    text = until(lambda text: same or text[0] != text[-1], make)
    return text[:-1] + text[0] if same else text


def _dates(rng, rising):
    dates = sorted(until(lambda dates: dates[0] != dates[1], lambda: _two_dates(rng)))
    return " ".join(_written(rng, *date) for date in dates[:: 1 if rising else -1])


def _two_dates(rng):
    """Draw two of (year, month, day), half of them of one year."""
    years = rng.integers(2000, 2030, size=2)
    years[1] = years[0] if rng.random() < 0.5 else years[1]
    return [(int(year), *rng.integers(1, [13, 29]).tolist()) for year in years]


def _written(rng, year, month, day):
    if rng.random() < 0.5:
        return f"{year}-{month:02}-{day:02}"
    return f"{day} {MONTHS[month - 1]} {year}"


def _dyck(rng):
    """Open and close brackets with even odds, where both can be done."""
    stack, text, n = "", "", 2 * rng.integers(1, 16)
    while len(text) < n:
        full = len(stack) == min(DEEPEST, n - len(text))
        if stack and (full or rng.random() < 0.5):
            text, stack = text + {"(": ")", "[": "]"}[stack[-1]], stack[:-1]
        else:
            stack += some(rng, "([", 1)
            text += stack[-1]
    return text


def _broken(rng):
    """Exchange two symbols, so that brackets no longer match."""

    def make():
        text = list(_dyck(rng))
        i, j = rng.integers(len(text), size=2)
        text[i], text[j] = text[j], text[i]
        return "".join(text)

    return until(lambda text: not is_balanced(text), make)


def _mirror(rng, true):
    text = some(rng, SYMBOLS, rng.integers(3, 11))
    if true:
        return f"{text}|{text[::-1]}"
    return f"{text}|{until(lambda other: other != text[::-1], lambda: _near(rng, text[::-1]))}"


def _near(rng, text):
    """Change one symbol, or exchange two."""
    text, (i, j) = list(text), rng.integers(len(text), size=2)
    if rng.random() < 0.5:
        text[i] = some(rng, SYMBOLS, 1)
    else:
        text[i], text[j] = text[j], text[i]
    return "".join(text)


def _ean(rng, right):
    digits = some(rng, "0123456789", 12)
    check = ean_digit(digits)
    return digits + (check if right else some(rng, "0123456789".replace(check, ""), 1))


def _bits(rng, odd):
    return until(lambda x: x.count("1") % 2 == odd, lambda: some(rng, "01", rng.integers(5, 31)))
