"""The keys of a GGUF header that the formulas share, with llama.cpp's own defaults."""

from corral.gguf.header import MAX_BLOCKS, ArrayValue, Header


class Keys:
    """A header as the formulas see it.

    Attributes:
        header: The header itself.
        count: Blocks in the file.
        own_count: Blocks without those that only predict further tokens (NextN).
        embedding: Width of the embedding.
        heads: Attention heads of each block.
        kv_heads: Heads of keys and values of each block.
        key_length: Width of one head's keys.
        value_length: Width of one head's values.
    """

    def __init__(self, header: Header) -> None:
        self.header = header
        self.count = min(max(header.block_count, 0), MAX_BLOCKS)
        self.own_count = self.count - self.integer("nextn_predict_layers")
        self.embedding = header.embedding_length
        self.heads = header.per_layer("attention.head_count", 0)
        kv_heads = header.per_layer("attention.head_count_kv", -1)
        self.kv_heads = self.heads if -1 in kv_heads else kv_heads
        head = self.embedding // (self.first_heads or max(self.heads, default=0) or 1)
        self.key_length = self.integer("attention.key_length", head)
        self.value_length = self.integer("attention.value_length", head)

    @property
    def first_heads(self) -> int:
        """Heads of the first block, which llama.cpp takes for the whole model."""
        return self.heads[0] if self.heads else 0

    def integer(self, key: str, default: int = 0) -> int:
        """Return a whole number of the architecture's keys, `default` if it is not there."""
        return self.header.arch_value(key, default)

    def array(self, key: str) -> tuple[int, ...] | None:
        """Return a list of whole numbers or flags, None if the file holds no list."""
        value = self.header.metadata.get(f"{self.header.architecture}.{key}")
        if not isinstance(value, ArrayValue) or value.values is None:
            return None
        return tuple(int(x) for x in value.values)

    def flags(self, key: str, missing: int) -> list[bool] | None:
        """Return a list as one flag for each block, `missing` for those it does not reach."""
        values = self.array(key)
        if values is None:
            return None
        padding = (missing,) * (self.count - len(values))
        return [bool(x) for x in (*values, *padding)[: self.count]]
