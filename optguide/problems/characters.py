"""To guess the next character of a text: a block of attention, and a text from a grammar of twelve nouns and verbs."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .. import check
from .parts import zipf
from .task import Task

NOUNS = ("cat", "dog", "bird", "goat", "pig", "cow", "hare", "hen")
VERBS = ("see", "hear", "like", "follow")
#: What stands before one and before several.
ARTICLES = {"": ("the", "a"), "s": ("the", "two")}


class AttentionBlock(nn.Module):
    """One block of a transformer: attention to the characters so far, then a layer of hidden neurons.

    Both are given vectors of length one in the mean square, and are added to what they are given. The last layer begins
    at zero, so that at the start every character is held to be equally likely.

    Parameters
    ----------
    alphabet : int
        How many characters there are.
    context : int
        How many of them are read at once.
    width : int
        Numbers that stand for a character.
    heads : int
        Into how many parts, each with an attention of its own, they are divided.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number >= 1, or ``heads`` does not divide ``width``.
    """

    def __init__(self, alphabet: int, context: int, width: int = 16, heads: int = 2) -> None:
        super().__init__()
        alphabet, context = check.count("alphabet", alphabet), check.count("context", context)
        width, self.heads = check.count("width", width), check.count("heads", heads)
        if width % self.heads:
            raise ValueError(f"heads must divide the width, {width}, got {heads}")
        self.letters, self.places = nn.Embedding(alphabet, width), nn.Embedding(context, width)
        self.query, self.key, self.value, self.mix = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.read = nn.Linear(width, alphabet, bias=False)
        nn.init.zeros_(self.read.weight)

    def forward(self, text: Tensor) -> Tensor:
        """Scores of the next character at every place: for numbers of shape (n, places), (n, places, alphabet)."""
        x = self.letters(text) + self.places.weight[: text.shape[-1]]
        x = x + self.attention(_normed(x))
        x = x + self.narrow(self.widen(_normed(x)).relu())
        return self.read(_normed(x))

    def attention(self, x: Tensor) -> Tensor:
        """What each place takes from itself and those before it."""
        query, key, value = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(-2, -3) for layer in (self.query, self.key, self.value)
        )
        match = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
        later = torch.ones(match.shape[-2:], dtype=torch.bool).triu(1)
        weights = match.masked_fill(later, -torch.inf).softmax(-1)
        return self.mix((weights @ value).transpose(-2, -3).flatten(-2))


def _normed(x: Tensor) -> Tensor:
    return x * (x.square().mean(-1, keepdim=True) + 1e-6).rsqrt()


def sentences(length: int, seed: int = 0) -> str:
    """A text of sentences such as "two cats hear a dog.", cut off at a length.

    The verb depends on the number of the noun before it: a cat hears, two cats hear. Nouns and verbs are as rare as
    words are in a language: the i-th is used in proportion to 1 / i.

    Parameters
    ----------
    length : int
        Characters of the text.
    seed : int
        Seed of the words.

    Returns
    -------
    str
    """
    length, rng = check.count("length", length), np.random.default_rng(check.count("seed", seed, 0))

    def phrase() -> tuple[str, str]:
        ending = rng.choice([*ARTICLES])
        return f"{rng.choice(ARTICLES[ending])} {rng.choice(NOUNS, p=zipf(len(NOUNS), 1))}{ending}", ending

    text = ""
    while len(text) < length:
        subject, ending = phrase()
        verb = rng.choice(VERBS, p=zipf(len(VERBS), 1)) + ("" if ending else "s")
        text += f"{subject} {verb} {phrase()[0]}. "
    return text[:length]


def characters_task(
    *, width: int = 16, heads: int = 2, context: int = 16, examples: int = 1600, validation: int = 300,
    test: int = 300, seed: int = 0,
) -> Task:  # fmt: skip
    """To guess the next character of a text of simple `sentences`, with one block of attention.

    An example is a piece of the text; at each of its places the next character is guessed from those so far. Reported
    is the loss, the mean cross-entropy in nats.

    Parameters
    ----------
    width, heads : int
        As those of `AttentionBlock`.
    context : int
        Characters in a piece.
    examples : int
        How many pieces there are; none of them overlap.
    validation, test : int
        How many of them each of the two sets has; all others train the network.
    seed : int
        Seed of the text.

    Returns
    -------
    Task

    Raises
    ------
    TypeError, ValueError
        As `Task` and `AttentionBlock` do.
    """
    context, examples = check.count("context", context), check.count("examples", examples)
    text = sentences(context * examples + 1, seed)
    alphabet = sorted(set(text))
    numbers = torch.tensor([alphabet.index(character) for character in text])
    inputs, targets = (part.view(examples, context) for part in (numbers[:-1], numbers[1:]))
    return Task(
        lambda: AttentionBlock(len(alphabet), context, width, heads),
        inputs, targets, validation, test, accuracy=False, name="characters",
    )  # fmt: skip
