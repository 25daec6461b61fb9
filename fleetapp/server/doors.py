"""Who is asking: tokens, signatures for one act, and answers for those who may not."""

import secrets
from dataclasses import dataclass

from fastapi import HTTPException, Request

from fleetapp.api.commands import Person
from fleetapp.server.users import Users, UsersError
from fleetapp.terms.modes import Role

LOCAL = Person("local", Role.OPERATOR, signed_in=False)


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
        header = request.headers.get("authorization", "")
        return self.person_of(header.removeprefix("Bearer ").strip())

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
            HTTPException: 403 for anybody else.
        """
        person = self.person(request)
        if not person.signed_in or person.role is not Role.SUPERVISOR:
            raise HTTPException(403, "only a signed-in supervisor may do this: sign in first")
        return person

    def signer(self, request: Request, signature: dict[str, str] | None) -> Person:
        """Who gives this command: the one who signs for it, else who sends it.

        Raises:
            HTTPException: 403 if the signature is wrong.
        """
        sender = self.person(request)
        if signature is None:
            return sender
        try:
            person = self.users.check(signature.get("name", ""), signature.get("password", ""))
        except UsersError as error:
            raise HTTPException(403, str(error)) from error
        if person is None:
            raise HTTPException(403, "name or password of the signature are wrong: try again")
        return person
