"""The block of attention and its text: what it sees, how it starts, its gradients, what it learns."""

from __future__ import annotations

import math
import re
from functools import partial

import numpy as np
import pytest
import torch

import optguide as og
from optguide.problems import AttentionBlock, characters_task, sentences


@pytest.fixture(scope="module")
def task():
    return characters_task(width=8, context=12, examples=60, validation=10, test=10)


@pytest.fixture
def block():
    torch.manual_seed(0)
    made = AttentionBlock(7, 6, width=8, heads=2).double()
    torch.nn.init.normal_(made.read.weight)
    return made


def test_a_text_has_one_grammar_and_common_words():
    text = sentences(20_000)
    sentence = r"(the|a|two) [a-z]+ [a-z]+ (the|a|two) [a-z]+\. "
    assert len(text) == 20_000 and re.fullmatch(f"({sentence})+", text[: text.rindex(". ") + 2])
    counts = {}
    for article, noun, verb, another, other in re.findall(r"(\w+) (\w+) (\w+) (\w+) (\w+)\.", text):
        assert noun.endswith("s") != verb.endswith("s")
        for before, word in ((article, noun), (another, other)):
            assert before == "the" or word.endswith("s") == (before == "two")
        counts[noun.removesuffix("s")] = counts.get(noun.removesuffix("s"), 0) + 1
    assert counts["cat"] / counts["dog"] == pytest.approx(2, rel=0.2)
    assert counts["cat"] / counts["hen"] == pytest.approx(8, rel=0.4)
    assert sentences(500) == text[:500] and sentences(500, seed=1) != text[:500]


def test_an_example_is_a_piece_of_the_text_and_the_piece_one_further(task):
    text = sentences(12 * 60 + 1)
    alphabet = sorted(set(text))
    assert task.inputs.shape == task.targets.shape == (60, 12) and task.train == 40
    assert "".join(alphabet[i] for i in task.inputs.flatten()) == text[:-1]
    assert "".join(alphabet[i] for i in task.targets.flatten()) == text[1:]
    assert torch.equal(characters_task(context=12, examples=60, validation=10, test=10).inputs, task.inputs)


def test_scores_have_one_row_for_every_place(block):
    text = torch.randint(7, (3, 6))
    assert block(text).shape == (3, 6, 7)
    torch.testing.assert_close(block(text)[:, :4], block(text[:, :4]))  # a shorter text is its beginning


def test_a_later_character_changes_no_earlier_score_and_an_earlier_one_changes_later_ones(block):
    text = torch.randint(7, (1, 6))
    for place in range(6):
        other = text.clone()
        other[0, place] = (other[0, place] + 1) % 7
        changed = (block(other) - block(text)).abs().amax(-1)[0]
        assert (changed[:place] == 0).all() and (changed[place:] > 1e-6).all()


def test_attention_is_a_weighted_mean_of_values_by_hand(block):
    x = torch.randn(6, 8, dtype=torch.float64)
    by_hand = torch.zeros(6, 8, dtype=torch.float64)
    for part in (slice(0, 4), slice(4, 8)):
        q, k, v = (layer(x)[:, part] for layer in (block.query, block.key, block.value))
        for i in range(6):
            weights = torch.exp(torch.stack([q[i] @ k[j] / 2 for j in range(i + 1)]))
            by_hand[i, part] = (weights[:, None] * v[: i + 1]).sum(0) / weights.sum()
    torch.testing.assert_close(block.attention(x), block.mix(by_hand))


def test_at_the_start_all_characters_are_equally_likely(task):
    draw = task.draw(0)
    assert draw.problem(draw.problem.start) == pytest.approx(math.log(len(set(sentences(721)))), rel=1e-12)


def test_gradients_are_those_of_differences(task):
    problem = task.draw(0).problem
    rng = np.random.default_rng(0)
    point = problem.start + rng.normal(0, 0.3, problem.size)
    gradient = problem.slope(torch.tensor(point))[1].numpy()
    ends = np.cumsum([math.prod(shape) for shape in problem.shapes.values()])
    chosen = [rng.integers(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True) for _ in range(3)]
    for i in chosen:  # three of each tensor
        aside = np.zeros(problem.size)
        aside[i] = 1e-5
        assert gradient[i] == pytest.approx(
            (problem(point + aside) - problem(point - aside)) / 2e-5, rel=1e-5, abs=1e-8
        )


def test_it_is_trained_all_runs_at_once_and_run_by_run_alike(task):
    train = partial(og.train, task=task, steps=6, batch=8, seed=[0, 1], lr=[0.01, 0.1])
    ours, theirs = train(og.Adam), train(torch.optim.Adam)
    np.testing.assert_allclose(ours.data.loss, theirs.data.loss, rtol=1e-9)
    np.testing.assert_allclose(ours.data.held_out_loss, theirs.data.held_out_loss, rtol=1e-9)
    assert "all runs at once" in ours.data.attrs["way"]
    assert ours.data.accuracy.isnull().all() and "loss on test examples" in str(ours.table())
    np.testing.assert_array_equal(train(og.Adam).data.loss, ours.data.loss)


def test_attention_learns_what_the_last_character_does_not_tell():
    task = characters_task(examples=700, validation=50, test=100)
    runs = og.train(og.AdamW, task, 200, batch=16, lr=0.03, dtype="float32")
    text = sentences(16 * 700 + 1)
    pairs = np.array([[text.count(a + b) for b in sorted(set(text))] for a in sorted(set(text))])
    after = pairs / pairs.sum(1, keepdims=True)
    known = -(pairs * np.log(np.where(after > 0, after, 1))).sum() / pairs.sum()
    assert runs.judged().item() < 0.75 * known  # the best that can be said from one character


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AttentionBlock(5, 4, width=6, heads=4), "heads must divide the width, 6, got 4"),
        (lambda: AttentionBlock(5, 4, width=0), "width must be >= 1, got 0"),
        (lambda: AttentionBlock(5, 4, heads=0), "heads must be >= 1, got 0"),
        (lambda: AttentionBlock(0, 4), "alphabet must be >= 1, got 0"),
        (lambda: AttentionBlock(5, 0), "context must be >= 1, got 0"),
        (lambda: characters_task(context=0), "context must be >= 1, got 0"),
        (lambda: characters_task(examples=0), "examples must be >= 1, got 0"),
        (lambda: characters_task(examples=500), "validation and test must leave examples to train on, got 300 and 300"),
        (lambda: sentences(0), "length must be >= 1, got 0"),
        (lambda: sentences(5, seed=-1), "seed must be >= 0"),
    ],
)
def test_bad_input_names_the_culprit(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()
