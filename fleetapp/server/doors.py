"""Who is asking: tokens, signatures for one act, and answers for those who may not.

Which role may give which command is decided in `fleetapp.access`, once, by the
core; here stand only the doors of what never reaches the core.
"""

import re
import secrets
from dataclasses import dataclass

from fastapi import HTTPException, Request

from fleetapp.api.commands import Person
from fleetapp.api.service import FleetService
from fleetapp.server.users import Users, UsersError
from fleetapp.terms import actors
from fleetapp.terms.modes import Role

LOCAL = Person(actors.LOCAL, Role.OPERATOR, signed_in=False)
# What may be part of an MQTT topic and a broker's user name; "/" parts the two.
ROBOT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}/[A-Za-z0-9_.:-]{1,64}")


def token_of(request: Request) -> str:
    """The bearer token of a request, "" if it has none."""
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip()


@dataclass(frozen=True, slots=True)
class Doors:
    """The run file's token and the people."""

    token: str
    users: Users

    def person(self, request: Request) -> Person:
        """Who sends this request.

        Raises:
            HTTPException: 401 without a valid token.
        """
        return self.person_of(token_of(request))

    def person_of(self, token: str) -> Person:
        """Who holds this token.

        Raises:
            HTTPException: 401 if nobody does.
        """
        if secrets.compare_digest(token.encode(), self.token.encode()):
            return LOCAL
        person = self.users.person_of(token)
        if person is None:
            raise HTTPException(401, "no valid token: sign in, or use the run file's token")
        return person

    def supervisor(self, request: Request) -> Person:
        """The signed-in supervisor who sends this request.

        Raises:
            HTTPException: 401 without a valid token, 403 for anybody else.
        """
        person = self.person(request)
        self.must_be_supervisor(person)
        return person

    @staticmethod
    def must_be_supervisor(person: Person) -> None:
        """Stop anybody but a signed-in supervisor.

        Raises:
            HTTPException: 403 with the remedy.
        """
        if not person.signed_in or person.role is not Role.SUPERVISOR:
            raise HTTPException(403, "only a signed-in supervisor may do this: sign in first")

    @staticmethod
    def must_be_robot_id(robot_id: str) -> None:
        """Stop what could not be the id of a robot.

        Raises:
            HTTPException: 422 with the remedy.
        """
        if not ROBOT_ID.fullmatch(robot_id):
            raise HTTPException(
                422,
                f"robot id {robot_id[:130]!r} is not MAKER/SERIAL: use letters, digits and _.:-",
            )

    def signed(self, signature: object, service: FleetService) -> Person:
        """The person who signs for one act; slow, for a worker thread.

        Raises:
            HTTPException: 422 if it is no signature, 403 if it is wrong.
        """
        name = signature.get("name") if isinstance(signature, dict) else None
        password = signature.get("password") if isinstance(signature, dict) else None
        if not isinstance(name, str) or not isinstance(password, str):
            raise HTTPException(422, 'signature is not {"name": text, "password": text}')
        try:
            person = self.users.check(name, password)
        except UsersError as error:
            raise HTTPException(403, str(error)) from error
        if person is None:
            service.signed_in(LOCAL, f"signature as {name[:64]!r} refused")
            raise HTTPException(403, "name or password of the signature are wrong: try again")
        return person
