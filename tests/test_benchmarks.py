"""The command line of the benchmarks: what it lists, and that what it cannot read is refused in one clear line."""

import pytest

from benchmarks.command_line import FIGURES, ROUNDS, read


def test_without_a_word_everything_is_measured_five_times():
    assert read([]) == (list(FIGURES), ROUNDS)
    assert ROUNDS == 5


def test_a_name_means_one_figure_and_what_stands_before_a_slash_all_of_them():
    figures, _ = read(["step", "due"])
    assert [one.name for one in figures] == ["step", *(one.name for one in FIGURES if one.name.startswith("due/"))]
    assert len(figures) > 3


def test_a_part_of_a_figure_measures_the_figure_once():
    figures, rounds = read(["screen/p95", "screen/mean", "--rounds", "7"])
    assert ([one.name for one in figures], rounds) == (["screen/"], 7)


def test_help_names_every_figure_and_every_option(capsys):
    with pytest.raises(SystemExit) as ended:
        read(["--help"])
    said = capsys.readouterr().out.split()
    assert ended.value.code == 0
    assert {name for one in FIGURES for name in one.names()} <= {word.strip(".,") for word in said}
    assert {"--rounds", "--list", "--help"} <= {word.strip(",") for word in said}


def test_the_list_is_one_name_a_line_and_each_can_be_asked_for(capsys):
    with pytest.raises(SystemExit) as ended:
        read(["--list"])
    names = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert names == [name for one in FIGURES for name in one.names()]
    assert all(len(read([name])[0]) == 1 for name in names)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["updates/nothing"], "no figure is called updates/nothing; --list names them all"),
        (["step", "stepp", "rs"], "no figure is called stepp, rs; --list names them all"),
        (["--rounds", "0"], "argument --rounds: '0' is no number from 1 to 100"),
        (["--rounds", "many"], "argument --rounds: 'many' is no number from 1 to 100"),
        (["--rounds=-3"], "argument --rounds: '-3' is no number from 1 to 100"),
        (["--rounds", "101"], "argument --rounds: '101' is no number from 1 to 100"),
        (["--rounds", "٣"], "argument --rounds: '٣' is no number from 1 to 100"),
        (["--rounds"], "argument --rounds: expected one argument"),
        (["--quick"], "unrecognized arguments: --quick"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_on_standard_error(words, said, capsys):
    with pytest.raises(SystemExit) as ended:
        read(words)
    heard = capsys.readouterr()
    assert ended.value.code == 2
    assert (heard.out, heard.err) == ("", f"python -m benchmarks: {said}\n")
