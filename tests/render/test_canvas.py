"""What all pictures share: trails cut to the box that they show."""

import numpy as np

from optguide.render.canvas import clip_to_box, leaves_box_at

BOX = np.array([[-1, 1], [-1, 1]])


def test_a_trail_is_cut_where_it_crosses_the_edge():
    trail = np.array([[0, 0], [0.5, 0.5], [2.5, 1.5], [3, 3], [0, 0], [-4, 2]])
    nothing = [np.nan, np.nan]
    # The ways out go on from (0.5, 0.5) by a quarter of (2, 1), and from (0, 0) by a quarter of (-4, 2).
    expected = [[0, 0], [0.5, 0.5], [1, 0.75], nothing, [0, 0], [-1, 0.5]]
    np.testing.assert_array_equal(clip_to_box(trail, BOX), expected)


def test_a_trail_leaves_the_box_at_the_step_after_which_it_does_not_come_back():
    inside, outside = [0.0, 1.0], [0.0, 1.1]
    for trail, step in (
        ([inside, outside, inside, outside, outside], 3),
        ([outside, outside], 0),
        ([outside, inside], None),
    ):
        assert leaves_box_at(np.array(trail), BOX) == step
