"""How long generation steps take, and how much of that llama.cpp works."""

from array import array
from time import perf_counter


class StepClock:
    """Measures steps: what lies between `enter` and `leave` is time inside llama.cpp.

    Attributes:
        library_s: Time inside llama.cpp, over all finished steps.
        step_s: Time of all finished steps.
        shares: Of each finished step, the share inside llama.cpp.

    Thread: the engine thread.
    """

    def __init__(self, shares: "array[float]") -> None:
        self.library_s = 0.0
        self.step_s = 0.0
        self.shares = shares
        self._inside_s = 0.0
        self._began = self._entered = perf_counter()

    def enter(self) -> None:
        """A call into llama.cpp begins."""
        self._entered = perf_counter()

    def leave(self) -> None:
        """The call has come back."""
        self._inside_s += perf_counter() - self._entered

    def finish_step(self) -> None:
        """One token is chosen, told and computed; the next step begins."""
        now = perf_counter()
        length_s = now - self._began
        self.library_s += self._inside_s
        self.step_s += length_s
        self.shares.append(self._inside_s / length_s)
        self._inside_s, self._began = 0.0, now
