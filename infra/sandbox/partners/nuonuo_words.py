"""How Nuonuo says no."""


class Refusal(Exception):
    """Nuonuo says no, with its own code."""

    def __init__(self, code: str, describe: str) -> None:
        super().__init__(describe)
        self.code = code
        self.describe = describe
