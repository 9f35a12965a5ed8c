"""Whatever people say, chains over wordings stay within bounds and do not depend on the order."""

from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.learning.markov import MARGIN, Said, mine


@st.composite
def homes(draw: st.DrawFn) -> list[list[list[Said]]]:
    def session(number: int) -> list[Said]:
        length = draw(st.integers(1, 4))
        return [
            Said(
                f"{number}-{at}",
                draw(st.sampled_from("abcd")),
                reached=draw(st.floats(0, 1)),
                rephrases=draw(st.integers(-1, at - 1)) if at else -1,
            )
            for at in range(length)
        ]

    return [
        [session(10 * home + n) for n in range(draw(st.integers(0, 4)))]
        for home in range(draw(st.integers(1, 3)))
    ]


@given(homes())
def test_what_is_found_is_better_and_was_said(read: list[list[list[Said]]]) -> None:
    said = {one.wording for home in read for session in home for one in session}
    for one in mine(read):
        assert {one.failing, one.working} <= said
        assert one.failing != one.working
        assert 0.0 <= one.plain <= 1.0 + 1e-9
        assert one.plain + MARGIN <= one.sure + 1e-3
        assert 1 <= one.homes <= len(read)
        assert all(seen.wording == one.failing for seen in one.seen)


@given(homes())
def test_the_order_of_homes_and_conversations_does_not_matter(read: list[list[list[Said]]]) -> None:
    turned = [home[::-1] for home in read[::-1]]
    assert {(one.failing, one.sure) for one in mine(read)} == {
        (one.failing, one.sure) for one in mine(turned)
    }
