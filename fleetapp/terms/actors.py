"""Who acts in the journal when it is nobody by name, and how people read it."""

LOCAL = "local"  # whoever sits at this computer, by the run file's token alone
NOBODY = "nobody"  # who asked the API without a valid token
ONE_TIME = "demo"  # the supervisor of a demo, by its PIN; gone with its engine


def named(actor: str) -> str:
    """An actor in a sentence: a person by name, or someone at this computer."""
    return "someone at this computer" if actor == LOCAL else actor
