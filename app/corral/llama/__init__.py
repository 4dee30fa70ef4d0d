"""The only room that imports `llama_cpp`: its ctypes surface, made safe to call. No threads."""
