"""What operators see and need: numbers to watch, readiness, logs, damaged files, the inspection of an installation."""
