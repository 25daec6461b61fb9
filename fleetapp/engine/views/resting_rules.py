"""What does not happen while a rule about the whole fleet rests, in words for people."""

from collections.abc import Mapping

WITHOUT: Mapping[str, str] = {
    "settle": "Nothing is decided but the answers to messages and commands",
    "place_again": "Robots that left the lanes are not placed again",
    "let_go_on": "Robots that stand for another one off its way are not let go on",
    "judge_loads": "Nobody is told of loads that are not where their robots say",
    "conclude_loads": "Tasks whose pick failed stay where they are",
    "leave_lines": "Robots that stand in line for a kept place keep their tasks",
    "match_tasks": "No task is given to a robot",
    "next_legs": "No robot gets the next part of its task",
    "send_idle": "Idle robots are sent neither to charge nor to park",
    "release_bases": "No robot is let drive any further",
    "end_questions": "Questions about what is gone stay open",
    "end_pause_alarms": "Alarms about stops and holds that are over do not end",
    "name_waits": "Why robots wait is not said",
    "judge_long_waits": "Nobody is told of robots that wait for long",
    "alarm_failed_tasks": "Nobody is told of tasks that failed",
    "judge_rule_alarms": "Alarms about rules that failed do not end",
}


def without(rule: str) -> str:
    """What does not happen; a rule that older records name by its own name."""
    return WITHOUT.get(rule, f"The rule {rule} rests")
