"""Pages that need no script: the conversation as a form, the topics, safe use, accessibility."""
