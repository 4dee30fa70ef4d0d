"""The Modelfile tab: an editor that knows the language, its problems, and the model it makes."""
