"""Where services come from besides the embedded directory. Nothing here knows Rasa, channels or a person."""
