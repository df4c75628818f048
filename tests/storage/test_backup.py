"""Backups: made while everything runs, put back on the same or a new machine, and silent about whoever was erased."""

import shutil
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.core.cases import Category, Finding, Level
from bot.core.conversation import NEW, Owner
from bot.core.effects import Forget, KeepReflection, OpenCase, Post, Prefer, Say
from bot.core.errors import CommandRefused, ConfigurationError, SealBroken
from bot.core.events import PauseEnded
from bot.core.messages import Outgoing
from storage import schema as s
from storage.backup import back_up, restore
from storage.database import open_database
from storage.keys import KeyPlaces
from storage.sealing import Sealer
from storage.store import Store
from tests.storage.stage import Stage

FINDING = Finding(Level.URGENT, Category.DISTRESS, 0.9, ("r1",), "rules-1")


@pytest.fixture
def stage(store, clock):
    store.claim_as(is_demo=True)
    stage = Stage(store, clock)
    for chat, name in (("olma", "Олма"), ("nok", "Нок")):
        stage.mother(chat, Prefer({"name": name}), KeepReflection("1.1", f"матни {name}"))
    return stage


@pytest.fixture
def places(tmp_path, keyring):
    return KeyPlaces(tmp_path / "keys", f"sqlite:///{tmp_path / 'keys.db'}")


def reflections(url, places, clock):
    """What can be read of the reflections, by participant."""
    database, keyring = open_database(url), places.open(clock)
    sealer = Sealer(keyring)
    found = {}
    with database.reading() as connection:
        for row in connection.execute(select(s.reflections)):
            try:
                opened = sealer.open_json(f"participant:{row.participant_id}", "reflections.body", row.id, row.body)
                found[row.participant_id] = opened["text"]
            except SealBroken:
                found[row.participant_id] = None
    database.dispose()
    keyring.close()
    return sorted(found.values(), key=str)


BOTH = ["матни Нок", "матни Олма"]


def put_back(stage, url, places, clock, ids, file):
    stage.store.close()
    return restore(url, places, clock, ids, file)


def test_a_backup_put_back_is_what_was_there(stage, url, places, clock, ids, tmp_path):
    file = tmp_path / "copies" / "one"
    file.parent.mkdir()
    told = back_up(stage.store.database, stage.store.sealer.keyring, file)
    assert told == f"{file} and {file}.keys written; keep them apart, and the directory of master keys in a third place"
    before = {table.name: stage.total(table) for table in s.metadata.sorted_tables}
    stage.mother("later", KeepReflection("1.1", "матни дигар"))
    told = put_back(stage, url, places, clock, ids, file)
    assert told.startswith(
        f"{file} is back, with the keys that were here; 0 erased since then are erased again; what was"
    )
    again = Store(open_database(url), places.open(clock), clock, ids)
    after = {table.name: Stage(again, clock).total(table) for table in s.metadata.sorted_tables}
    assert after == before | {"facts": before["facts"] + 1}
    assert again.verify_audit() is None
    Stage(again, clock, count=50).mother("newcomer", KeepReflection("1.1", "матни нав"))  # whatever counts, counts on
    again.close()
    assert reflections(url, places, clock) == sorted([*BOTH, "матни нав"])


def test_files_of_a_backup_are_single_private_files(stage, tmp_path):
    file = tmp_path / "one"
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    made = sorted(path for path in tmp_path.iterdir() if path.name.startswith("one"))
    assert [path.name for path in made] == ["one", "one.keys"]
    assert [path.stat().st_mode & 0o077 for path in made] == [0, 0]
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_a_new_machine_needs_file_keys_and_master_keys(stage, url, clock, ids, tmp_path):
    file, new = tmp_path / "one", tmp_path / "new"
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    there = KeyPlaces(new / "keys", f"sqlite:///{new / 'keys.db'}")
    target = f"sqlite:///{new / 'hamroh.db'}"
    (new / "keys").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"key is missing"):
        restore(target, there, clock, ids, file)
    shutil.copytree(tmp_path / "keys", new / "keys", dirs_exist_ok=True)
    told = restore(target, there, clock, ids, file)
    assert told == f"{file} is back, with the keys of {file}.keys; 0 erased since then are erased again"
    assert reflections(target, there, clock) == BOTH


def test_a_backup_of_one_kind_of_database_can_be_put_into_the_other(
    stage, kind, clock, ids, tmp_path, postgres, places
):
    file = tmp_path / "one"
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    with postgres.lend(is_empty=True) as fresh:
        target = fresh if kind == "sqlite" else f"sqlite:///{tmp_path / 'other.db'}"
        stage.store.close()
        restore(target, places, clock, ids, file)
        assert reflections(target, places, clock) == BOTH


def test_t5_whoever_was_erased_stays_erased_in_an_old_backup(stage, url, places, clock, ids, tmp_path):
    file = tmp_path / "one"
    stage.play("olma", OpenCase("case-of-olma", "4711", FINDING, None, "tg"))
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    clock.advance(days=10)
    stage.play("olma", Forget())
    stage.store.sealer.keyring.rotate()
    told = put_back(stage, url, places, clock, ids, file)
    assert "; 1 erased since then are erased again" in told
    assert reflections(url, places, clock) == ["матни Нок"]
    database = open_database(url)
    with database.reading() as connection:
        assert connection.scalars(select(s.participants.c.code_name)).all() == ["Olma-nok"]
        [stub] = connection.execute(select(s.cases)).all()
        assert (stub.number, stub.body, stub.participant_id) == ("4711", None, None)
    database.dispose()


@pytest.mark.parametrize("state", ["Onboarding:ready", "Preferences:menu", "Safety:pause", "Safety:stopped"])
def test_s22_whoever_was_erased_begins_anew_after_a_restore_wherever_she_was(
    stage, url, places, clock, ids, tmp_path, state
):
    stage.play("olma", state=state, data={"return_to": "Lesson:reading"}, held_by="somebody")
    stage.play("nok", state="Lesson:reading", data={"lesson": "1.1"})
    stage.play("anor", state="Onboarding:consent", data={"invitation": "of-anor"})
    back_up(stage.store.database, stage.store.sealer.keyring, tmp_path / "one")
    for chat in ("olma", "anor"):
        stage.play(chat, Forget(), data={}, state=NEW)
    assert "; 2 erased since then" in put_back(stage, url, places, clock, ids, tmp_path / "one")
    again = Store(open_database(url), places.open(clock), clock, ids)
    restored = Stage(again, clock, count=50, names=stage.names)
    known = {row.id: row.conversation_id for row in restored.rows(s.accounts)}
    for chat in ("olma", "anor"):
        place = restored.conversation(stage.names[chat])
        assert (place.owner, place.state, place.data, place.held_by) == (Owner.STRANGER, NEW, {}, None)
        assert known[place.owner_id] == place.id
        restored.play(chat)
        assert restored.names[chat] == place.id
    assert restored.conversation(stage.names["nok"]).data == {"lesson": "1.1"}
    again.close()


def test_s22_what_waited_for_somebody_erased_is_not_played_after_a_restore(stage, url, places, clock, ids, tmp_path):
    stage.play("nok", Post(PauseEnded(), stage.names["olma"]))
    assert len(stage.posts()) == 1
    back_up(stage.store.database, stage.store.sealer.keyring, tmp_path / "one")
    stage.play("olma", Forget(), data={}, state=NEW)
    put_back(stage, url, places, clock, ids, tmp_path / "one")
    database = open_database(url)
    with database.reading() as connection:
        waiting = select(s.inbox).where((s.inbox.c.state == "pending") | s.inbox.c.body.is_not(None))
        assert connection.execute(waiting).all() == []
    database.dispose()


def test_t5_a_copy_of_the_keys_from_before_is_useless_after_rotation(stage, url, clock, ids, tmp_path):
    file = tmp_path / "one"
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    stage.play("olma", Forget())
    stage.store.sealer.keyring.rotate()
    stage.store.close()
    for path in tmp_path.glob("keys.db*"):
        path.unlink()
    with pytest.raises(ConfigurationError, match=r"0001\.key is missing"):
        restore(url, KeyPlaces(tmp_path / "keys", f"sqlite:///{tmp_path / 'keys.db'}"), clock, ids, file)


def test_only_the_two_newest_copies_of_our_keys_stay(stage, open_keys, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "notes.keys").write_text("not a key store")
    stranger = open_keys("keys-2", "keys-2.db")
    back_up(stage.store.database, stranger, folder / "stranger")
    told = [back_up(stage.store.database, stage.store.sealer.keyring, folder / f"day-{day}") for day in range(4)]
    assert ["1 older copies of the keys destroyed" in line for line in told] == [False, False, True, True]
    assert sorted(path.name for path in folder.glob("*.keys")) == [
        "day-2.keys", "day-3.keys", "notes.keys", "stranger.keys",
    ]  # fmt: skip
    assert len(list(folder.glob("day-?"))) == 4


def test_nothing_that_was_due_goes_out_late(stage, url, places, clock, ids, tmp_path):
    file = tmp_path / "one"
    soon, late = clock.now() + timedelta(hours=1), clock.now() + timedelta(days=30)
    stage.play("olma", Say(Outgoing("зуд"), due_at=soon), Say(Outgoing("дер"), due_at=late))
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    clock.advance(days=10)
    put_back(stage, url, places, clock, ids, file)
    database = open_database(url)
    with database.reading() as connection:
        rows = connection.execute(select(s.outbox.c.state, s.outbox.c.body).order_by(s.outbox.c.due_at)).all()
        assert [(row.state, row.body is None) for row in rows] == [("cancelled", True), ("waiting", False)]
    database.dispose()


def test_keys_outlive_their_rows_for_a_week_after_a_restore(stage, url, places, clock, ids, tmp_path):
    file = tmp_path / "one"
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    stage.mother("later", KeepReflection("1.1", "матни дигар"))
    put_back(stage, url, places, clock, ids, file)
    again = Store(open_database(url), places.open(clock), clock, ids)
    clock.advance(days=6)
    assert again.destroy_orphans() == 0
    clock.advance(days=2)
    assert again.destroy_orphans() > 0
    again.close()


# ---- refusals


def test_what_is_no_backup_is_refused_and_nothing_changes(stage, url, places, clock, ids, tmp_path):
    for name, content in (("empty", b""), ("text", b"not a database" * 100)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CommandRefused, match="not a backup of Hamroh"):
            restore(url, places, clock, ids, tmp_path / name)
    with pytest.raises(CommandRefused, match="is not there"):
        restore(url, places, clock, ids, tmp_path / "nothing")
    assert reflections(url, places, clock) == BOTH


def test_a_backup_of_another_installation_is_refused(stage, url, places, open_keys, clock, ids, tmp_path):
    file = tmp_path / "one"
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    open_keys("keys-2", "keys-2.db")
    stranger = KeyPlaces(tmp_path / "keys-2", f"sqlite:///{tmp_path / 'keys-2.db'}")
    with pytest.raises(CommandRefused, match="the key store is another one"):
        restore(url, stranger, clock, ids, file)


def test_a_running_hamroh_is_not_replaced(stage, url, kind, places, clock, ids, tmp_path):
    from storage.sender_lock import sender_lock  # noqa: PLC0415

    file = tmp_path / "one"
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    lock = sender_lock(stage.store.database, "telegram:1")
    assert lock.try_hold()
    with pytest.raises(CommandRefused, match=r"running|connected"):
        restore(url, places, clock, ids, file)
    lock.release()


def test_a_directory_that_cannot_be_written_is_one_clear_line(stage, tmp_path):
    with pytest.raises(CommandRefused, match="cannot be written"):
        back_up(stage.store.database, stage.store.sealer.keyring, tmp_path / "nowhere" / "one")


def test_a_database_of_another_key_store_is_refused(stage, open_keys, database, clock, ids):
    with pytest.raises(ConfigurationError, match="another key store"):
        Store(database, open_keys("keys-2", "keys-2.db"), clock, ids).claim_as(is_demo=True)


def test_keys_are_not_kept_in_the_database_itself(database, url, clock, ids, tmp_path):
    keyring = KeyPlaces(tmp_path / "keys-3", url).open(clock)
    with pytest.raises(ConfigurationError, match="kept apart"):
        Store(database, keyring, clock, ids).claim_as(is_demo=True)
    keyring.close()


def test_the_key_store_may_live_in_postgres(database, postgres, clock, ids, tmp_path, url):
    with postgres.lend(is_empty=True) as keys_url:
        places = KeyPlaces(tmp_path / "keys-4", keys_url)
        keyring = places.open(clock)
        store = Store(database, keyring, clock, ids)
        store.claim_as(is_demo=True)
        Stage(store, clock).mother("olma", KeepReflection("1.1", "матн"))
        assert keyring.rotate() > 0
        back_up(database, keyring, tmp_path / "one")
        keyring.close()
        with postgres.lend(is_empty=True) as fresh:
            there = KeyPlaces(places.directory, fresh)
            database.dispose()
            restore(url, there, clock, ids, tmp_path / "one")
            assert reflections(url, there, clock) == ["матн"]


def test_what_is_replaced_stays_beside_it(stage, url, kind, places, clock, ids, tmp_path):
    file = tmp_path / "one"
    back_up(stage.store.database, stage.store.sealer.keyring, file)
    told = put_back(stage, url, places, clock, ids, file)
    if kind == "sqlite":
        assert (tmp_path / "hamroh.db.replaced-20260302_050000").exists()
        return
    assert told.endswith("what was there before is in the schema replaced_20260302_050000")
    database = open_database(url)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM replaced_20260302_050000.participants")).scalar() == 2
    database.dispose()
