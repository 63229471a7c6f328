import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.orders.domain.shortage import Demand, share_first_ordered, share_pro_rata

DEMANDS = st.lists(st.integers(1, 50), max_size=20).map(
    lambda amounts: [Demand(key, amount) for key, amount in enumerate(amounts)]
)


def test_whoever_ordered_first_is_served_first() -> None:
    demands = [Demand(7, 2), Demand(3, 4), Demand(9, 1)]
    assert share_first_ordered(5, demands) == {7: 2, 3: 3, 9: 0}


def test_less_than_nothing_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="nothing less than nothing"):
        share_first_ordered(-1, [])


@given(st.integers(0, 1200), DEMANDS)
def test_all_that_is_there_is_given_and_nobody_gets_more_than_ordered(
    available: int, demands: list[Demand]
) -> None:
    given_out = share_first_ordered(available, demands)
    assert given_out.keys() == {demand.line_id for demand in demands}
    assert sum(given_out.values()) == min(available, sum(demand.ordered for demand in demands))
    assert all(0 <= given_out[demand.line_id] <= demand.ordered for demand in demands)


@given(st.integers(0, 1200), DEMANDS)
def test_nobody_gets_anything_while_somebody_before_them_lacks(
    available: int, demands: list[Demand]
) -> None:
    given_out = share_first_ordered(available, demands)
    lacks = [given_out[demand.line_id] < demand.ordered for demand in demands]
    if True in lacks:
        first = lacks.index(True)
        assert all(given_out[demand.line_id] == 0 for demand in demands[first + 1 :])


def test_pro_rata_everybody_lacks_the_same_part() -> None:
    demands = [Demand(7, 2000), Demand(3, 4000), Demand(9, 2000)]
    assert share_pro_rata(6000, demands) == {7: 1500, 3: 3000, 9: 1500}


def test_pro_rata_left_over_pieces_go_to_who_lost_most_by_rounding_the_earlier_first() -> None:
    demands = [Demand(7, 1), Demand(3, 1), Demand(9, 1)]
    assert share_pro_rata(2, demands) == {7: 1, 3: 1, 9: 0}
    assert share_pro_rata(3, [Demand(1, 4), Demand(2, 1)]) == {1: 2, 2: 1}


def test_less_than_nothing_cannot_be_shared_pro_rata_either() -> None:
    with pytest.raises(ValueError, match="nothing less than nothing"):
        share_pro_rata(-1, [])


@given(st.integers(0, 1200), DEMANDS)
def test_pro_rata_gives_all_that_is_there_and_nobody_is_off_their_part_by_a_piece(
    available: int, demands: list[Demand]
) -> None:
    given_out = share_pro_rata(available, demands)
    wanted = sum(demand.ordered for demand in demands)
    assert given_out.keys() == {demand.line_id for demand in demands}
    assert sum(given_out.values()) == min(available, wanted)
    for demand in demands:
        got = given_out[demand.line_id]
        assert 0 <= got <= demand.ordered
        if available < wanted:
            assert abs(got * wanted - demand.ordered * available) < wanted
