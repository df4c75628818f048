"""What sealing promises, and keys that are wrong, missing, destroyed or half rotated."""

import sqlite3
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import ConfigurationError, SealBroken
from storage import masters
from storage.sealing import Sealer

HER, OTHER = "participant:her", "participant:other"
PLACE, ROW = "reflections.body", "row-1"
TEXT = "Имрӯз рӯзи хуб буд".encode()


def test_what_was_sealed_opens(sealer):
    assert sealer.open(HER, PLACE, ROW, sealer.seal(HER, PLACE, ROW, TEXT)) == TEXT
    assert sealer.open_json(HER, PLACE, ROW, sealer.seal_json(HER, PLACE, ROW, {"matn": "ҷавоб"})) == {"matn": "ҷавоб"}


def test_the_same_text_never_looks_the_same(sealer):
    assert len({sealer.seal(HER, PLACE, ROW, TEXT) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("subject", "place", "row"),
    [(OTHER, PLACE, ROW), (HER, "outbox.body", ROW), (HER, PLACE, "row-2"), ("participant:nobody", PLACE, ROW)],
)
def test_a_field_put_elsewhere_does_not_open(sealer, subject, place, row):
    sealer.ensure([HER, OTHER])
    with pytest.raises(SealBroken):
        sealer.open(subject, place, row, sealer.seal(HER, PLACE, ROW, TEXT))


def test_a_field_changed_cut_or_lengthened_anywhere_does_not_open(sealer):
    sealed = sealer.seal(HER, PLACE, ROW, TEXT)
    changed = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(len(sealed))]
    for broken in [*changed, *(sealed[:i] for i in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(SealBroken):
            sealer.open(HER, PLACE, ROW, broken)


@given(st.binary(max_size=80))
def test_no_bytes_of_somebody_else_open_or_crash(tmp_path_factory, sealed):
    with pytest.raises(SealBroken):
        _shared(tmp_path_factory).open(HER, PLACE, ROW, sealed)


def _shared(factory, made=[]):  # noqa: B006 -- one key store for all examples
    if not made:
        from storage.keys import open_keyring  # noqa: PLC0415
        from tests.world import FrozenClock  # noqa: PLC0415

        folder = factory.mktemp("shared")
        made.append(Sealer(open_keyring(folder / "keys", f"sqlite:///{folder}/keys.db", None, FrozenClock())))
    return made[0]


def test_a_broken_seal_tells_ids_and_no_words(sealer):
    with pytest.raises(SealBroken) as told:
        sealer.open(OTHER, PLACE, ROW, sealer.seal(HER, PLACE, ROW, TEXT))
    assert str(told.value) == "reflections.body of row-1 cannot be opened"
    assert told.value.__cause__ is None


# ---- keys


def test_a_key_destroyed_elsewhere_opens_nothing_after_a_minute(open_keys, clock):
    here, there = Sealer(open_keys()), Sealer(open_keys())
    sealed = here.seal(HER, PLACE, ROW, TEXT)
    there.forget([HER])
    clock.advance(seconds=59)
    assert here.open(HER, PLACE, ROW, sealed) == TEXT
    clock.advance(seconds=1)
    with pytest.raises(SealBroken):
        here.open(HER, PLACE, ROW, sealed)


def test_a_key_destroyed_here_opens_nothing_at_once(sealer):
    sealed = sealer.seal(HER, PLACE, ROW, TEXT)
    sealer.forget([HER])
    with pytest.raises(SealBroken):
        sealer.open(HER, PLACE, ROW, sealed)
    sealer.ensure([HER])
    with pytest.raises(SealBroken):  # a new key is another key
        sealer.open(HER, PLACE, ROW, sealed)


def test_a_clock_set_back_keeps_no_key_longer(open_keys, clock):
    here, there = Sealer(open_keys()), Sealer(open_keys())
    sealed = here.seal(HER, PLACE, ROW, TEXT)
    there.forget([HER])
    clock.advance(days=-1)
    with pytest.raises(SealBroken):
        here.open(HER, PLACE, ROW, sealed)


def test_keys_that_nobody_asks_for_leave_memory(sealer, clock):
    sealer.ensure([HER, OTHER])
    clock.advance(seconds=61)
    sealer.tidy()
    assert sealer._cache == {}


def test_many_keys_are_made_in_one_commit(keyring, sealer):
    subjects = [f"account:{number}" for number in range(1200)]
    commits = []
    with keyring.store.engine.connect() as connection:
        from sqlalchemy import event  # noqa: PLC0415

        event.listen(connection.engine, "commit", lambda _: commits.append(1))
    sealer.ensure(subjects)
    sealer.ensure(subjects)
    assert len(commits) == 1
    assert len(keyring.find(subjects)) == 1200


def test_two_processes_agree_on_the_key_of_a_new_subject(open_keys):
    one, two = Sealer(open_keys()), Sealer(open_keys())
    one.ensure([HER])
    two.ensure([HER])
    assert two.open(HER, PLACE, ROW, one.seal(HER, PLACE, ROW, TEXT)) == TEXT


def test_hashes_are_keyed_apart_and_stay_the_same(open_keys):
    one, same, stranger = Sealer(open_keys()), Sealer(open_keys()), Sealer(open_keys("keys-2", "keys-2.db"))
    assert one.blind("telegram:1|42") == same.blind("telegram:1|42") != stranger.blind("telegram:1|42")
    assert len(one.blind("telegram:1|42")) == 16
    assert len(one.code_hash("x")) == 32
    assert one.blind("x") != one.code_hash("x")[:16]


# ---- the first run, and keys that are wrong


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_run_makes_keys_that_only_this_account_can_read(keyring, tmp_path):
    assert mode(tmp_path / "keys") == 0o700
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["0001.key", "index.key"]
    assert {mode(path) for path in (tmp_path / "keys").iterdir()} == {0o400}
    assert mode(tmp_path / "keys.db") == 0o600


@pytest.mark.parametrize("name", ["0001.key", "index.key"])
def test_a_missing_key_is_refused_with_one_line_and_never_made_anew(open_keys, tmp_path, name):
    open_keys().close()
    (tmp_path / "keys" / name).unlink()
    with pytest.raises(ConfigurationError, match=f"{name} is missing: .*; put the file back$"):
        open_keys()
    assert not (tmp_path / "keys" / name).exists()


@pytest.mark.parametrize("name", ["0001.key", "index.key"])
@pytest.mark.parametrize(("key", "told"), [(b"x" * 32, "put .* back|put the right file"), (b"short", "is damaged")])
def test_a_wrong_or_damaged_key_is_refused(open_keys, tmp_path, name, key, told):
    open_keys().close()
    path = tmp_path / "keys" / name
    path.chmod(0o600)
    path.write_bytes(key)
    with pytest.raises(ConfigurationError, match=told):
        open_keys()


def test_an_index_key_may_lie_elsewhere(open_keys, tmp_path):
    elsewhere = tmp_path / "elsewhere.key"
    one = Sealer(open_keys(index_key_file=elsewhere))
    assert elsewhere.exists()
    assert not (tmp_path / "keys" / "index.key").exists()
    assert one.blind("x") == Sealer(open_keys(index_key_file=elsewhere)).blind("x")


def test_a_directory_that_cannot_be_written_is_one_clear_line(open_keys, tmp_path):
    (tmp_path / "keys").write_text("a file where the directory should be")
    with pytest.raises(ConfigurationError, match=r"keys cannot be written"):
        open_keys()


def test_one_damaged_row_takes_no_other_key_with_it(open_keys, tmp_path):
    Sealer(open_keys()).ensure([HER, OTHER])
    with sqlite3.connect(tmp_path / "keys.db") as connection:
        connection.execute("UPDATE data_keys SET wrapped = x'00' WHERE subject = ?", [OTHER])
    again = Sealer(open_keys())
    again.fetch([HER, OTHER])
    assert again.seal(HER, PLACE, ROW, TEXT)
    assert open_keys().find([HER, OTHER]).keys() == {HER}


# ---- rotation


def key_files(folder):
    return sorted(path.name for path in (folder / "keys").glob("0*.key"))


def test_rotation_changes_the_master_key_and_no_field(open_keys, sealer, tmp_path):
    sealed = sealer.seal(HER, PLACE, ROW, TEXT)
    old = (tmp_path / "keys" / "0001.key").read_bytes()
    assert open_keys().rotate() == 1
    assert key_files(tmp_path) == ["0002.key"]
    assert (tmp_path / "keys" / "0002.key").read_bytes() != old
    assert Sealer(open_keys()).open(HER, PLACE, ROW, sealed) == TEXT


def test_a_process_that_runs_goes_on_after_a_rotation(open_keys, sealer, clock):
    sealed = sealer.seal(HER, PLACE, ROW, TEXT)
    open_keys().rotate()
    clock.advance(minutes=2)
    assert sealer.open(HER, PLACE, ROW, sealed) == TEXT
    again = sealer.seal(OTHER, PLACE, ROW, TEXT)
    open_keys().rotate()
    assert Sealer(open_keys()).open(OTHER, PLACE, ROW, again) == TEXT


class PowerFailure(Exception):
    pass


class Dying(masters.Masters):
    """Dies at one of the steps of a rotation."""

    def __init__(self, like, step):
        super().__init__(like.directory, like._clock)
        self.step = step

    def make(self, number):
        check = super().make(number)
        if self.step == "after the new file":
            raise PowerFailure
        return check

    def destroy_before(self, number):
        if self.step == "before the old file goes":
            raise PowerFailure
        super().destroy_before(number)


@pytest.mark.parametrize("step", ["after the new file", "before the old file goes"])
def test_a_rotation_killed_half_way_loses_nothing_and_is_finished_later(open_keys, tmp_path, step):
    keyring = open_keys()
    sealed = Sealer(keyring).seal(HER, PLACE, ROW, TEXT)
    keyring._masters = Dying(keyring._masters, step)
    with pytest.raises(PowerFailure):
        keyring.rotate()
    assert key_files(tmp_path) == ["0001.key", "0002.key"]
    assert Sealer(open_keys()).open(HER, PLACE, ROW, sealed) == TEXT
    open_keys().rotate()
    assert len(key_files(tmp_path)) == 1
    assert Sealer(open_keys()).open(HER, PLACE, ROW, sealed) == TEXT


def test_the_start_after_a_rotation_killed_at_its_end_shreds_the_old_key(open_keys, tmp_path):
    keyring = open_keys()
    keyring._masters = Dying(keyring._masters, "before the old file goes")
    with pytest.raises(PowerFailure):
        keyring.rotate()
    open_keys()
    assert key_files(tmp_path) == ["0002.key"]


def test_rotation_is_refused_without_the_master_key_that_counts(open_keys, tmp_path):
    keyring = open_keys()
    sealed = Sealer(keyring).seal(HER, PLACE, ROW, TEXT)
    saved = (tmp_path / "keys" / "0001.key").rename(tmp_path / "saved.key")
    with pytest.raises(ConfigurationError, match="missing"):
        keyring.rotate()
    saved.rename(tmp_path / "keys" / "0001.key")
    assert Sealer(open_keys()).open(HER, PLACE, ROW, sealed) == TEXT


def test_rotation_is_due_once_a_key_was_destroyed(keyring, sealer):
    sealer.ensure([HER])
    assert not keyring.is_rotation_due
    sealer.forget([HER])
    assert keyring.is_rotation_due
    keyring.rotate()
    assert not keyring.is_rotation_due


def test_t5_key_bytes_are_gone_from_the_files_of_the_key_store(keyring, sealer, tmp_path):
    sealer.ensure([HER, OTHER])
    with keyring.store.reading() as connection:
        wrapped = dict(connection.exec_driver_sql("SELECT subject, wrapped FROM data_keys").all())
    sealer.forget([HER])
    files = b"".join(path.read_bytes() for path in tmp_path.glob("keys.db*"))
    assert wrapped[HER] not in files
    assert wrapped[OTHER] in files


def test_old_copies_of_the_key_store_are_useless_after_rotation(open_keys, sealer, tmp_path, clock):
    sealed = sealer.seal(HER, PLACE, ROW, TEXT)
    with sqlite3.connect(tmp_path / "keys.db") as source, sqlite3.connect(tmp_path / "old.db") as copy:
        source.backup(copy)
    sealer.forget([HER])
    open_keys().rotate()
    (tmp_path / "keys.db").unlink()
    (tmp_path / "old.db").rename(tmp_path / "keys.db")
    for name in ("keys.db-wal", "keys.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    with pytest.raises(ConfigurationError, match=r"0001\.key is missing"):
        open_keys()
    assert timedelta(seconds=60) >= masters.CACHED
    assert sealed
