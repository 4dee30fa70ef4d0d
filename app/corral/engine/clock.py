"""How long steps take, and how much of that llama.cpp works."""

from time import perf_counter


class StepClock:
    """Measures steps: what lies between `enter` and `leave` is time inside llama.cpp.

    Attributes:
        inside_s: Time inside llama.cpp since the last step ended.
        inside_last_s: Time between the last `enter` and `leave`.

    Thread: the engine thread.
    """

    def __init__(self) -> None:
        self.inside_s = self.inside_last_s = 0.0
        self._began = self._entered = perf_counter()

    def enter(self) -> None:
        """A call into llama.cpp begins."""
        self._entered = perf_counter()

    def leave(self) -> None:
        """The call has come back."""
        self.inside_last_s = perf_counter() - self._entered
        self.inside_s += self.inside_last_s

    def restart(self) -> None:
        """A step begins now: what lies between it and the last one is nobody's time."""
        self.inside_s, self._began = 0.0, perf_counter()

    def finish_step(self) -> tuple[float, float]:
        """End a step and begin the next; return its time inside llama.cpp and its whole time."""
        now = perf_counter()
        inside_s, length_s = self.inside_s, now - self._began
        self.inside_s, self._began = 0.0, now
        return inside_s, length_s
