"""Hugging Face: searching, listing, headers before a download, downloads, uploads, tokens.

Everything the hub answers is foreign: names are checked, texts bounded and shown as plain text.
`huggingface_hub` is imported by the first question only.
"""

import os

# `huggingface_hub` reads these once, when it is imported, and this runs before any module of the
# package can do that: no second transfer protocol beside ours, nothing told about the user, no
# token that was not given for the very call, no bars drawn over ours.
os.environ.update(
    HF_HUB_DISABLE_XET="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_DISABLE_IMPLICIT_TOKEN="1",  # noqa: S106 (a switch)
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    HF_HUB_DISABLE_UPDATE_CHECK="1",
)
