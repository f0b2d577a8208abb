"""What chaos does follows from its seed, and a short run has every kind of it."""

from local.chaos.plan import Content, Fate, delivery, titles


def test_the_same_seed_gives_the_same_plan() -> None:
    assert titles(7, 50) == titles(7, 50) != titles(8, 50)
    assert [delivery(7, "key", nth) for nth in range(50)] == [delivery(7, "key", nth) for nth in range(50)]


def test_a_short_run_has_deletions_replacements_and_bad_files() -> None:
    short = titles(7, 12)
    assert {Fate.KEEP, Fate.REPLACE, Fate.DELETE, Fate.DELETE_AND_RETURN} <= {title.fate for title in short}
    assert {title.content for title in short} & {Content.TEXT, Content.CUT}
    assert {title.through_api for title in short} == {True, False}


def test_a_tenth_of_the_events_is_lost_and_a_fifth_comes_twice() -> None:
    fates = [delivery(7, f"key {number}", 0) for number in range(2000)]
    lost = sum(not fate.delays for fate in fates)
    twice = sum(len(fate.delays) > 1 for fate in fates)
    assert 150 < lost < 250 and 300 < twice < 420
