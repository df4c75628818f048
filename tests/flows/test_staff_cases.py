"""What a member of staff sees of her cases besides their texts: counts, history, words for what screening found."""

from tests.flows.desk_world import Chat, facilitator, open_case

ZARA = facilitator("zara")


def test_s1_answers_that_wait_or_came_back_are_shown_to_their_owner():
    chat = Chat.of(ZARA, cases=(open_case("one", "4821", ZARA, waits=2, unread=1),))
    chat.press("menu.mine")
    assert "ждут, пока она откроет: 2" in chat.said
    assert "не дошли: 1" in chat.said
    chat.knows(cases=(open_case("one", "4821", ZARA),))
    chat.press("menu.mine")
    assert "ждут, пока" not in chat.said
