"""A store with very many models, written as files: quicker than making each."""

import shutil

from corral.places import Places

FAMILIES = ("llama", "qwen", "gemma", "mistral", "phi")


def stock_many(places: Places, source: str, n_models: int) -> list[str]:
    """Give a stored model many more names.

    Args:
        places: The home.
        source: A model of the store, "name:tag".
        n_models: How many names.

    Returns:
        The names.
    """
    root = places.models / "manifests" / "registry.ollama.ai" / "library"
    model, _, tag = source.partition(":")
    names = [f"{FAMILIES[n % len(FAMILIES)]}{n // 100}-{n:04d}" for n in range(n_models)]
    for name in names:
        target = root / name / "latest"
        target.parent.mkdir(parents=True)
        shutil.copyfile(root / model / tag, target)
    return [f"{name}:latest" for name in names]
