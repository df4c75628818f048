"""Laws about the repository itself: what is locked, what is said, what never gets in."""

import ast
import os
import re
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock")
OF_SQLALCHEMY = {"process_bind_param", "process_result_value"}  # the names that its types must have
SOURCES = sorted(path for room in ("bot", "storage") for path in (ROOT / room).rglob("*.py"))


def read(name: str) -> str:
    return (ROOT / name).read_text()


def targets() -> set[str]:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)
    return set(phony.split())


def canonical(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0]).lower()


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", read(name), re.MULTILINE))


def tracked() -> Iterator[tuple[str, str]]:
    if not (ROOT / ".git").exists():
        pytest.skip("only a checkout knows what is tracked")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607 -- the git of this machine
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            yield name, path.read_text(errors="replace")


# --- what is locked


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(lock: str):
    pin = r"[a-z0-9-]+==[\w.!+]+(?: ; [^\\]+)? \\"
    digest = r"    --hash=sha256:[0-9a-f]{64}(?: \\)?"
    strange = [line for line in read(lock).splitlines() if not re.fullmatch(f"{pin}|{digest}", line)]
    assert strange == []


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PYPROJECT["project"]["dependencies"]),
        ("requirements-dev.lock", PYPROJECT["project"]["optional-dependencies"]["dev"]),
    ],
)
def test_every_dependency_is_locked(lock: str, wanted: list[str]):
    assert {canonical(requirement) for requirement in wanted} <= set(locked(lock))


def test_what_is_checked_is_what_runs():
    checked = locked("requirements-dev.lock")
    assert {name: checked.get(name) for name in locked("requirements.lock")} == locked("requirements.lock")


def test_building_the_package_downloads_nothing():
    (version,) = re.findall(r"^UV := uv==(\d+\.\d+)\.\d+$", read("Makefile"), re.MULTILINE)
    assert PYPROJECT["build-system"]["requires"][0].startswith(f"uv_build>={version},<")


# --- what never gets in


def test_no_file_knows_the_machine_it_was_written_on():
    home = re.compile(r"(?<![\w.:/\-])/(?:root|home|Users|work)/\w|(?<!\w)C:\\Users")
    assert [name for name, text in tracked() if home.search(text)] == []


def test_no_file_names_where_packages_come_from():
    registry = re.compile(r"(?:index-url|find-links|registry)\s*[=:]\s*\w+:/|/simple/|pythonhosted")
    assert [name for name, text in tracked() if name != "tests/test_project.py" and registry.search(text)] == []


def test_no_secret_and_no_database_is_tracked():
    private = re.compile(r"(^|/)(\.env|secrets/.*|keys/.*|.*\.key|.*\.db(-wal|-shm)?)$")
    assert [name for name, _ in tracked() if private.search(name)] == []


def test_nothing_leaves_this_machine():
    stranger = ("192.0.2.1", 80)  # reserved for documentation, never assigned
    with socket.socket() as door, pytest.raises((SocketConnectBlockedError, UserWarning)):
        door.connect(stranger)


# --- house rules that no linter knows


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_are_words_of_the_work(path: Path):
    assert path.stem not in {"helpers", "utils", "misc", "common", "manager"}
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, named)} - OF_SQLALCHEMY
    assert [name for name in names if re.match(r"_?(handle|process)_|.*Manager$", name)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path):
    assert len(path.read_text().splitlines()) <= 500  # from 400 on it smells, from here on it is one


def test_every_silenced_rule_has_its_reason():
    lint = read("pyproject.toml").split("[tool.ruff.lint]")[1].split("[tool.ruff.lint.flake8")[0]
    rules = [line for line in lint.splitlines() if re.match(r'\s+"[A-Z]+[0-9]*",', line)]
    assert len(rules) >= len(PYPROJECT["tool"]["ruff"]["lint"]["ignore"])
    assert [rule for rule in rules if not re.search(r", +# \w+,? \w+", rule)] == []


def test_every_room_of_bot_has_its_place():
    (rooms,) = [c for c in PYPROJECT["tool"]["importlinter"]["contracts"] if c.get("exhaustive")]
    placed = set(re.findall(r"\w+", " ".join(rooms["layers"]))) | set(rooms["exhaustive_ignores"])
    found = {path.stem for path in (ROOT / "bot").glob("*.py")} | {
        path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")
    }
    assert found - {"__init__"} <= placed


# --- the ways to run it


def test_continuous_integration_runs_what_everybody_runs():
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert read(".ci/run").rstrip().endswith("exec make test")
    assert "unset PYTHONDONTWRITEBYTECODE" in read(".ci/run")


def test_each_check_is_a_target_and_all_are_in_make_test():
    (checks,) = re.findall(r"^test: (.+)$", read("Makefile"), re.MULTILINE)
    assert {"lint", "types", "layers", "dependencies", "tests"} <= set(checks.split()) <= targets()


def test_the_container_is_a_thin_copy_of_the_same_commands():
    build, final = re.split(r"^FROM .+ AS build$|^FROM ", read("Dockerfile"), flags=re.MULTILINE)[1:]
    assert "RUN make install" in build
    assert 'ENTRYPOINT ["hamroh"]\nCMD ["run"]' in final
    assert re.findall(r"^USER (\w+)$", final, re.MULTILINE) == ["hamroh"]
    assert "HEALTHCHECK" in final
    assert "/healthz" in final
    assert len(set(re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE))) == 1


def test_whatever_the_container_keeps_lies_on_its_volumes():
    final = read("Dockerfile")
    volumes = re.findall(r'"(/[^"]+)"', *re.findall(r"^VOLUME \[(.+)\]$", final, re.MULTILINE))
    kept = dict(re.findall(r"(HAMROH_KEYS_DIR|HAMROH_KEYS_URL|WORKDIR)[= ](?:sqlite:///)?(/var\S+)", final))
    assert set(kept) == {"HAMROH_KEYS_DIR", "HAMROH_KEYS_URL", "WORKDIR"}, "the database is in the working directory"
    assert [name for name, path in kept.items() if not path.startswith(tuple(volumes))] == []
    mounted = YAML(typ="safe").load(read("compose.yaml"))["services"]["bot"]["volumes"]
    assert {volume.split(":")[1] for volume in mounted} >= set(volumes)


def test_compose_keeps_secrets_in_files_and_publishes_nothing():
    services = YAML(typ="safe").load(read("compose.yaml"))["services"]
    assert set(services) == {"bot", "database"}
    for service in services.values():
        assert "ports" not in service
        words = [name for name in service["environment"] if re.search("PASSWORD|TOKEN|SECRET|URL", name)]
        assert words
        assert [word for word in words if not word.endswith("_FILE")] == []


def test_the_licences_are_the_ones_the_package_names():
    assert "Apache License\n                           Version 2.0" in read("LICENSE")
    assert "Attribution 4.0 International" in read("LICENSE-LESSONS")
    assert PYPROJECT["project"]["license"] == "Apache-2.0 AND CC-BY-4.0"


# --- what is said


def test_every_target_is_documented_and_every_documented_target_exists():
    assert set(re.findall(r"`make ([\w-]+)`", read("docs/reference/make.md"))) == targets()


def test_the_readme_names_the_two_commands():
    if (ROOT / "README.md").exists():
        assert re.search(r"\bmake run\b[\s\S]*\bmake test\b", read("README.md"))


def test_the_changelog_tells_what_is_new():
    assert re.search(
        r"^## \[Unreleased\]$|^## \[" + re.escape(PYPROJECT["project"]["version"]), read("CHANGELOG.md"), re.MULTILINE
    )


def links(page: Path) -> list[Path]:
    named = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())
    return [(page.parent / name).resolve() for name in named]


def test_every_page_can_be_reached_and_no_link_is_broken():
    reached: set[Path] = set()
    waiting = [ROOT / "docs/index.md"]
    while waiting:
        page = waiting.pop()
        assert page.is_file(), f"a link leads to {page.relative_to(ROOT)}, which is not there"
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += links(page)
    assert set((ROOT / "docs").rglob("*.md")) <= reached
