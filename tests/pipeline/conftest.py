"""The engines that golden tests run on: DuckDB always, Spark where it can exist."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from kizuna.pipeline.engine import Engine

NO_SPARK = "pyspark is not installed: to enable, make spark"
NO_JAVA = "no Java: to enable, install a Java 17 runtime, e.g. apt install openjdk-17-jre-headless"


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A Spark session, started once."""
    if shutil.which("java") is None:
        pytest.skip(NO_JAVA)
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip(NO_SPARK)
    from pipeline import spark_engine

    session = spark_engine.start()
    yield session
    session.stop()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Any:
    """An empty engine."""
    if request.param == "duckdb":
        return Engine(threads=2)
    session = request.getfixturevalue("spark")
    from pipeline.spark_engine import SparkEngine

    return SparkEngine(session)
