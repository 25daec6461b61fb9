"""What the tables say, each step: disjoint floor, tasks in one place, nothing left behind.

Each property is a small function from a state to what is wrong.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from fleetapp.core.floor import resources_ahead
from fleetapp.core.state import CLOSED_REVIEWS_KEPT, COMMANDS_KEPT, ENDED_TASKS_KEPT, State
from fleetapp.tasks.task import is_open
from fleetapp.terms.modes import TaskState

WITH_ROBOT = frozenset(
    {
        TaskState.ASSIGNED,
        TaskState.DRIVING_TO_PICK,
        TaskState.LOOKING,
        TaskState.IN_REVIEW,
        TaskState.PICKING,
        TaskState.CARRYING,
        TaskState.DROPPING,
        TaskState.RETURNING,
    }
)

Wrong = Iterator[tuple[str, str]]  # subject, story


def floor_of_two(state: State) -> Wrong:
    """I1: what two robots own does not exclude each other."""
    reach_of = state.floor.masks.reach
    own: dict[str, int] = {}
    reach: dict[str, int] = {}
    for resource, owner in state.owners.items():
        own[owner] = own.get(owner, 0) | 1 << resource
        reach[owner] = reach.get(owner, 0) | reach_of[resource]
    for owner, other in combinations(sorted(own), 2):
        both = reach[owner] & own[other]
        if both:
            resource = both.bit_length() - 1
            yield f"{owner}+{other}", f"{other} owns {resource}, which {owner}'s floor excludes"


def base_is_owned(state: State) -> Wrong:
    """I1: each released base ahead lies in its robot's own floor."""
    for order in state.orders.values():
        missing = [
            r
            for r in resources_ahead(state.floor, order, order.passed)
            if state.owners.get(r) != order.robot_id
        ]
        if missing:
            yield order.robot_id, f"order {order.order_id} is released over {missing}, not its own"


def tasks_in_one_place(state: State) -> Wrong:
    """I3: a task under way has one robot and that robot this task; others have none."""
    having = Counter(r.task_id for r in state.robots.values() if r.task_id is not None)
    for task_id, count in having.items():
        if count > 1:
            yield task_id, f"{count} robots have it"
    for task in state.tasks.values():
        robot = state.robots.get(task.robot_id or "")
        if task.state in WITH_ROBOT and (robot is None or robot.task_id != task.task_id):
            yield task.task_id, f"is {task.state.value} with {task.robot_id}, which has another"
        if task.state not in WITH_ROBOT and task.task_id in having:
            yield task.task_id, f"is {task.state.value}, and a robot has it"


def orders_have_robots(state: State) -> Wrong:
    """An order is the order of its robot, and a plan the plan of one."""
    for order in state.orders.values():
        if state.robots[order.robot_id].order_id != order.order_id:
            yield order.order_id, f"is no more the order of {order.robot_id}"
    for plan in state.plans.values():
        if state.robots[plan.robot_id].plan_id != plan.problem_id:
            yield plan.robot_id, f"plan {plan.problem_id} is left behind"
    for robot in state.robots.values():
        if robot.order_id is not None and robot.order_id not in state.orders:
            yield robot.robot_id, f"has order {robot.order_id}, which there is not"
        if robot.plan_id is not None and robot.plan_id not in state.plans:
            yield robot.robot_id, f"has plan {robot.plan_id}, which there is not"


def reviews_have_subjects(state: State) -> Wrong:
    """An open question ends with its task and its hold."""
    for review_id, review in state.reviews.items():
        if review.closed is not None:
            continue
        task = state.tasks.get(review.asked.task_id)
        if task is None or task.state is not TaskState.IN_REVIEW:
            at = task.state.value if task is not None else "forgotten"
            yield review_id, f"is open, and its task is {at}"


def looks_have_tasks(state: State) -> Wrong:
    """A look is at the package of the robot's task."""
    for robot in state.robots.values():
        if robot.look is not None and robot.look.task_id != robot.task_id:
            yield robot.robot_id, f"looks for {robot.look.task_id}, its task is {robot.task_id}"


def waits_have_work(state: State) -> Wrong:
    """A robot without work, or held, waits for nothing."""
    for robot in state.robots.values():
        idle = robot.task_id is None and robot.order_id is None and not robot.stray_id
        if robot.wait is not None and idle and robot.admitted:
            yield robot.robot_id, f"waits for {robot.wait.cause.value} and has nothing to do"


def tables_are_bounded(state: State) -> Wrong:
    """I10: no table grows beyond what it is about."""
    robots = len(state.robots)
    opened = sum(1 for task in state.tasks.values() if is_open(task))
    closed = sum(1 for review in state.reviews.values() if review.closed is not None)
    sizes = (
        ("orders", len(state.orders), robots),
        ("plans", len(state.plans), robots),
        ("ended tasks", len(state.tasks) - opened, ENDED_TASKS_KEPT),
        ("open reviews", len(state.reviews) - closed, robots),
        ("closed reviews", closed, CLOSED_REVIEWS_KEPT),
        ("commands", len(state.commands), COMMANDS_KEPT),
        ("assignments", len(state.assigned), len(state.tasks)),
        ("task rows", len(set(state.task_rows) - set(state.tasks)), 0),
        ("robot rows", len(state.robot_rows), robots),
    )
    for name, size, most in sizes:
        if size > most:
            yield name, f"{size} {name}, at most {most} make sense"


STATE_PROPERTIES: Mapping[str, Callable[[State], Wrong]] = {
    "I1 disjoint floor": floor_of_two,
    "I1 base is owned": base_is_owned,
    "I3 one place": tasks_in_one_place,
    "orders have robots": orders_have_robots,
    "reviews have subjects": reviews_have_subjects,
    "looks have tasks": looks_have_tasks,
    "waits have work": waits_have_work,
    "I10 bounded": tables_are_bounded,
}
# The tables that each property reads: it is asked only when one of them changed.
READS: Mapping[str, tuple[str, ...]] = {
    "I1 disjoint floor": ("owners",),
    "I1 base is owned": ("orders", "owners"),
    "I3 one place": ("robots", "tasks"),
    "orders have robots": ("orders", "robots", "plans"),
    "reviews have subjects": ("reviews", "tasks"),
    "looks have tasks": ("robots",),
    "waits have work": ("robots",),
    "I10 bounded": ("tasks", "reviews", "commands", "plans"),
}


def broken_books(before: State | None, state: State) -> Iterator[tuple[str, str, str]]:
    """Invariant, subject and story of what the tables say wrong, if they changed."""
    for name, wrong_in in STATE_PROPERTIES.items():
        changed = before is None or any(
            getattr(before, table) is not getattr(state, table) for table in READS[name]
        )
        if changed:
            for subject, story in wrong_in(state):
                yield name, subject, story
