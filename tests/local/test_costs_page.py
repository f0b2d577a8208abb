"""The costs in docs/aws.md are what their quantities and prices come to."""

import re
from decimal import Decimal

import pytest

from local.paths import ROOT

TABLES = re.findall(
    r"^\| what \| quantity \| unit price \| cost \|\n\|[-| :]+\n((?:\|.*\n)+)", (ROOT / "docs/aws.md").read_text(), re.M
)


@pytest.mark.parametrize("table", TABLES)
def test_each_row_and_the_sum_are_right(table: str) -> None:
    *rows, total = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in table.splitlines()]
    costs = []
    for what, quantity, price, cost in rows:
        places = Decimal(1).scaleb(-len(cost.partition(".")[2]))
        assert (Decimal(quantity) * Decimal(price)).quantize(places, "ROUND_HALF_UP") == Decimal(cost), what
        costs.append(Decimal(cost))
    assert sum(costs) == Decimal(total[3])


def test_there_are_tables() -> None:
    assert len(TABLES) == 3
