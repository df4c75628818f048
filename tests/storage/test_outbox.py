"""The outbox as a sender meets it: order, lanes, leases, pauses, expiry, and what is told to whom."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, insert, select, update

from bot.core.conversation import SHOWN, Owner
from bot.core.events import ReachChanged, SendsFailed
from bot.core.messages import UNFETCHED, Act, Button, Lane, Outgoing, SendFailure, Sent, Trouble
from storage import pending
from storage.claims import Claim
from storage.mailboxes import LEASE
from storage.outbox import body_of, cancel
from storage.schema import accounts, lines, mailboxes, messages, outbox
from tests.storage.office import LINE, Office, Somebody


def texts(claim: Claim) -> list[str]:
    return [one.parcel.outgoing.text for one in claim.claimed if one.parcel.outgoing]


def drain(office: Office) -> list[str]:
    """Send everything that is due now; the texts in their order."""
    sent: list[str] = []
    while (claim := office.claim()).claimed:
        sent += texts(claim)
        office.arrive(claim)
    return sent


def failure(trouble: Trouble, **more: object) -> SendFailure:
    return SendFailure(trouble, "test", **more)  # type: ignore[arg-type]


# ---- order


def test_messages_of_one_lane_go_in_the_order_they_were_said(office: Office):
    her = office.somebody()
    office.put_all([(her, f"{n}") for n in range(5)])
    assert drain(office) == ["0", "1", "2", "3", "4"]


def test_a_claim_takes_the_first_row_of_each_mailbox_only(office: Office):
    for _ in range(3):
        her = office.somebody()
        office.put_all([(her, "first"), (her, "second")])
    assert texts(office.claim()) == ["first"] * 3
    assert office.claim().claimed == []


def test_a_higher_lane_passes_a_lower_one(office: Office):
    her = office.somebody()
    for lane in (Lane.BROADCAST, Lane.SCHEDULE, Lane.REPLY, Lane.ESCALATION):
        office.put(her, lane, lane=lane)
    assert drain(office) == ["escalation", "reply", "schedule", "broadcast"]


def test_a_higher_lane_waits_for_a_lower_row_in_flight(office: Office):
    her = office.somebody()
    office.put(her, "lesson", lane=Lane.SCHEDULE)
    lesson = office.claim()
    office.put(her, "urgent", lane=Lane.ESCALATION)
    assert office.claim().claimed == []
    office.arrive(lesson)
    assert texts(office.claim()) == ["urgent"]


def test_replies_of_all_mailboxes_go_before_what_others_have_scheduled(office: Office):
    for _ in range(30):
        office.put(office.somebody(), "lesson", lane=Lane.SCHEDULE)
    office.put(office.somebody(), "reply")
    office.put(office.somebody(), "urgent", lane=Lane.ESCALATION)
    assert sorted(texts(office.claim(limit=2))) == ["reply", "urgent"]


def test_a_row_that_must_be_tried_again_holds_back_the_later_ones_of_its_lane(office: Office):
    her = office.somebody()
    office.put_all([(her, "one"), (her, "two")])
    office.mark((office.claim().claimed[0], failure(Trouble.AGAIN)))
    assert drain(office) == []
    office.put(her, "three")
    assert drain(office) == []
    office.passes(seconds=1)
    assert drain(office) == ["one", "two", "three"]


def test_a_broadcast_that_she_is_shown_holds_back_nothing_that_she_asked_for(office: Office):
    her = office.somebody()
    office.put_all([(her, "broadcast")], tag=SHOWN, purpose="broadcast")
    office.put_all([(her, "her page")])
    office.mark((office.claim().claimed[0], failure(Trouble.AGAIN)))
    assert drain(office) == ["her page"]
    office.passes(seconds=1)
    assert drain(office) == ["broadcast"]


def test_s10_a_file_that_does_not_come_holds_back_no_words_and_is_given_up_after_a_quarter_of_an_hour(office: Office):
    taker = office.somebody()
    file = office.put(taker, "voice", purpose="case_text")
    for _ in range(30):
        office.put(taker, "her next words", purpose="case_text")
        for one in (office.claim(), office.claim()):
            for claimed in one.claimed:
                is_file = claimed.row.id == file
                office.mark((claimed, SendFailure(Trouble.AGAIN, UNFETCHED) if is_file else Sent(("1",))))
        office.passes(minutes=1)
    assert drain(office).count("voice") == 0
    assert office.row(file).state == "failed"
    assert office.states() == {"sent": 30, "failed": 1}


def test_a_row_that_is_due_tomorrow_holds_back_nothing(office: Office):
    her = office.somebody()
    office.put(her, "tomorrow", due_at=office.clock.now() + timedelta(days=1))
    office.put(her, "now")
    assert drain(office) == ["now"]
    office.passes(days=1)
    assert drain(office) == ["tomorrow"]


def test_a_mailbox_exists_only_while_something_is_pending(office: Office):
    office.put(office.somebody())
    drain(office)
    with office.database.reading() as connection:
        assert connection.execute(select(mailboxes)).all() == []


# ---- failures


def test_nothing_arrived_is_tried_again_after_1_2_4_to_60_seconds(office: Office):
    office.put(office.somebody())
    waits = []
    for _ in range(9):
        claim = office.claim()
        office.mark((claim.claimed[0], failure(Trouble.AGAIN)))
        due = office.row(claim.claimed[0].row.id).due_at
        waits.append((due - office.clock.now()).total_seconds())
        office.clock.set(due)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_chat_that_asked_for_a_pause_is_left_alone_even_by_new_and_urgent_rows(office: Office):
    her = office.somebody()
    office.put(her, "one")
    office.mark((office.claim().claimed[0], failure(Trouble.RATE, retry_after=35.0)))
    office.put(her, "urgent", lane=Lane.ESCALATION)
    office.passes(seconds=34)
    assert office.repair() == 0
    office.recover()
    assert drain(office) == []
    office.passes(seconds=1)
    assert drain(office) == ["urgent", "one"]


def test_a_pause_of_a_chat_outlives_the_rows_it_was_asked_for(office: Office):
    her = office.somebody()
    office.put(her, "one", expires_at=office.clock.now() + timedelta(seconds=10))
    office.mark((office.claim().claimed[0], failure(Trouble.RATE, retry_after=60.0)))
    office.passes(seconds=20)
    office.expire()
    office.repair()
    office.put(her, "two")
    assert drain(office) == []
    office.passes(seconds=40)
    assert drain(office) == ["two"]


def test_a_pause_of_the_line_holds_for_everybody_and_survives_a_restart(office: Office):
    office.put(office.somebody(), "one")
    office.mark((office.claim().claimed[0], failure(Trouble.RATE, retry_after=3600.0, is_line_wide=True)))
    office.put(office.somebody(), "two")
    office.recover()
    office.passes(seconds=3599)
    assert drain(office) == []
    office.passes(seconds=1)
    assert sorted(drain(office)) == ["one", "two"]


def test_a_shorter_pause_never_shortens_a_longer_one(office: Office):
    for _ in range(2):
        office.put(office.somebody())
    first, second = office.claim().claimed
    office.mark((first, failure(Trouble.RATE, retry_after=3600.0, is_line_wide=True)))
    office.mark((second, failure(Trouble.RATE, retry_after=1.0, is_line_wide=True)))
    with office.database.reading() as connection:
        until = connection.scalar(select(lines.c.paused_until).where(lines.c.line == LINE))
    assert until == office.clock.now() + timedelta(hours=1)


def test_waiting_for_the_messenger_counts_as_no_attempt(office: Office):
    id_ = office.put(office.somebody())
    office.mark((office.claim().claimed[0], failure(Trouble.RATE, retry_after=1.0)))
    assert office.row(id_).attempts == 0


def tries(office: Office, id_: str, receipt: SendFailure) -> list[float]:
    """The seconds at which a row is tried until it is over, each time with this receipt."""
    began, at = office.clock.now(), []
    while (row := office.row(id_)).state == "waiting":
        office.clock.set(max(office.clock.now(), row.due_at))
        if claimed := office.claim().claimed:
            at.append((office.clock.now() - began).total_seconds())
            office.mark((claimed[0], receipt))
    return at


def test_a_reply_whose_answer_is_lost_goes_ever_more_rarely_until_it_expires(office: Office):
    her = office.somebody()
    id_ = office.put(her, expires_at=office.clock.now() + timedelta(minutes=10))
    at = tries(office, id_, failure(Trouble.AMBIGUOUS))
    assert at == [0, 1, 3, 6, 12, 24, 48, 96, 192, 384, 595]
    assert (office.row(id_).state, office.row(id_).is_maybe_duplicate) == ("expired", True)
    assert office.told(her) == [SendsFailed("expired", ("reply",))]


def test_a_reply_that_waited_long_behind_others_is_not_punished_for_a_doubt(office: Office):
    id_ = office.put(office.somebody(), expires_at=office.clock.now() + timedelta(minutes=10))
    office.passes(minutes=3)
    assert tries(office, id_, failure(Trouble.AMBIGUOUS)) == [0, 1, 5, 13, 29, 61, 125, 253, 415]


def test_a_reply_that_is_refused_for_a_while_is_tried_once_more_just_before_it_expires(office: Office):
    id_ = office.put(office.somebody(), expires_at=office.clock.now() + timedelta(seconds=100))
    assert tries(office, id_, failure(Trouble.AGAIN)) == [0, 1, 3, 7, 15, 31, 63, 95]


def test_an_answer_that_may_have_arrived_is_not_called_unread(office: Office):
    her, ref, case_id = office.somebody(), "r" * 26, "c" * 26
    soon = office.clock.now() + timedelta(minutes=10)
    id_ = office.put(her, lane=Lane.ESCALATION, purpose="answer", expires_at=soon, ref=ref, case_id=case_id)
    office.mark((office.claim().claimed[0], failure(Trouble.AMBIGUOUS)))
    office.passes(minutes=10)
    office.expire()
    assert office.row(id_).state == "expired"
    assert office.told(her) == [SendsFailed("unknown", ("answer",), case_id, ref)]


def test_what_the_desk_is_told_goes_on_for_30_days_of_doubt(office: Office):
    member = office.somebody(Owner.STAFF)
    id_ = office.put(member, purpose="desk")
    at = tries(office, id_, failure(Trouble.AMBIGUOUS))
    assert 700 < len(at) < 800
    assert at[-1] > timedelta(days=30).total_seconds()
    assert office.row(id_).state == "unknown"
    assert office.told(member) == [SendsFailed("unknown", ("desk",))]


def test_a_push_whose_answer_was_lost_goes_once_more_and_then_her_conversation_is_told(office: Office):
    her = office.somebody()
    soon = office.clock.now() + timedelta(hours=3)
    id_ = office.put(her, lane=Lane.SCHEDULE, purpose="push", expires_at=soon)
    assert tries(office, id_, failure(Trouble.AMBIGUOUS)) == [0, 1]
    assert office.row(id_).state == "unknown"
    assert office.told(her) == [SendsFailed("unknown", ("push",))]


def test_an_alarm_whose_answer_was_lost_goes_until_a_person_acts(office: Office):
    office.put(office.somebody(Owner.STAFF), lane=Lane.ESCALATION, purpose="desk")
    for _ in range(20):
        office.passes(seconds=60)
        office.mark((office.claim().claimed[0], failure(Trouble.AMBIGUOUS)))
    assert office.states() == {"waiting": 1}


def test_an_alarm_that_is_refused_goes_once_more_as_plain_text(office: Office):
    group = office.somebody(Owner.GROUP)
    card = Outgoing("case 1234", ((Button("Take", "take"),),), version=3)
    id_ = office.put(group, lane=Lane.ESCALATION, purpose="card", outgoing=card)
    office.mark((office.claim().claimed[0], failure(Trouble.REFUSED)))
    again = office.claim().claimed[0]
    assert again.parcel.outgoing == Outgoing("case 1234")
    office.mark((again, failure(Trouble.REFUSED)))
    assert (office.row(id_).state, office.row(id_).body) == ("failed", None)
    assert office.told(group) == [SendsFailed("refused", ("card",))]


def test_a_refused_message_is_a_dead_letter_and_the_next_one_goes(office: Office):
    her = office.somebody()
    office.put_all([(her, "bad"), (her, "good")], case_id="c" * 26)
    office.mark((office.claim().claimed[0], failure(Trouble.REFUSED)))
    assert office.told(her) == [SendsFailed("refused", ("reply",), "c" * 26)]
    assert drain(office) == ["good"]


def test_who_cannot_be_reached_gets_nothing_more_and_everybody_is_told_once(office: Office):
    her = office.somebody()
    office.put_all([(her, "one"), (her, "two")])
    office.put(her, "later", lane=Lane.SCHEDULE, purpose="push", due_at=office.clock.now() + timedelta(days=1))
    office.mark((office.claim().claimed[0], failure(Trouble.UNREACHABLE)))
    assert office.states() == {"failed": 1, "cancelled": 2}
    assert office.told(her) == [SendsFailed("unreachable", ("push", "reply")), ReachChanged(is_reachable=False)]


def test_a_group_that_moved_gets_the_row_at_its_new_address(office: Office):
    group = office.somebody(Owner.GROUP)
    office.put(group, "card", lane=Lane.ESCALATION)
    office.mark((office.claim().claimed[0], SendFailure(Trouble.MOVED, "400", moved_to="address-new")))
    again = office.claim().claimed[0]
    assert again.parcel.address.id == "address-new"
    with office.database.reading() as connection:
        blind = connection.scalar(select(accounts.c.blind).where(accounts.c.id == group.account_id))
    assert blind == office.sealer.blind(again.parcel.address.key)


# ---- crashes


def test_a_row_found_in_flight_goes_again_after_the_lease(office: Office):
    id_ = office.put(office.somebody())
    office.claim()
    office.passes(seconds=LEASE.total_seconds() - 1)
    assert office.claim().claimed == []
    office.passes(seconds=1)
    assert [one.row.id for one in office.claim().claimed] == [id_]
    assert office.row(id_).is_maybe_duplicate


def test_a_new_sender_need_not_wait_for_the_lease_of_the_one_before(office: Office):
    id_ = office.put(office.somebody())
    office.claim()
    office.recover()
    assert [one.row.id for one in office.claim().claimed] == [id_]


def test_a_receipt_that_comes_after_the_lease_changes_nothing(office: Office):
    her = office.somebody()
    id_ = office.put(her)
    late = office.claim().claimed[0]
    office.recover()
    office.claim()
    office.mark((late, failure(Trouble.REFUSED)))
    assert office.row(id_).state == "sending"
    assert office.claim().claimed == []


def deaths(office: Office, id_: str, seconds: float = 0) -> list[float]:
    """The seconds at which a row's sender dies of it, until the row is over or so much time has passed."""
    began, at = office.clock.now(), []
    while (past := (office.clock.now() - began).total_seconds()) <= (seconds or past):
        office.claim()
        row = office.row(id_)
        if row.state == "sending":
            at.append(past)
            office.recover()
        elif row.state == "waiting":
            office.clock.set(row.due_at)
        else:
            break
    return at


def test_a_reply_that_kills_its_sender_goes_ever_more_rarely_until_it_expires(office: Office):
    her = office.somebody()
    id_ = office.put(her, expires_at=office.clock.now() + timedelta(minutes=10))
    at = deaths(office, id_)
    assert at[:2] == [0, 0]
    assert all(later >= 2 * sooner for sooner, later in pairwise(at[2:-1]))
    assert at[-1] == 595
    assert office.row(id_).state == "expired"
    assert office.told(her) == [SendsFailed("expired", ("reply",))]


def test_a_reply_survives_any_number_of_crashes_in_flight(office: Office):
    id_ = office.put(office.somebody(), "x", expires_at=office.clock.now() + timedelta(minutes=10))
    assert len(deaths(office, id_, 300)) > 6
    office.clock.set(office.row(id_).due_at)
    assert drain(office) == ["x"]


def test_a_push_that_kills_its_sender_is_given_up_and_told(office: Office):
    her = office.somebody()
    soon = office.clock.now() + timedelta(hours=3)
    id_ = office.put(her, lane=Lane.SCHEDULE, purpose="push", expires_at=soon)
    assert len(deaths(office, id_)) == 5
    assert office.told(her) == [SendsFailed("unknown", ("push",))]


def test_an_alarm_that_kills_its_sender_goes_on_without_end(office: Office):
    id_ = office.put(office.somebody(Owner.GROUP), lane=Lane.ESCALATION, purpose="card")
    at = deaths(office, id_, 14_400)
    assert all(60 <= later - sooner <= 120 for sooner, later in pairwise(at[10:]))
    assert len(at) > 150


def test_what_kills_its_sender_keeps_nobody_else_waiting_long(office: Office):
    people = [office.somebody() for _ in range(40)]
    soon = office.clock.now() + timedelta(minutes=10)
    poison, *others = office.put_all([(person, "x") for person in people], expires_at=soon)
    died = 0
    while {office.row(id_).state for id_ in others} != {"sent"}:
        flying = office.claim(limit=40).claimed
        if poison in {one.row.id for one in flying}:
            died += 1
            office.recover()
        elif flying:
            office.mark(*((one, Sent((one.row.id,))) for one in flying))
        office.passes(milliseconds=250)
    assert 2 < died < 8
    assert office.clock.now() < soon - timedelta(minutes=9)
    assert office.row(poison).state in {"waiting", "sending"}


def test_what_kills_its_sender_for_ten_minutes_holds_back_its_own_lane_no_longer(office: Office):
    member = office.somebody(Owner.STAFF)
    poison = office.put(member, "poison", purpose="desk")
    deaths(office, poison, 60)
    office.claim()
    office.recover()
    office.put(member, "next", purpose="desk")
    assert drain(office) == []
    deaths(office, poison, 900)
    office.claim()
    office.recover()
    assert drain(office) == ["next"]
    assert office.row(poison).state == "waiting"


@pytest.mark.parametrize("act", [Act.EDIT, Act.DELETE])
def test_an_edit_or_a_deletion_that_kills_its_sender_does_so_ever_more_rarely(office: Office, act: Act):
    her = office.somebody()
    office.put(her, "old", tag="t")
    office.arrive(office.claim())
    body = {**body_of(Outgoing("new")), "tag": "t"} if act is Act.EDIT else {"tag": "t"}
    assert len(deaths(office, office.put(her, act=act, tag="t", body=body), 86_400)) < 50


def test_an_edit_found_in_flight_is_repeated_without_doubt(office: Office):
    her = office.somebody()
    office.put(her, "old", tag="progress")
    office.arrive(office.claim())
    id_ = office.put(her, act=Act.EDIT, tag="progress", body={**body_of(Outgoing("new")), "tag": "progress"})
    office.claim()
    office.recover()
    assert office.claim().claimed[0].parcel.act is Act.EDIT
    assert not office.row(id_).is_maybe_duplicate


# ---- time


def test_what_expired_is_told_once_with_all_its_purposes(office: Office):
    her = office.somebody()
    soon = office.clock.now() + timedelta(minutes=10)
    office.put(her, purpose="reply", expires_at=soon)
    office.put(her, purpose="push", expires_at=soon)
    office.put(her, purpose="answer", expires_at=soon, ref="r" * 26, case_id="c" * 26)
    office.passes(minutes=10)
    for _ in range(3):
        office.expire()
        assert office.claim().claimed == []
    assert office.states() == {"expired": 3}
    assert office.told(her) == [
        SendsFailed("expired", ("push", "reply")),
        SendsFailed("expired", ("answer",), "c" * 26, "r" * 26),
    ]


def test_a_claim_never_sends_what_expired_a_moment_ago(office: Office):
    her = office.somebody()
    office.put(her, expires_at=office.clock.now() + timedelta(seconds=1))
    office.passes(seconds=1)
    assert office.claim().claimed == []
    assert office.told(her) == [SendsFailed("expired", ("reply",))]


def test_what_could_only_be_tried_after_its_time_expires_at_once(office: Office):
    her = office.somebody()
    id_ = office.put(her, expires_at=office.clock.now() + timedelta(seconds=1))
    office.mark((office.claim().claimed[0], failure(Trouble.AGAIN)))
    assert office.row(id_).state == "expired"


def test_what_expires_while_the_line_is_paused_is_told_in_time(office: Office):
    her = office.somebody()
    office.put(her, "one", expires_at=office.clock.now() + timedelta(minutes=1))
    office.mark((office.claim().claimed[0], failure(Trouble.RATE, retry_after=3600.0, is_line_wide=True)))
    office.passes(minutes=1)
    office.expire()
    assert office.told(her) == [SendsFailed("expired", ("reply",))]


# ---- who may be written to


def test_s3_to_a_frozen_mother_nothing_goes_but_deletions(office: Office):
    her = office.somebody()
    office.put(her, "card", tag="t")
    office.arrive(office.claim())
    office.put(her, "reply")
    office.put(her, act=Act.DELETE, body={"everything": True, "before": office.clock.now().isoformat()})
    office.stand(her, frozen_at=office.clock.now())
    acts = []
    while (claim := office.claim()).claimed or claim.settled.counts:
        acts += [one.parcel.act for one in claim.claimed]
        office.arrive(claim)
    assert acts == [Act.DELETE]


@pytest.mark.parametrize("how", ["stopped_at", "hidden_at"])
@pytest.mark.parametrize("purpose", ["push", "cover", "answer"])
def test_s3_after_stop_and_hide_nothing_unprompted_goes(office: Office, how: str, purpose: str):
    her = office.somebody()
    office.put(her, "unprompted", purpose=purpose, ref="r" * 26)
    office.put(her, "reply")
    office.stand(her, **{how: office.clock.now()})
    assert drain(office) == ["reply"]
    assert office.states()["cancelled"] == 1
    assert office.told(her) == [SendsFailed("expired", (purpose,), "", "r" * 26)]


def test_s3_a_row_in_flight_when_she_said_stop_is_not_tried_again(office: Office):
    her = office.somebody()
    id_ = office.put(her, purpose="push")
    claim = office.claim()
    with office.database.transaction() as connection:
        cancel(connection, her.conversation_id, office.clock.now())
    office.mark((claim.claimed[0], failure(Trouble.AGAIN)))
    assert office.row(id_).state == "cancelled"


# ---- editing and deleting


def test_an_edit_finds_the_latest_message_with_its_tag_or_is_sent_anew(office: Office):
    her = office.somebody(Owner.STAFF)
    edit = {"act": Act.EDIT, "tag": "progress", "body": {**body_of(Outgoing("new")), "tag": "progress"}}
    office.put(her, **edit)
    fresh = office.claim()
    assert fresh.claimed[0].parcel.act is Act.SEND
    office.mark((fresh.claimed[0], Sent(("first",))))
    office.put(her, **edit)
    again = office.claim().claimed[0]
    assert (again.parcel.act, again.parcel.targets) == (Act.EDIT, ("first",))
    office.mark((again, failure(Trouble.GONE)))
    office.passes(seconds=1)
    assert office.claim().claimed[0].parcel.act is Act.SEND


def test_an_edit_replaces_a_message_that_has_not_gone_yet(office: Office):
    group = office.somebody(Owner.GROUP)
    office.put(group, "take me", lane=Lane.ESCALATION, tag="card:1")
    office.mark((office.claim().claimed[0], failure(Trouble.AGAIN)))
    office.put(group, act=Act.EDIT, tag="card:1", body={**body_of(Outgoing("taken")), "tag": "card:1"})
    assert drain(office) == ["taken"]
    office.passes(hours=1)
    assert drain(office) == []


def test_s12_a_deletion_reaches_what_has_not_gone_yet(office: Office):
    staff = office.somebody(Owner.STAFF)
    case_id = "c" * 26
    office.put(staff, "her words", lane=Lane.ESCALATION, case_id=case_id, purpose="case_text")
    office.mark((office.claim().claimed[0], failure(Trouble.AGAIN)))
    office.put(staff, act=Act.DELETE, body={"case_id": case_id, "before": office.clock.now().isoformat()})
    assert drain(office) == []
    office.passes(hours=1)
    assert drain(office) == []
    assert office.states() == {"cancelled": 1, "sent": 1}


def test_s3_a_deletion_takes_both_sides_messages_younger_than_48_hours_in_parcels_of_100(office: Office):
    her = office.somebody()
    now = office.clock.now()
    ages = {"hers-old": 49, **{f"hers-{n}": 1 for n in range(150)}}
    with office.database.transaction() as connection:
        connection.execute(
            insert(messages),
            [
                {
                    "id": office.ids.id(), "account_id": her.account_id, "conversation_id": her.conversation_id,
                    "external_id": name, "is_ours": False, "tag": "", "at": now - timedelta(hours=hours),
                }
                for name, hours in ages.items()
            ],
        )  # fmt: skip
    office.put(her, "ours")
    office.mark((office.claim().claimed[0], Sent(("ours",))))
    office.put(her, act=Act.DELETE, body={"everything": True, "message_ids": ["just-now"], "before": now.isoformat()})
    office.put(her, "neutral screen")
    parcels = []
    while (claim := office.claim()).claimed and claim.claimed[0].parcel.act is Act.DELETE:
        parcels.append(claim.claimed[0].parcel.targets)
        office.mark((claim.claimed[0], Sent()))
    assert [len(parcel) for parcel in parcels] == [100, 53]
    assert {t for parcel in parcels for t in parcel} == {*(f"hers-{n}" for n in range(150)), "ours", "just-now"}
    assert texts(claim) == ["neutral screen"]


def test_s3_a_message_in_flight_when_she_hid_is_deleted_too(office: Office):
    her = office.somebody()
    office.put(her, "card")
    flying = office.claim()
    office.put(her, act=Act.DELETE, body={"everything": True, "before": office.clock.now().isoformat()})
    office.passes(seconds=2)
    office.mark((flying.claimed[0], Sent(("card",))))
    assert office.claim().claimed[0].parcel.targets == ("card",)


def test_a_deletion_of_one_case_leaves_everything_else(office: Office):
    her = office.somebody()
    for name in ("a", "b"):
        office.put(her, name, case_id=name * 26)
        office.mark((office.claim().claimed[0], Sent((name,))))
    office.put(her, act=Act.DELETE, body={"case_id": "a" * 26, "before": office.clock.now().isoformat()})
    assert office.claim().claimed[0].parcel.targets == ("a",)


def test_a_deletion_with_nothing_left_to_delete_is_done(office: Office):
    her = office.somebody()
    id_ = office.put(her, act=Act.DELETE, body={"everything": True, "before": office.clock.now().isoformat()})
    assert office.claim().claimed == []
    assert office.row(id_).state == "sent"


def test_s3_what_a_stranger_was_told_can_be_taken_away_again(office: Office):
    stranger = office.somebody(Owner.STRANGER)
    office.put(stranger)
    office.arrive(office.claim())
    with office.database.reading() as connection:
        [(account_id, case_id)] = connection.execute(select(messages.c.account_id, messages.c.case_id))
    assert (account_id, case_id) == (stranger.account_id, None)


# ---- repair


def test_a_mailbox_that_sleeps_although_a_row_waits_is_woken(office: Office):
    office.put(office.somebody(), "one")
    with office.database.transaction() as connection:
        connection.execute(update(mailboxes).values(next_due_at=None))
    assert drain(office) == []
    assert office.repair() == 1
    assert drain(office) == ["one"]


def test_a_mailbox_that_is_missing_is_made_again_from_the_account(office: Office):
    her = office.somebody()
    office.put(her, "one")
    with office.database.transaction() as connection:
        connection.execute(delete(mailboxes))
    assert office.repair() == 1
    assert office.claim().claimed[0].parcel.address == her.address


def test_a_body_that_cannot_be_opened_is_a_dead_letter(office: Office):
    her = office.somebody()
    office.put_all([(her, "one"), (her, "two")])
    with office.database.transaction() as connection:
        first = connection.scalar(select(outbox.c.id).order_by(outbox.c.seq).limit(1))
        connection.execute(update(outbox).where(outbox.c.id == first).values(body=b"\x01broken"))
    assert office.claim().claimed == []
    assert drain(office) == ["two"]
    assert office.told(her) == [SendsFailed("refused", ("reply",))]


@pytest.mark.parametrize("body", [[], {}, {"text": 5, "rows": 7}, {"text": "x", "rows": [[["alone"]]]}, "words"])
def test_a_body_of_another_version_is_a_dead_letter_and_the_line_goes_on(office: Office, body: object):
    her, other = office.somebody(), office.somebody()
    id_ = office.put(her, "one")
    office.put(other, "two")
    sealed = office.sealer.seal_json(her.subject, "outbox.body", id_, body)
    with office.database.transaction() as connection:
        connection.execute(update(outbox).where(outbox.c.id == id_).values(body=sealed))
    assert drain(office) == ["two"]
    assert office.row(id_).state == "failed"
    assert office.told(her) == [SendsFailed("refused", ("reply",))]


# ---- what she has not seen


def unseen(office: Office, *chats: Somebody) -> set[str]:
    with office.database.reading() as connection:
        return set(pending.unseen(connection, [chat.conversation_id for chat in chats], office.clock.now()))


def test_what_waits_or_is_long_in_hand_is_unseen_and_what_has_just_been_given_to_the_messenger_is_not(office: Office):
    her, other = office.somebody(), office.somebody()
    office.put(her)
    office.put(other, purpose="push")
    office.put(other, act=Act.DELETE, body={})
    assert unseen(office, her, other) == {her.conversation_id}
    claim = office.claim()
    assert unseen(office, her, other) == set()
    office.passes(seconds=4)
    assert unseen(office, her, other) == {her.conversation_id}, "a slow messenger has it"
    office.arrive(claim)
    assert unseen(office, her, other) == set()


def test_what_will_never_go_is_not_unseen(office: Office):
    her = office.somebody()
    office.put(her, expires_at=office.clock.now() + timedelta(minutes=10))
    office.passes(minutes=10)
    assert unseen(office, her) == set()
