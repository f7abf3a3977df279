"""What every test relies on: runs that repeat themselves."""

import pytest
import torch


@pytest.fixture(autouse=True)
def seed():
    """Draw the same random numbers in every test, whichever tests run before it."""
    torch.manual_seed(0)
