"""Small mistakes that are laid into the program: which there are, which are drawn, who notices.

The judge is asked about a program of its own: three functions and their tests in a folder.
"""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

from mutants import matched_by, reasons  # noqa: E402
from mutation_draw import all_mutations, draw, named, target_files  # noqa: E402
from mutation_edits import Operator  # noqa: E402
from mutation_sites import mutations  # noqa: E402

FILES = target_files(ROOT)


def mistakes(body: str, operator: Operator | None = None) -> set[str]:
    """What the lines of a function can be turned into."""
    text = "def rule(a, b, robot, draft):\n" + textwrap.indent(textwrap.dedent(body), "    ")
    found = [m for m in mutations("fleetapp/core/rule.py", text) if m.is_a_program(text)]
    return {m.after for m in found if operator is None or m.operator == operator}


@pytest.mark.parametrize(
    ("line", "operator", "turned"),
    [
        ("return a < b", Operator.COMPARE, {"return a <= b"}),
        ("return a <= b", Operator.COMPARE, {"return a < b"}),
        ("return a > b", Operator.COMPARE, {"return a >= b"}),
        ("return (a) >= (b)", Operator.COMPARE, {"return (a) > (b)"}),
        ("return a == b", Operator.COMPARE, {"return a != b"}),
        ("return a != b", Operator.COMPARE, {"return a == b"}),
        ("return a is b", Operator.COMPARE, {"return a is not b"}),
        ("return a is not b", Operator.COMPARE, {"return a is b"}),
        ("return a in b", Operator.COMPARE, {"return a not in b"}),
        ("return a not in b", Operator.COMPARE, {"return a in b"}),
        ("return 0 < a <= b", Operator.COMPARE, {"return 0 <= a <= b", "return 0 < a < b"}),
        ("return a if b else robot", Operator.NEGATE, {"return a if (not (b)) else robot"}),
        ("return not a", Operator.NEGATE, {"return a"}),
        (
            "return [a for a in b if a.ok]",
            Operator.NEGATE,
            {"return [a for a in b if (not (a.ok))]"},
        ),
        ("robot.stop()", Operator.DROP_STATEMENT, {"pass"}),
        ("return a", Operator.DROP_STATEMENT, {"pass"}),
        ("raise ValueError(a < 3 and b)", None, {"pass"}),
        ("a += b", Operator.DROP_STATEMENT, {"pass"}),
        ("return b[1]", Operator.OFF_BY_ONE, {"return b[2]", "return b[0]"}),
        ("return a + 30_000", Operator.OFF_BY_ONE, {"return a + 60_000"}),
        ("return a and b", Operator.AND_OR, {"return a or b"}),
        ("return a or b", Operator.AND_OR, {"return a and b"}),
        ("return True", Operator.TRUE_FALSE, {"return False"}),
        ("return a(held=False)", Operator.TRUE_FALSE, {"return a(held=True)"}),
        (
            "return replace(robot, held=a, silent=b)",
            Operator.DROP_CHANGE,
            {"return replace(robot, silent=b)", "return replace(robot, held=a)"},
        ),
        ("draft.change_robot(a, held=b)", Operator.DROP_CHANGE, {"draft.change_robot(a)"}),
    ],
)
def test_a_line_is_turned_into_the_mistakes_of_its_kind(line, operator, turned):
    assert mistakes(line, operator) == turned


@pytest.mark.parametrize(
    "line",
    [
        '"""Says 1 < 2 and True."""',
        'log.warning("more than %d", 3)',
        "logging.getLogger(a).info(1 < 2)",
        "assert_never(a)",
        'return f"{a + 1} and {b if a else robot}"',
        "__all__ = [1]",
        "kept: dict[int, a if b else 3]",
    ],
)
def test_what_nobody_could_notice_is_left_as_it_is(line):
    assert mistakes(line) <= {"pass"} if line.startswith("return") else not mistakes(line)


def test_the_only_value_of_a_name_stays_and_one_of_two_may_go():
    once = mistakes("road = a\nreturn road", Operator.DROP_STATEMENT)
    twice = mistakes("road = a\nif b:\n    road = b\nreturn road", Operator.DROP_STATEMENT)

    assert once == {"pass"}  # the answer alone
    text = "def rule(a):\n    road = a\n    return road\n"
    assert [m.line for m in mutations("fleetapp/x.py", text) if m.after == "pass"] == [3]
    assert twice == {"pass"}


def test_an_answer_of_none_at_the_end_stays_and_one_in_between_may_go():
    assert not mistakes("return None", Operator.DROP_STATEMENT)
    assert not mistakes("return False", Operator.DROP_STATEMENT)
    assert mistakes("if a:\n    return None\nreturn b", Operator.DROP_STATEMENT) == {"pass"}


def test_a_mistake_tells_its_line_and_leaves_all_other_text():
    text = 'UMLAUT = "ü"\n\n\ndef rule(a):\n    """Why."""\n    return "ü", a < 3  # as ever\n'

    (mutant,) = [m for m in mutations("fleetapp/core/r.py", text) if m.operator == "compare"]

    assert mutant.made_in(text) == text.replace("a < 3", "a <= 3")
    assert (mutant.line, mutant.function, mutant.module) == (6, "rule", "fleetapp.core.r")


def test_the_same_numbers_draw_the_same_mistakes():
    pool = all_mutations(ROOT, FILES[:12])

    first = draw(ROOT, pool, range(5, 15))
    second = draw(ROOT, pool, range(5, 15))

    assert first == second
    assert len({one.mutant.key for one in first}) == 10


def test_a_number_draws_the_same_when_other_files_are_added():
    few, more = all_mutations(ROOT, FILES[:20]), all_mutations(ROOT, FILES[:22])

    before = {one.mutant.key for one in draw(ROOT, few, range(1, 41))}
    after = {one.mutant.key for one in draw(ROOT, more, range(1, 41))}

    known = {mutant.key for mutant in few}
    assert after & known <= before
    assert len(after & before) > 20


def test_every_mistake_that_is_drawn_is_a_program():
    pool = all_mutations(ROOT, FILES)

    for one in draw(ROOT, pool, range(1, 60)):
        assert one.mutant.is_a_program((ROOT / one.mutant.file).read_text("utf-8"))


def test_the_named_mistakes_fit_the_program_as_it_is():
    assert len(named(ROOT)) >= 4


def test_every_explanation_is_about_a_mistake_that_can_be_drawn():
    drawable = {matched_by(mutant) for mutant in all_mutations(ROOT, FILES)}

    assert sorted(set(reasons(ROOT)) - drawable) == []


# --- Who notices -----------------------------------------------------------

PROGRAM = '''
"""A rule."""


def may_go(held: bool, charge: int) -> bool:
    """Whether it may."""
    if held:
        return False
    return charge > 3


def never_asked(charge: int) -> int:
    """Nobody looks."""
    while charge > 0:
        charge -= 1
    return charge


def seldom_asked(charge: int) -> bool:
    """Whether it is full."""
    return charge > 90


def often_asked(charge: int) -> bool:
    """Whether it is empty."""
    return charge < 2


STEPS = {"go": 4}
'''
FLAKY_TESTS = """
from pathlib import Path

from fleetapp.safety.rule import seldom_asked

RUNS = Path(__file__).with_name("runs")


def test_it_fails_in_its_second_run():
    seldom_asked(5)
    with RUNS.open("a") as file:
        file.write("x")
    assert len(RUNS.read_text()) != 2
"""
LOADS_ONCE = """
from pathlib import Path

from fleetapp.safety.rule import often_asked

LOADED = Path(__file__).with_name("loaded")
assert not LOADED.exists()
LOADED.touch()


def test_it_was_loaded():
    often_asked(5)
"""
TESTS = """
from fleetapp.safety.rule import STEPS, may_go, never_asked, often_asked


def test_a_held_robot_stays():
    assert not may_go(True, 9)


def test_a_robot_with_charge_goes():
    assert may_go(False, 9)


def test_it_ends():
    never_asked(2)


def test_nothing():
    often_asked(5)


def test_steps():
    assert STEPS == {"go": 4}
"""
ASK = """
import json, sys
from pathlib import Path
from mutation_map import line_map
from mutation_judge import Court, judge, prepare
from mutation_sites import mutations

root, asked = Path(sys.argv[1]), sys.argv[2].splitlines()
file = "fleetapp/safety/rule.py"
prepare(root)
tests = line_map(root, (file,), older=False)
found = {}
for mutant in mutations(file, (root / file).read_text()):
    text = f"{mutant.before} => {mutant.after}"
    if text in asked:
        chosen = tests.tests_for(mutant)
        answer = judge(Court(root, budget_s=20), mutant, chosen)
        found[text] = [answer.verdict, answer.by, len(chosen)]
print(json.dumps(found))
"""


TURNED = "if held: => if (not (held)):"
BOUND = "return charge > 3 => return charge >= 3"
ENDLESS = "charge -= 1 => pass"
UNSEEN = "return charge => pass"
FLAKY = "return charge > 90 => return charge >= 90"
UNLOADED = "return charge < 2 => return charge <= 2"
TABLE = 'STEPS = {"go": 4} => STEPS = {"go": 5}'
ASKED = (TURNED, BOUND, ENDLESS, UNSEEN, FLAKY, UNLOADED, TABLE)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """What a program of its own says to mistakes that are made in it."""
    folder = tmp_path_factory.mktemp("program")
    for name in ("fleetapp", "fleetapp/safety", "tests", "tests/safety"):
        (folder / name).mkdir()
    for name in ("fleetapp", "fleetapp/safety"):
        (folder / name / "__init__.py").touch()
    (folder / "fleetapp/safety/rule.py").write_text(PROGRAM)
    (folder / "tests/safety/test_rule.py").write_text(TESTS)
    (folder / "tests/safety/test_flaky.py").write_text(FLAKY_TESTS)
    (folder / "tests/safety/test_loads_once.py").write_text(LOADS_ONCE)
    (folder / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npythonpath = ["."]\n'
        'filterwarnings = ["error"]\naddopts = "--import-mode=importlib --strict-config"\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(folder), "\n".join(ASKED)],
        env={"PYTHONPATH": f"{ROOT / 'packaging'}:{':'.join(sys.path)}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_mistake_that_a_test_sees_is_caught_by_its_name(verdicts):
    verdict, by, chosen = verdicts[TURNED]

    assert verdict == "caught"
    assert by.startswith("tests/safety/test_rule.py::test_a_")
    assert chosen == 2


def test_a_mistake_that_no_test_sees_survives(verdicts):
    assert verdicts[BOUND] == ["survived", "", 1]


def test_a_mistake_that_never_ends_is_caught_by_the_time(verdicts):
    verdict, by, _ = verdicts[ENDLESS]

    assert (verdict, by) == ("caught", "tests/safety/test_rule.py::test_it_ends")


def test_an_answer_that_nobody_looks_at_is_found(verdicts):
    assert verdicts[UNSEEN][0] == "survived"


def test_a_test_that_fails_now_and_then_notices_nothing(verdicts):
    assert verdicts[FLAKY] == ["survived", "", 1]


def test_a_file_of_tests_that_does_not_load_anyway_notices_nothing(verdicts):
    assert verdicts[UNLOADED] == ["survived", "", 2]


def test_a_mistake_in_a_table_is_caught_by_a_test_that_runs_no_line_of_it(verdicts):
    verdict, by, _ = verdicts[TABLE]

    assert (verdict, by) == ("caught", "tests/safety/test_rule.py::test_steps")
