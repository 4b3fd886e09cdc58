"""Reads the mails that the demo's mail room has for somebody."""

import re

_PATIENCE = 400


class Letters:
    """What the demo's mail room has for somebody; what lies there already is left out."""

    def __init__(self, page, url, who):
        self.request = page.request
        self.url = url
        self.who = who
        self.seen = set(self._ids())

    def _ids(self):
        room = self.request.get(f"{self.url}/-/mail").text()
        return re.findall(rf'mail=(\d+)"[^\n]*{re.escape(self.who.email)}', room)

    def next(self):
        """Wait for the next letter and return its page."""
        for _ in range(_PATIENCE):
            new = set(self._ids()) - self.seen
            if new:
                first = min(new)
                self.seen.add(first)
                return self.request.get(f"{self.url}/-/mail/letter?mail={first}").text()
        raise AssertionError("no letter came")

    def next_invitation(self):
        """Wait for the next letter, and return it and the link that it invites by."""
        letter = self.next()
        return letter, re.search(r'href="([^"]+/i/[^"]+)"', letter)[1]
