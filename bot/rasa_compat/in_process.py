"""Actions inside Rasa's own process: an endpoint that calls the SDK executor (rasa-facts B5)."""

from __future__ import annotations

import json
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException


class InProcessEndpoint(EndpointConfig):
    """Answers what an action server would answer, without HTTP.

    Holds actions it is given as instances, so the composition root decides what they know.
    """

    # its actions are called with what they read (bot/rasa_compat/remote_actions.py)
    lean = True

    def __init__(self, actions: list[Any]) -> None:
        # selective_domain: no action asks for the domain, so it is not serialised per call
        super().__init__(url="in-process:", enable_selective_domain=True)
        self.executor = ActionExecutor()
        for action in actions:
            self.executor.register_action(action)

    async def request(self, method: str = "post", *_: Any, **kwargs: Any) -> Any:
        """Run `kwargs["json"]["next_action"]`; errors take the shape RemoteAction expects from HTTP."""
        body = kwargs["json"]
        try:
            return await self.executor.run(body)
        except ActionExecutionRejection as exc:
            text = json.dumps({"error": exc.message, "action_name": exc.action_name})
            raise ClientResponseError(400, exc.message, text) from exc
        except ActionNotFoundException as exc:
            text = json.dumps({"error": exc.message, "action_name": exc.action_name})
            raise ClientResponseError(404, exc.message, text) from exc
