"""`packaging/run` on machines that it does not find here: programs it calls are stand-ins.

Each stand-in writes its arguments to one log; what it answers is given by the test.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "cat", "sed", "grep", "cksum", "dirname", "rm", "mkdir", "chmod", "env", "true")
NEW_VENV = """
venv=$4
mkdir -p "$venv/bin"
echo "command = /usr/bin/python3 -m venv $venv" >"$venv/pyvenv.cfg"
cat >"$venv/bin/python" <<'PY'
#!/bin/sh
echo "venv-python $*" >>"$LOG"
case "$*" in
*pulls_cuda*) echo "${CUDA:-no}" ;;
*metadata*) echo "${TORCH:-}" ;;
esac
PY
echo '#!/bin/sh' >"$venv/bin/fleetapp"
echo 'echo "fleetapp $*" >>"$LOG"' >>"$venv/bin/fleetapp"
chmod +x "$venv/bin/python" "$venv/bin/fleetapp"
"""


class Machine:
    """A checkout with nothing set up, and what its PATH holds."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "check out"
        self.log_path = folder / "log"
        self.log_path.touch()
        self.programs = folder / "bin"
        self.programs.mkdir()
        (self.checkout / "packaging").mkdir(parents=True)
        for name in ("run", "constraints.txt", "debian-packages.txt", "debian-packages-test.txt"):
            shutil.copy(ROOT / "packaging" / name, self.checkout / "packaging" / name)
        shutil.copy(ROOT / "pyproject.toml", self.checkout)
        for tool in TOOLS:
            found = shutil.which(tool)
            if found:
                (self.programs / tool).symlink_to(found)
        self.has("id", 'echo "${USER_ID:-0}"')
        self.has("python3", f'[ "$2" = venv ] || exit 0\n{NEW_VENV}')
        self.has("dpkg-query", f"cat {folder / 'installed'} 2>/dev/null; exit 1")
        self.has("apt-get", "exit 0")
        self.installed(*_wanted())

    def has(self, name: str, does: str) -> None:
        """Put a program on the PATH that logs its arguments."""
        path = self.programs / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >>"$LOG"\n{does}\n')
        path.chmod(0o755)

    def installed(self, *packages: str) -> None:
        """Say which Debian packages there are."""
        lines = [f"{package} installed\n" for package in packages]
        (self.programs.parent / "installed").write_text("".join(lines))

    def run(self, *arguments: str, **answers: str) -> subprocess.CompletedProcess[str]:
        """Call `packaging/run`."""
        environment = {"PATH": str(self.programs), "LOG": str(self.log_path), **answers}
        return subprocess.run(
            [self.programs / "sh", self.checkout / "packaging" / "run", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    @property
    def log(self) -> list[str]:
        return self.log_path.read_text().splitlines()

    def called(self, text: str) -> list[str]:
        return [line for line in self.log if text in line]


def _wanted() -> list[str]:
    lines = (ROOT / "packaging" / "debian-packages.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_second_call_installs_nothing(machine: Machine):
    machine.run("fleetapp", "status")
    first = len(machine.log)

    machine.run("fleetapp", "site", "check", "my hall")

    assert [line.split()[0] for line in machine.log[first:]] == ["dpkg-query", "fleetapp"]
    assert machine.log[-1] == "fleetapp site check my hall"


def test_whoever_is_neither_root_nor_has_sudo_gets_a_line_that_works(machine: Machine):
    machine.installed(*(name for name in _wanted() if name not in ("mosquitto", "libegl1")))

    answer = machine.run("demo", USER_ID="1000")

    assert answer.returncode == 2
    assert (
        'su -c "apt-get update && apt-get install -y --no-install-recommends libegl1 mosquitto"'
        in answer.stderr
    )
    assert not machine.called("apt-get")


def test_sudo_that_asks_for_a_password_is_left_to_the_person(machine: Machine):
    machine.installed()
    machine.has("sudo", "exit 1")

    answer = machine.run("demo", USER_ID="1000")

    assert answer.returncode == 2
    assert 'sudo sh -c "apt-get update && apt-get install' in answer.stderr


def test_sudo_without_a_password_installs_what_is_missing(machine: Machine):
    machine.installed(*(name for name in _wanted() if name != "libegl1"))
    machine.has("sudo", 'shift; exec "$@"')

    answer = machine.run("fleetapp", "status", USER_ID="1000")

    assert answer.returncode == 0, answer.stderr
    installs = machine.called("apt-get install")
    assert installs[-1] == "apt-get install -y -q --no-install-recommends libegl1"


def test_a_library_with_its_newer_debian_name_is_not_missing(machine: Machine):
    names = [name if name != "libglib2.0-0" else "libglib2.0-0t64" for name in _wanted()]
    machine.installed(*names)

    machine.run("fleetapp", "status")

    assert not machine.called("apt-get")


def test_the_broker_service_is_switched_off_where_it_was_just_installed(machine: Machine):
    machine.installed(*(name for name in _wanted() if name != "mosquitto"))
    machine.has("systemctl", "echo running")

    answer = machine.run("fleetapp", "status")

    assert machine.called("systemctl disable --now mosquitto.service")
    assert "switched the mosquitto service on port 1883 off" in answer.stderr


def test_a_broker_service_that_was_there_before_is_left_alone(machine: Machine):
    machine.installed(*(name for name in _wanted() if name != "libegl1"))
    machine.has("systemctl", "echo running")

    machine.run("fleetapp", "status")

    assert not machine.called("systemctl disable")


def test_the_broker_service_is_switched_off_even_if_apt_failed_later(machine: Machine):
    machine.installed(*(name for name in _wanted() if name != "mosquitto"))
    machine.has("systemctl", "echo running")
    machine.has("apt-get", '[ "$1" = update ]')

    answer = machine.run("fleetapp", "status")

    assert answer.returncode == 2
    assert "apt-get failed" in answer.stderr
    assert machine.called("systemctl disable --now mosquitto.service")


def test_a_service_that_stays_on_is_said(machine: Machine):
    machine.installed(*(name for name in _wanted() if name != "mosquitto"))
    machine.has("systemctl", "case $1 in disable) exit 1 ;; esac; echo running")

    answer = machine.run("fleetapp", "status")

    assert "could not be switched off" in answer.stderr


def test_torch_that_would_bring_cuda_comes_alone_from_the_cpu_index(machine: Machine):
    machine.run("fleetapp", "status", CUDA="yes")

    pip = machine.called("download.pytorch.org")
    assert len(pip) == 1
    assert "--no-deps --index-url https://download.pytorch.org/whl/cpu torch==" in pip[0]
    assert not machine.called("--extra-index-url")


def test_torch_without_cuda_comes_with_everything_else(machine: Machine):
    machine.run("fleetapp", "status", CUDA="no")

    assert not machine.called("download.pytorch.org")


def test_another_torch_than_the_pinned_one_is_looked_at_again(machine: Machine):
    machine.run("fleetapp", "status", CUDA="yes", TORCH="2.6.0+cpu")

    assert machine.called("download.pytorch.org")


def test_the_pinned_torch_is_not_fetched_again(machine: Machine):
    lines = (ROOT / "packaging" / "constraints.txt").read_text().splitlines()
    (pinned,) = (line.partition("==")[2] for line in lines if line.startswith("torch=="))

    machine.run("fleetapp", "status", CUDA="yes", TORCH=f"{pinned}+cpu")

    assert not machine.called("pulls_cuda")
    assert not machine.called("download.pytorch.org")


def test_every_installation_keeps_to_the_constraints(machine: Machine):
    machine.run("fleetapp", "status", CUDA="yes")

    installs = machine.called("pip install")
    free = [line for line in installs if "constraints.txt" not in line and "torch==" not in line]
    assert installs
    assert not free
    assert machine.called("--no-build-isolation -e")


def test_a_half_made_environment_is_made_anew(machine: Machine):
    python = machine.checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (machine.checkout / ".venv" / "pyvenv.cfg").touch()
    python.write_text('#!/bin/sh\necho "No module named pip" >&2\nexit 1\n')
    python.chmod(0o755)

    answer = machine.run("fleetapp", "status")

    assert answer.returncode == 0, answer.stderr
    assert machine.called("-m venv --clear")


def test_a_checkout_that_was_moved_gets_a_new_environment(machine: Machine):
    machine.run("fleetapp", "status")
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("elsewhere"))
    before = len(machine.log)

    machine.run("fleetapp", "status")

    assert [line for line in machine.log[before:] if "-m venv --clear" in line]


def test_a_folder_that_is_no_environment_is_never_cleared(machine: Machine):
    precious = machine.checkout.parent / "precious"
    precious.mkdir()
    (precious / "thesis.txt").touch()

    answer = machine.run("fleetapp", "status", FLEETAPP_VENV=str(precious))

    assert answer.returncode == 2
    assert (precious / "thesis.txt").exists()


def test_mutants_get_the_tools_of_development_and_seeds_do_without(machine: Machine):
    machine.run("endure", "--seeds", "3")
    plain = len(machine.log)
    assert machine.called("venv-python -m fleetapp.simulation.endure --seeds 3")
    assert not machine.called("[dev]")

    machine.run("endure", "--mutants", "20", "--first", "5")

    later = machine.log[plain:]
    assert [line for line in later if line.endswith("[dev]")]
    assert later[-1] == "venv-python packaging/mutants.py --mutants 20 --first 5"
