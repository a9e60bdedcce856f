"""The measuring of what a facility needs (`bench.hub.sizing`), with one lab.

Here, since it takes a whole installation, which the tests of the hub have made.
"""

import pytest
from bench.hub import sizing


@pytest.mark.service
@pytest.mark.timeout(300)
def test_what_a_lab_takes_is_measured(demo_installation):
    costs = sizing.measure(demo_installation.software, accounts=2, labs=1, idle=2)

    for memory in (costs.hub, costs.lab, costs.kernel):
        assert 20e6 < memory < 4e9
    assert 0.5 < costs.start < 60
    assert 0 <= costs.lab_idle < 1
    assert 0 < costs.hub_idle < 2
