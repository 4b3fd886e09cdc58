"""Signing out everywhere ends one's own sessions, all of them, and nobody else's."""

from .conftest import PASSWORD


async def test_all_own_sessions_end_and_those_of_others_go_on(town, visitor, sessions):
    here, there, ben = visitor(), visitor(), visitor()
    for client, email in (
        (here, "ana@ana.example"),
        (there, "ana@ana.example"),
        (ben, "ben@ben.example"),
    ):
        await client.sign_in(email, PASSWORD)

    answer = await here.submit("/profile/devices/close-all", page="/profile")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    for client in (here, there):
        assert (await client.get("/profile")).status_code == 303
    assert (await ben.get("/profile")).status_code == 200
    assert await sessions() == 1
