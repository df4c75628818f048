"""The places where a test lets the process die."""

import subprocess
import sys

import pytest

from bot import faults
from bot.core.errors import ConfigurationError

STORY = """
from bot.faults import arm, faultpoint
arm("here:2")
for n in (1, 2, 3):
    faultpoint("here")
    print(n, flush=True)
"""


def test_the_process_dies_at_the_named_passing_as_kill_9_would():
    died = subprocess.run([sys.executable, "-c", STORY], capture_output=True, text=True, timeout=30, check=False)
    assert (died.returncode, died.stdout) == (-9, "1\n")


def test_without_a_fault_a_place_does_nothing():
    faults.arm("")
    faults.faultpoint("after_claim")


@pytest.mark.parametrize("fault", ["after_claim", ":1", "after_claim:0", "after_claim:soon"])
def test_a_fault_that_is_not_one_is_refused(fault: str):
    with pytest.raises(ConfigurationError, match="HAMROH_FAULT"):
        faults.arm(fault)
