"""Settings of the application under test: a data folder of the run's own, and no other database."""

import os
import tempfile

os.environ["KIZUNA_HOME"] = tempfile.mkdtemp(prefix="kizuna-test-")
if not os.environ.get("KIZUNA_TEST_DATABASE_URL"):
    os.environ.pop("DATABASE_URL", None)

from kizuna.web.settings import *  # noqa: F403

if os.environ.get("KIZUNA_TEST_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ["KIZUNA_TEST_TEMPLATE"]}  # noqa: F405

# the real hashers are slow by design; people of tests sign in by the hundred
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
