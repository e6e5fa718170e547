"""Settings of the workers that tests start: the application's own, at a quicker pace."""

import json
import os

from kizuna.web.settings import *  # noqa: F403
from kizuna.web.settings import TASKS

TASKS["default"]["OPTIONS"] = json.loads(os.environ.get("JOB_TEST_PACE", "{}"))
