"""How the vectors of a text's tokens become one."""

from enum import StrEnum


class Pooling(StrEnum):
    """Which vector stands for a text."""

    NONE = "none"  # one vector for each token
    MEAN = "mean"
    CLS = "cls"  # that of the first token
    LAST = "last"  # that of the last token
    RANK = "rank"  # scores of a model that ranks
